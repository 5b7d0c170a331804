"""Alertmanager's configuration from a team's catalog, without an engine: it imports no Pulumi and opens no socket."""
