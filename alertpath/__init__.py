"""Alertmanager's configuration from a team's catalog, and answers about any configuration; no Pulumi in here.

Its directories are in one order; each imports only from those before it (tests/unit/test_layout.py holds that):
documents, alertmanager, semantics, output, inputs, compiling, delivery, configurations, rules, checks, diff, explain,
expectations, review, cluster, cli. Only `cluster` opens sockets.
"""
