"""The objects that bring credentials into the cluster; one object for each Secret, with all its keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from alertpath.delivery.manifests.common import Manifest, manifest
from alertpath.inputs.credentials import Provider, StoredCredential
from alertpath.inputs.stack import Stack

# https://github.com/bitnami-labs/sealed-secrets, pkg/apis/sealedsecrets/v1alpha1/types.go. Without an owner reference
# the Secret outlives the SealedSecret; without `managed` the controller then refuses to update its own Secret.
_SEALED: Final = "sealedsecrets.bitnami.com"
# On Secrets of the other providers too: the controller takes over none without it (pkg/controller/controller.go).
_SEALABLE: Final = {f"{_SEALED}/managed": "true"}
_SEALED_ANNOTATIONS: Final = {f"{_SEALED}/skip-set-owner-references": "true", **_SEALABLE}

DONE: Final[Mapping[str, str]] = {"ExternalSecret": "Ready", "SealedSecret": "Synced"}
"""The condition by which a controller says that it has made an object's Secret, by the object's kind."""


def by_secret(stack: Stack, provider: Provider) -> dict[str, list[StoredCredential]]:
    """The Secrets of a provider and the credentials in each, in order."""
    secrets: dict[str, list[StoredCredential]] = {}
    for credential in sorted(stack.credentials.values(), key=lambda each: (each.secret, each.key)):
        if credential.provider == provider:
            secrets.setdefault(credential.secret, []).append(credential)
    return secrets


def external_secrets(stack: Stack) -> list[Manifest]:
    """The ExternalSecrets."""
    settings = stack.settings.credentials.external_secrets
    if settings is None:
        return []
    objects: list[Manifest] = []
    for secret, credentials in by_secret(stack, "external-secrets").items():
        spec: dict[str, Any] = {
            "refreshPolicy": "Periodic",
            "refreshInterval": settings.refresh_interval,
            "secretStoreRef": {"name": settings.store.name, "kind": settings.store.kind},
            # Orphan and Retain: the Secret outlives the ExternalSecret and a value that vanishes from the store.
            "target": {
                "name": secret,
                "creationPolicy": "Orphan",
                "deletionPolicy": "Retain",
                "template": {"type": "Opaque", "metadata": {"annotations": dict(_SEALABLE)}},
            },
            "data": [_remote(credential) for credential in credentials],
        }
        name = settings.names.get(secret, secret)
        namespace = stack.settings.namespace.name
        objects.append(manifest(settings.api_version, "ExternalSecret", namespace, name, spec=spec))
    return objects


def _remote(credential: StoredCredential) -> dict[str, Any]:
    remote = credential.remote.model_dump(exclude_none=True) if credential.remote else {}
    return {"secretKey": credential.key, "remoteRef": remote}


def vault_store(stack: Stack) -> Manifest | None:
    """The SecretStore that reads from Vault, where the stack declares it and reads from it."""
    settings = stack.settings.credentials.external_secrets
    if settings is None or settings.vault is None or not by_secret(stack, "external-secrets"):
        return None
    vault = settings.vault
    provider = {
        "server": vault.server,
        "path": vault.path,
        "version": vault.version,
        "namespace": vault.namespace,
        "caBundle": vault.ca_bundle,
        "auth": vault.auth,
    }
    spec = {"provider": {"vault": {key: value for key, value in provider.items() if value is not None}}}
    return manifest(settings.api_version, "SecretStore", stack.settings.namespace.name, settings.store.name, spec=spec)


def sealed_secrets(stack: Stack) -> list[Manifest]:
    """The SealedSecrets, of strict scope: a ciphertext is valid only for this namespace and Secret name."""
    namespace = stack.settings.namespace.name
    objects: list[Manifest] = []
    for secret, credentials in by_secret(stack, "sealed-secrets").items():
        template = {
            "type": "Opaque",
            "metadata": {"name": secret, "namespace": namespace, "annotations": dict(_SEALED_ANNOTATIONS)},
        }
        encrypted = {credential.key: credential.sealed for credential in credentials}
        spec = {"encryptedData": encrypted, "template": template}
        objects.append(manifest("bitnami.com/v1alpha1", "SealedSecret", namespace, secret, spec=spec))
    return objects


def plain_secret(stack: Stack, name: str) -> Manifest:
    """A Secret whose data is still to be filled in: never written to a file."""
    secret = manifest("v1", "Secret", stack.settings.namespace.name, name, type="Opaque", data={})
    secret["metadata"]["annotations"] = dict(_SEALABLE)
    return secret
