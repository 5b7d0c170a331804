"""Sealed Secrets (https://github.com/bitnami-labs/sealed-secrets): its controller opens the ciphertexts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Required, final

import pulumi

from alertpath.delivery.manifests import credentials
from components.arguments import given
from components.cluster import name_of
from components.credentials.provider import (
    CredentialsArgs,
    CredentialsArgsDict,
    CredentialSource,
    FromStack,
    Texts,
    common,
)

_KIND: Final = "SealedSecret"


class SealedSecretsArgsDict(CredentialsArgsDict, total=False):
    """As SealedSecretsArgs."""

    secrets: Required[Texts]


@final
@dataclass(frozen=True, kw_only=True)
class SealedSecretsArgs(CredentialsArgs):
    """`secrets`: Secret -> key -> what `kubeseal --raw`, of strict scope, or `alertpath seal` prints."""

    secrets: Texts


@final
class SealedSecrets(CredentialSource):
    """A SealedSecret for each Secret. Each waits to be `Synced`."""

    provider = "sealed-secrets"

    def __init__(
        self,
        name: str,
        args: SealedSecretsArgs | SealedSecretsArgsDict,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        args = given(SealedSecretsArgs, args)
        objects = self._begin(name, args, opts)

        def made(secret: str, encrypted: Mapping[str, pulumi.Input[str]]) -> pulumi.Output[str]:
            # It is not kept: its Secret outlives it, and would be overwritten by it once another provider writes there.
            manifest = credentials.sealed_secret(args.namespace, secret, encrypted)
            return name_of(objects.declare(manifest, until=credentials.DONE[_KIND]))

        self._end(*[made(secret, encrypted) for secret, encrypted in args.secrets.items()])

    @classmethod
    def of_stack(cls, name: str, said: FromStack, opts: pulumi.ResourceOptions) -> SealedSecrets:
        """The component with what a stack says of its provider."""
        secrets = {
            secret: {each.key: each.sealed or "" for each in listed}
            for secret, listed in credentials.by_secret(said.stack, cls.provider).items()
        }
        return cls(name, SealedSecretsArgs(secrets=secrets, **common(said.stack)), opts)
