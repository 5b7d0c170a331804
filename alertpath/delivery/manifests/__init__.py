"""From a stack and its configuration to Kubernetes objects: plain mappings, the same for both deliveries."""
