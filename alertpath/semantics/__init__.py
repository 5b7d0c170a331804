"""What Alertmanager does with an alert: matching, routing, inhibition, time intervals."""
