module alertpath.local/tools/cluster/crds

go 1.26

require (
	github.com/bitnami-labs/sealed-secrets v0.27.1
	github.com/external-secrets/external-secrets v0.19.2
	github.com/prometheus-operator/prometheus-operator v0.85.0
)
