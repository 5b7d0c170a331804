"""What Alertmanager and the Prometheus Operator accept, by version; it knows nothing of our catalog.

Takes data that were read from YAML, gives a typed `Config`, or Problems where either of the two would refuse it.
An *integration* is one entry of a receiver, such as one of `slack_configs`. *Paging* says which receivers wake people.
"""
