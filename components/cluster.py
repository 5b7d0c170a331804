"""How components reach a cluster, and how they declare objects there.

Pulumi's Kubernetes SDK is imported where a cluster is reached: rendering files needs none of it. Its own classes are
used where they are free to import. That of a Secret or a Namespace is not (docs/decisions.md), and does no more than
what stands here: their manifest is the resource's input as it is.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, cast, final

import pulumi

from alertpath.delivery.manifests.common import FIELD_MANAGER_ANNOTATION, MANAGERS, Manifest

if TYPE_CHECKING:
    from pulumi_kubernetes import Provider

# Of the provider, pkg/metadata/annotations.go. It looks at the conditions that an object already has, too: a change of
# an object that has been ready before is waited for only where the controller is quicker to say that it is not.
_WAIT_ANNOTATION: Final = "pulumi.com/waitFor"
# External Secrets tries again after 1, 2, 4, ... seconds; a value that comes later than this is somebody's to mend.
PATIENCE: Final = "2m"
CONTENT: Final = re.compile(r"[\n{]|: ")
# A Secret that was retained, and an object that another delivery has made, are there already when they are created.
_UPSERT: Final = "upsert_existing_objects"
OF_PACKAGE: Final = "kubernetes:core/v1:Secret"
After = Sequence[pulumi.Input[pulumi.Resource]]


def cluster_provider(
    name: str,
    opts: pulumi.ResourceOptions | None = None,
    *,
    kubeconfig: pulumi.Input[str] = "",
    context: pulumi.Input[str] | None = None,
    skip_unreachable: bool = False,
) -> Provider:
    """The provider of a cluster. Secrets change in place: by default Pulumi deletes and creates them.

    `kubeconfig`: the path of one, or its content, which is a secret in the state; empty: the usual places.
    `skip_unreachable`: for reading only, a cluster that does not answer is no error, and what is read has no content.
    """
    from pulumi_kubernetes import Provider

    if not isinstance(kubeconfig, str) or CONTENT.search(kubeconfig):
        kubeconfig = pulumi.Output.secret(kubeconfig)
    # Without a kubeconfig the SDK would keep $KUBECONFIG, one machine's path, in the state, where the next machine's is
    # a change of cluster. Given an empty one, the provider looks for the usual places itself.
    given: dict[str, Any] = {"kubeconfig": kubeconfig}
    if context is not None:
        given["context"] = context
    if skip_unreachable:
        given["skip_update_unreachable"] = True
    elif _UPSERT in inspect.signature(cast("Any", Provider)._internal_init).parameters:
        # Since 4.29 the provider refuses to create what exists, unless it is told otherwise.
        given[_UPSERT] = True
    return Provider(name, enable_server_side_apply=True, enable_secret_mutable=True, opts=opts, **given)


def has_provider(component: pulumi.ComponentResource) -> bool:
    """Whether its caller or a parent says which cluster."""
    return component.get_provider(OF_PACKAGE) is not None


@final
class Objects:
    """Declares a component's objects, each called COMPONENT-OBJECT.

    `manager`: the manager of fields that the API server notes; default: alertpath-STACK. `retain`: what pages depend on
    stays when the stack lets go of it. Objects wait for what the component's own `opts.depends_on` names.
    `provider`: of the cluster; a component whose caller and parents name none either gets one of its own.
    """

    def __init__(
        self,
        component: pulumi.ComponentResource,
        opts: pulumi.ResourceOptions | None,
        *,
        manager: str = "",
        retain: bool = True,
        provider: pulumi.ProviderResource | None = None,
    ) -> None:
        self._name: Final[str] = component.pulumi_resource_name
        self._manager = manager or f"{MANAGERS}{pulumi.get_stack()}"
        self._retain = retain
        self._opts = pulumi.ResourceOptions(parent=component, depends_on=opts.depends_on if opts else None)
        if provider is not None:
            self._opts.provider = provider
        elif not has_provider(component):
            self._opts.provider = cluster_provider(self.named("cluster"), pulumi.ResourceOptions(parent=component))

    def named(self, part: str) -> str:
        """What a resource of the component is called."""
        return f"{self._name}-{part}"

    def declare(
        self, manifest: Manifest, after: After = (), *, kept: bool = False, until: str = ""
    ) -> pulumi.CustomResource:
        """The object as a resource.

        `kept`: pages depend on it. `until`: the condition that a controller sets once it has done its work; what
        depends on the object waits for that, and without it the update fails.
        """
        metadata, opts = self._common(manifest, after, kept)
        if until:
            metadata["annotations"][_WAIT_ANNOTATION] = f"condition={until}"
            patience = pulumi.CustomTimeouts(create=PATIENCE, update=PATIENCE)
            opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(custom_timeouts=patience))
        return _resource(self.named(manifest["metadata"]["name"]), {**manifest, "metadata": metadata}, opts)

    def patch(
        self,
        manifest: Manifest,
        after: After = (),
        *,
        kept: bool = False,
        part: str = "",
        ignored: Sequence[str] = (),
    ) -> pulumi.CustomResource:
        """Fields of an object that somebody else made; `kept` as in `declare`. `ignored`: those that stay as they are.

        `part` distinguishes a second resource with other fields of the same object. Its field manager is one that
        Pulumi draws: the annotation that names a manager is a field too, and cannot name two. So it may not be kept.
        """
        from pulumi_kubernetes.apiextensions import CustomResourcePatch

        metadata, opts = self._common(manifest, after, kept)
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(ignore_changes=list(ignored)))
        name = self.named(manifest["metadata"]["name"])
        if part:
            name = f"{name}-{part}"
            del metadata["annotations"][FIELD_MANAGER_ANNOTATION]
        return CustomResourcePatch(
            name, manifest["apiVersion"], manifest["kind"], manifest.get("spec"), metadata, opts=opts
        )

    def _common(self, manifest: Manifest, after: After, kept: bool) -> tuple[Any, pulumi.ResourceOptions]:
        metadata: dict[str, Any] = manifest["metadata"]
        annotations = {**metadata.get("annotations", {}), FIELD_MANAGER_ANNOTATION: self._manager}
        more = pulumi.ResourceOptions(retain_on_delete=kept and self._retain, depends_on=list(after))
        return {**metadata, "annotations": annotations}, pulumi.ResourceOptions.merge(self._opts, more)


def name_of(resource: pulumi.CustomResource) -> pulumi.Output[str]:
    """The object's name, once the cluster has the object."""
    metadata = cast("pulumi.Output[Mapping[str, Any]]", cast("Any", resource).metadata)
    return metadata.apply(lambda known: known["name"])


def _resource(name: str, manifest: Manifest, opts: pulumi.ResourceOptions) -> pulumi.CustomResource:
    kind, metadata, spec = manifest["kind"], manifest["metadata"], manifest.get("spec")
    if manifest["apiVersion"] == "v1":
        if kind == "Secret":
            manifest = {**manifest, "data": pulumi.Output.secret(manifest["data"])}
            # What the server answers is as secret as what it was given.
            hidden = pulumi.ResourceOptions(additional_secret_outputs=["data", "stringData"])
            opts = pulumi.ResourceOptions.merge(opts, hidden)
        return pulumi.CustomResource(f"kubernetes:core/v1:{kind}", name, manifest, opts)
    if kind == "NetworkPolicy":
        from pulumi_kubernetes.networking.v1 import NetworkPolicy

        return NetworkPolicy(name, opts=opts, metadata=metadata, spec=spec)
    from pulumi_kubernetes.apiextensions import CustomResource

    return CustomResource(name, manifest["apiVersion"], kind, spec, metadata, opts=opts)
