"""Checks of what Alertmanager, the operator and the pods make of a configuration."""
