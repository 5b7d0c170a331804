"""The objects that bring credentials into the cluster; one object for each Secret, with all its keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from alertpath.delivery.manifests.common import Manifest, manifest
from alertpath.inputs.credentials import ExternalSecrets, Provider, StoredCredential
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
    return [
        external_secret(
            stack.settings.namespace.name,
            secret,
            remote_references(credentials),
            settings,
        )
        for secret, credentials in by_secret(stack, "external-secrets").items()
    ]


def remote_references(credentials: Iterable[StoredCredential]) -> dict[str, dict[str, Any]]:
    """Where the value of each key lies."""
    said = {each.key: vars(each.remote) if each.remote else {} for each in credentials}
    return {key: {name: value for name, value in remote.items() if value is not None} for key, remote in said.items()}


def external_secret(
    namespace: Any, secret: str, remote: Mapping[str, Mapping[str, Any]], settings: ExternalSecrets
) -> Manifest:
    """The ExternalSecret that makes `secret`; `remote`: its keys, and where each value lies."""
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
        "data": [{"secretKey": key, "remoteRef": dict(reference)} for key, reference in remote.items()],
    }
    return manifest(settings.api_version, "ExternalSecret", namespace, settings.names.get(secret, secret), spec=spec)


def vault_store(stack: Stack) -> Manifest | None:
    """The SecretStore that reads from Vault, where the stack declares it and reads from it."""
    settings = stack.settings.credentials.external_secrets
    if settings is None or not by_secret(stack, "external-secrets"):
        return None
    return vault_store_of(stack.settings.namespace.name, settings)


def vault_store_of(namespace: Any, settings: ExternalSecrets) -> Manifest | None:
    """The same for settings alone."""
    if (vault := settings.vault) is None:
        return None
    provider = {
        "server": vault.server,
        "path": vault.path,
        "version": vault.version,
        "namespace": vault.namespace,
        "caBundle": vault.ca_bundle,
        "auth": vault.auth,
    }
    spec = {"provider": {"vault": {key: value for key, value in provider.items() if value is not None}}}
    return manifest(settings.api_version, "SecretStore", namespace, settings.store.name, spec=spec)


def sealed_secrets(stack: Stack) -> list[Manifest]:
    """The SealedSecrets."""
    namespace = stack.settings.namespace.name
    return [
        sealed_secret(namespace, secret, {credential.key: credential.sealed for credential in credentials})
        for secret, credentials in by_secret(stack, "sealed-secrets").items()
    ]


def sealed_secret(namespace: Any, secret: str, encrypted: Mapping[str, Any]) -> Manifest:
    """A SealedSecret of strict scope: a ciphertext is valid only for this namespace and Secret name."""
    template = {
        "type": "Opaque",
        "metadata": {"name": secret, "namespace": namespace, "annotations": dict(_SEALED_ANNOTATIONS)},
    }
    spec = {"encryptedData": dict(encrypted), "template": template}
    return manifest("bitnami.com/v1alpha1", "SealedSecret", namespace, secret, spec=spec)


def plain_secret(namespace: Any, name: str, data: Mapping[str, Any]) -> Manifest:
    """A Secret with these values, as a Secret holds them: never written to a file."""
    secret = manifest("v1", "Secret", namespace, name, type="Opaque", data=dict(data))
    secret["metadata"]["annotations"] = dict(_SEALABLE)
    return secret
