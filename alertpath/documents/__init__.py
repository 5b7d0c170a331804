"""Files as people write them: YAML with the place of every value, and what is wrong with it.

Takes text, gives data with places and `Problem`s. It also knows what looks like a credential and must not be printed
(`redaction`), and finds the configuration inside of a Secret's manifest. It knows nothing of Alertmanager.
A *place* is the way to a value inside a file: keys and indices.
"""
