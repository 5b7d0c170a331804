"""`alertpath verify` on a real API server and real Alertmanagers."""
