"""Checks of alerting rules against the label standard, and of where their alerts end."""
