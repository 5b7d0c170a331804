"""The configuration Secret, and how the credentials' Secrets get into the Alertmanager pods."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Final, cast

from alertpath.compiling.compile import CONFIGURATION, Compiled
from alertpath.delivery.manifests.common import MANAGERS, Manifest, field_manager, is_ours, manifest
from alertpath.inputs.stack import Stack

API_VERSION: Final = "monitoring.coreos.com/v1"
# On the Alertmanager object, beside mounts that the stack adds there: the Secrets, separated by commas, that the
# configuration names which was delivered last.
NEEDED_ANNOTATION: Final = "alertpath/needed-secrets"
# Field managers of people and of tools that write once, and of Pulumi before it was told a name.
_PASSING: Final = ("kubectl", "before-first-apply", "pulumi")


def configuration_files(compiled: Compiled) -> dict[str, str]:
    """The keys of the configuration Secret and their text."""
    return {CONFIGURATION: compiled.text, **dict(sorted(compiled.templates.items()))}


def configuration(stack: Stack, compiled: Compiled) -> Manifest:
    """The Secret that the Prometheus Operator reads Alertmanager's configuration from.

    `data`, not `stringData`: the API server never gives the latter back, so nobody would see a change made by hand.
    """
    settings = stack.settings
    data = {key: encoded(text) for key, text in configuration_files(compiled).items()}
    return manifest("v1", "Secret", settings.namespace.name, settings.alertmanager.secret, type="Opaque", data=data)


def encoded(text: str) -> str:
    """A text as a Secret's `data` holds it."""
    return base64.b64encode(text.encode()).decode()


def mounted_secrets(stack: Stack) -> list[str]:
    """The Secrets that the pods need: the operator mounts each at /etc/alertmanager/secrets/NAME."""
    return sorted({credential.secret for credential in stack.credentials.values()})


def alertmanager(stack: Stack) -> Manifest:
    """The whole Alertmanager object."""
    settings = stack.settings.alertmanager
    spec: dict[str, Any] = {
        "replicas": settings.replicas,
        # The operator takes it as the tag of the image, and the images' tags begin with v.
        "version": f"v{stack.settings.versions.alertmanager.removeprefix('v')}",
        "configSecret": settings.secret,
    }
    if settings.external_url:
        spec["externalUrl"] = settings.external_url
    further = dict(settings.spec)
    secrets = sorted({*mounted_secrets(stack), *cast("list[str]", further.pop("secrets", []))})
    spec |= further
    if secrets:
        spec["secrets"] = secrets
    return manifest(API_VERSION, "Alertmanager", stack.settings.namespace.name, settings.name, spec=spec)


def mounts_patch(stack: Stack) -> Manifest:
    """What the stack owns of an Alertmanager object that somebody else made: `spec.secrets`, as a whole."""
    return {**_patch(stack), "spec": {"secrets": mounted_secrets(stack)}}


def needed_patch(stack: Stack) -> Manifest:
    """What the stack notes there once the configuration is delivered; see `mounts_beside`."""
    patch = _patch(stack)
    patch["metadata"]["annotations"] = {NEEDED_ANNOTATION: ",".join(mounted_secrets(stack))}
    return patch


def _patch(stack: Stack) -> Manifest:
    metadata = {"name": stack.settings.alertmanager.name, "namespace": stack.settings.namespace.name}
    return {"apiVersion": API_VERSION, "kind": "Alertmanager", "metadata": metadata}


def mounts_beside(stack: Stack, live: Mapping[str, Any]) -> list[str]:
    """What to mount into this live object: what the stack needs, and what the configuration needs that it replaces.

    That one is in force until the new one is, which comes last and may fail. A later update finds it replaced.
    """
    metadata = cast("Mapping[str, Any]", live.get("metadata") or {})
    spec = cast("Mapping[str, Any]", live.get("spec") or {})
    mounted = set(cast("list[str]", spec.get("secrets") or []))
    annotations = cast("Mapping[str, str]", metadata.get("annotations") or {})
    needed = annotations.get(NEEDED_ANNOTATION)
    return sorted({*mounted_secrets(stack), *(mounted if needed is None else mounted.intersection(needed.split(",")))})


def takeover_faults(stack: Stack, live: Mapping[str, Any]) -> list[str]:
    """Why the stack may not patch this live Alertmanager object, each with what its owner has to do; empty: it may.

    Server-side apply treats `spec.secrets` as one value: https://kubernetes.io/docs/reference/using-api/server-side-apply/.
    Forcing the conflict would take away the Secrets that the other manager mounts.
    """
    settings = stack.settings.alertmanager
    name = f"Alertmanager {stack.settings.namespace.name}/{settings.name}"
    spec = cast("Mapping[str, Any]", live.get("spec") or {})
    faults: list[str] = []
    for owner in owners_of_mounts(stack, live):
        wanted = dict.fromkeys([*spec.get("secrets", []), *mounted_secrets(stack)])
        lines = "".join(f"\n    - {secret}" for secret in wanted)
        faults.append(
            f"{name}: `spec.secrets` belongs to the field manager {owner!r}, and only one may own it.\n"
            f"  Keep these lines in its source, and set `alertmanager.mounts: none`:\n"
            f"  spec:\n    secrets:{lines}\n"
        )
    config_secret = spec.get("configSecret") or f"alertmanager-{settings.name}"
    if config_secret != settings.secret:
        faults.append(
            f"{name}: it reads the Secret {config_secret!r}, this stack writes {settings.secret!r}.\n"
            f"  Set `alertmanager.secret: {config_secret}`, or correct `spec.configSecret` at its owner."
        )
    if "alertmanagerConfiguration" in spec:
        faults.append(
            f"{name}: `spec.alertmanagerConfiguration` makes it ignore every configuration Secret.\n"
            f"  Remove that field at its owner."
        )
    return faults


def owners_of_mounts(stack: Stack, live: Mapping[str, Any]) -> list[str]:
    """The managers of `spec.secrets` from whom the stack may not take it: they mount Secrets of their own there.

    A list that mounts nothing but the stack's own Secrets is taken over, and so is what somebody has changed with
    kubectl since the stack mounted them.
    """
    metadata = cast("Mapping[str, Any]", live.get("metadata") or {})
    needed = cast("Mapping[str, str]", metadata.get("annotations") or {}).get(NEEDED_ANNOTATION)
    known = {*mounted_secrets(stack), *(needed or "").split(",")}
    mounted = set(cast("list[str]", cast("Mapping[str, Any]", live.get("spec") or {}).get("secrets") or []))
    harmless = mounted <= known or is_ours(live)
    return [
        owner
        for owner in writers_of_mounts(stack, live)
        if owner.startswith(MANAGERS) or not (harmless or (needed is not None and owner.startswith(_PASSING)))
    ]


def writers_of_mounts(stack: Stack, live: Mapping[str, Any]) -> list[str]:
    """The managers of `spec.secrets` beside the stack."""
    metadata = cast("Mapping[str, Any]", live.get("metadata") or {})
    entries = cast("list[Mapping[str, Any]]", metadata.get("managedFields") or [])
    found = {entry["manager"] for entry in entries if "f:secrets" in entry.get("fieldsV1", {}).get("f:spec", {})}
    return sorted(found - {field_manager(stack)})
