"""How the program reaches a cluster, and how it declares the objects of `alertpath.manifests` there.

Pulumi's Kubernetes SDK is imported where a cluster is reached: rendering files needs none of it. An object's manifest
is the resource's input as it is; the SDK's class of a Secret would do no more, and takes half a second to import.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pulumi

from alertpath.delivery.manifests.common import FIELD_MANAGER_ANNOTATION, Manifest, field_manager
from alertpath.inputs.settings import Cluster
from alertpath.inputs.stack import Stack

if TYPE_CHECKING:
    from pulumi_kubernetes import Provider

# Of the provider, pkg/metadata/annotations.go. It looks at the conditions that an object already has, too: a change of
# an object that has been ready before is waited for only where the controller is quicker to say that it is not.
_WAIT_ANNOTATION: Final = "pulumi.com/waitFor"
# External Secrets tries again after 1, 2, 4, ... seconds; a value that comes later than this is somebody's to mend.
_PATIENCE: Final = "2m"


def cluster_provider(
    name: str, cluster: Cluster, opts: pulumi.ResourceOptions, *, skip_unreachable: bool = False
) -> Provider:
    """The provider of a cluster. Secrets change in place: by default Pulumi deletes and creates them.

    `skip_unreachable`: for reading only, a cluster that does not answer is no error, and what is read has no content.
    """
    from pulumi_kubernetes import Provider

    # Without a kubeconfig the SDK would keep $KUBECONFIG, one machine's path, in the state, where the next machine's is
    # a change of cluster. Given an empty one, the provider looks for the usual places itself.
    given: dict[str, Any] = {"kubeconfig": "", **cluster.model_dump(exclude_none=True)}
    if skip_unreachable:
        given["skip_update_unreachable"] = True
    return Provider(name, enable_server_side_apply=True, enable_secret_mutable=True, opts=opts, **given)


def declare(
    stack: Stack, manifest: Manifest, opts: pulumi.ResourceOptions, *, kept: bool = False, until: str = ""
) -> pulumi.CustomResource:
    """The object as a resource that is called as the object is.

    `kept`: pages depend on it, so it stays when the stack lets go of it, unless the stack's settings say otherwise.
    `until`: the condition that a controller sets once it has done its work; what depends on the object waits for that,
    and without it the update fails.
    """
    name, metadata, opts = _common(stack, manifest, opts, kept)
    if until:
        metadata["annotations"][_WAIT_ANNOTATION] = f"condition={until}"
        patience = pulumi.CustomTimeouts(create=_PATIENCE, update=_PATIENCE)
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(custom_timeouts=patience))
    if manifest["kind"] == "Secret":
        manifest = {**manifest, "data": pulumi.Output.secret(manifest["data"])}
        # What the server answers is as secret as what it was given.
        hidden = pulumi.ResourceOptions(additional_secret_outputs=["data", "stringData"])
        opts = pulumi.ResourceOptions.merge(opts, hidden)
    return pulumi.CustomResource(_type(manifest), name, {**manifest, "metadata": metadata}, opts)


def declare_patch(
    stack: Stack, manifest: Manifest, opts: pulumi.ResourceOptions, *, kept: bool = False, part: str = ""
) -> pulumi.CustomResource:
    """Fields of an object that somebody else made; `kept` as in `declare`.

    `part` distinguishes a second resource with other fields of the same object. Its field manager is one that Pulumi
    draws: the annotation that names a manager is a field too, and cannot name two. So it may not be kept.
    """
    name, metadata, opts = _common(stack, manifest, opts, kept)
    if part:
        name = f"{name}-{part}"
        del metadata["annotations"][FIELD_MANAGER_ANNOTATION]
    return pulumi.CustomResource(f"{_type(manifest)}Patch", name, {**manifest, "metadata": metadata}, opts)


def _type(manifest: Manifest) -> str:
    """The object's type as the provider calls it."""
    version = "core/v1" if manifest["apiVersion"] == "v1" else manifest["apiVersion"]
    return f"kubernetes:{version}:{manifest['kind']}"


def _common(
    stack: Stack, manifest: Manifest, opts: pulumi.ResourceOptions, kept: bool
) -> tuple[str, Any, pulumi.ResourceOptions]:
    metadata: dict[str, Any] = manifest["metadata"]
    annotations = {**metadata.get("annotations", {}), FIELD_MANAGER_ANNOTATION: field_manager(stack)}
    retain = pulumi.ResourceOptions(retain_on_delete=kept and stack.settings.alertmanager.retain)
    return metadata["name"], {**metadata, "annotations": annotations}, pulumi.ResourceOptions.merge(opts, retain)
