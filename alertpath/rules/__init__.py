"""Alerting rules as teams write them: PrometheusRule objects and Prometheus' own rule files, with their lines."""

from alertpath.rules.reader import Alert, RuleFiles, Unreadable, read_rules

__all__ = ["Alert", "RuleFiles", "Unreadable", "read_rules"]
