"""From a stack and its configuration to Kubernetes objects: pure functions, plain mappings, the same for both deliveries."""
