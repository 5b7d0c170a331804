// Command pulumi-resource-kubernetes is the Kubernetes provider of Pulumi.
//
// It is upstream's own main. That one cannot be built as a dependency: the two files it embeds are generated, and
// nothing may be added to a module in Go's cache. gotools.py lays them beside this one while it builds.
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version"
)

//go:embed schema.json
var schema []byte

//go:embed terraform-mapping.json
var terraformMapping []byte

func main() {
	provider.Serve("kubernetes", version.Version, schema, terraformMapping)
}
