"""Gets the Pulumi engine and the test tools onto a machine: see README.md."""
