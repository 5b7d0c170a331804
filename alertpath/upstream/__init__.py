"""What Alertmanager and the Prometheus Operator take, by version; it knows nothing of our catalog."""
