"""From a compiled configuration to Kubernetes objects, and to the directory that Argo CD syncs.

Takes a `Compiled`, gives manifests as plain mappings (`manifests`) or files (`render`). `egress` decides what
NetworkPolicies let a pod reach.
"""
