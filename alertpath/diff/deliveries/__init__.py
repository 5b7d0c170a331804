"""What a difference means: who is told no longer, newly, elsewhere, at other times, or is kept silent.

Takes two configurations, gives a `Difference` with classes of alerts, each with its kind and an example.
"""
