"""What Alertmanager does with an alert: matching, routing, inhibition, time intervals.

Takes a typed `Config` and labels or a moment, gives routes, inhibiting rules and hours. It also computes with sets of
alerts: a *label set class* gives each label a set of values, described by words, regexes and automata.
"""
