"""Which alerts fare differently under another configuration: all of them, by class.

Three layers: `conditions` compares lists of conditions and knows nothing of Alertmanager; `deliveries` says what it
means for people when an alert takes another route; `words` writes that down. Takes two configurations, gives a
`Difference`. To *fare* is all that becomes of an alert: who is told, how, when, and what keeps it silent.
"""
