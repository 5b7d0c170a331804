"""External Secrets Operator (https://external-secrets.io) reads the values from a store; the program never has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Required, TypedDict, final

import pulumi

from alertpath.delivery.manifests import credentials
from alertpath.inputs import credentials as settings
from components.arguments import given
from components.cluster import name_of
from components.credentials.provider import (
    CredentialsArgs,
    CredentialsArgsDict,
    CredentialSource,
    FromStack,
    common,
)

_VERSION: Final = "external-secrets.io/v1"


class RemoteDict(TypedDict, total=False):
    """Where a value lies in the store: `remoteRef` of an ExternalSecret."""

    key: Required[pulumi.Input[str]]
    property: pulumi.Input[str]
    version: pulumi.Input[str]


class ExternalSecretsArgsDict(CredentialsArgsDict, total=False):
    """As ExternalSecretsArgs."""

    secrets: Required[Mapping[str, Mapping[str, RemoteDict]]]
    store: Required[pulumi.Input[str]]
    store_kind: Literal["SecretStore", "ClusterSecretStore"]
    refresh_interval: str
    names: Mapping[str, str]
    api_version: str
    vault: settings.Vault


@final
@dataclass(frozen=True, kw_only=True)
class ExternalSecretsArgs(CredentialsArgs):
    """`secrets`: Secret -> key -> where its value lies in the `store`; `names`: Secret -> its ExternalSecret's name.

    `refresh_interval`: how soon a rotated value arrives. `vault`: what the store reads, where this declares it.
    """

    secrets: Mapping[str, Mapping[str, RemoteDict]]
    store: pulumi.Input[str]
    store_kind: Literal["SecretStore", "ClusterSecretStore"] = "SecretStore"
    refresh_interval: str = "1h"
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    api_version: str = _VERSION
    vault: settings.Vault | None = None


@final
class ExternalSecrets(CredentialSource):
    """An ExternalSecret for each Secret, and the Vault store where it is declared here. Each waits to be `Ready`."""

    provider = "external-secrets"

    def __init__(
        self,
        name: str,
        args: ExternalSecretsArgs | ExternalSecretsArgsDict,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        args = given(ExternalSecretsArgs, args)
        objects = self._begin(name, args, opts)
        kind = "ExternalSecret"
        # What it is made of may be known later, so it is not validated again here.
        store: dict[str, Any] = {"name": args.store, "kind": args.store_kind}
        values: dict[str, Any] = {
            "api_version": args.api_version,
            "store": settings.Store(**store),
            "refresh_interval": args.refresh_interval,
            "names": dict(args.names),
            "vault": args.vault,
        }
        said = settings.ExternalSecrets(**values)
        vault = credentials.vault_store_of(args.namespace, said)
        after = [objects.declare(vault)] if vault else []

        def made(secret: str, remote: Mapping[str, RemoteDict]) -> pulumi.Output[str]:
            # It is not kept: its Secret outlives it, and would be overwritten by it once another provider writes there.
            manifest = credentials.external_secret(args.namespace, secret, remote, said)
            declared = objects.declare(manifest, after, until=credentials.DONE[kind])
            return name_of(declared).apply(lambda _: secret)

        self._end(*[made(secret, remote) for secret, remote in args.secrets.items()])

    @classmethod
    def of_stack(cls, name: str, said: FromStack, opts: pulumi.ResourceOptions) -> ExternalSecrets:
        """The component with what a stack says of its provider."""
        using = said.stack.settings.credentials.external_secrets
        if using is None:
            raise AssertionError("a stack without settings of External Secrets that reads from it is not valid")
        listed = credentials.by_secret(said.stack, cls.provider)
        remote: Any = {secret: credentials.remote_references(each) for secret, each in listed.items()}
        args = ExternalSecretsArgs(
            secrets=remote,
            store=using.store.name,
            store_kind=using.store.kind,
            refresh_interval=using.refresh_interval,
            names=using.names,
            api_version=using.api_version,
            vault=using.vault,
            **common(said.stack),
        )
        return cls(name, args, opts)
