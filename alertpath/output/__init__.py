"""How answers are written, whatever the question was: classes of alerts in words, findings, machine formats.

Takes what other directories found, gives text that is safe to print.
"""
