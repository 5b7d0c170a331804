// Command pulumi-resource-random is the random provider of Pulumi: Terraform's provider behind Pulumi's bridge.
//
// Upstream's own module is not on the Go module proxy. This one carries what its provider says about tokens and ids;
// the schema is only a name and a version, because SDKs are published already and nothing else asks for it here. The
// module is named as a child of Terraform's provider, because Go lets nobody else import a package below internal/.
package main

import (
	"context"
	"encoding/json"
	"errors"

	pf "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/terraform-providers/terraform-provider-random/internal/provider"
)

const name = "random"

// Set by the linker.
var version string

func main() {
	schema, err := json.Marshal(map[string]string{"name": name, "version": version})
	if err != nil {
		panic(err)
	}
	pf.Main(context.Background(), name, providerInfo(), pf.ProviderMetadata{PackageSchema: schema})
}

func providerInfo() tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		P:                           pf.ShimProvider(provider.New()),
		Name:                        name,
		Version:                     version,
		MetadataInfo:                tfbridge.NewProviderMetadata([]byte("{}")),
		EnableAccurateBridgePreview: true,
		EnableRawStateDelta:         true,
		Resources: map[string]*tfbridge.ResourceInfo{
			"random_bytes": {ComputeID: bytesID},
		},
	}
	info.MustComputeTokens(tokens.SingleModule("random_", "index", func(module, resource string) (string, error) {
		return tokens.MakeStandard(name)(module, "Random"+resource)
	}))
	return info
}

// bytesID gives a RandomBytes its id: the Terraform resource has none.
func bytesID(_ context.Context, state resource.PropertyMap) (resource.ID, error) {
	value := state["base64"]
	if value.IsSecret() {
		value = value.SecretValue().Element
	}
	if !value.IsString() {
		return "", errors.New("RandomBytes has no string property base64")
	}
	return resource.ID(value.StringValue()), nil
}
