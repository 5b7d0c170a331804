"""Where the credentials' Secrets come from: one component for each provider, all with the interface of `provider`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pulumi

from alertpath.documents.problems import InvalidInput
from alertpath.inputs.credentials import Concealed, Provider
from alertpath.inputs.stack import Stack
from components.credentials import pulumi_config, sops
from components.credentials.existing import ExistingSecrets
from components.credentials.external_secret import ExternalSecrets
from components.credentials.generated import GeneratedSecrets
from components.credentials.provider import CredentialSource
from components.credentials.pulumi_config import PulumiConfigSecrets
from components.credentials.sealed_secret import SealedSecrets
from components.credentials.sops import SopsSecrets

__all__ = [
    "PROVIDERS",
    "CredentialSource",
    "ExistingSecrets",
    "ExternalSecrets",
    "GeneratedSecrets",
    "PulumiConfigSecrets",
    "SealedSecrets",
    "SopsSecrets",
    "readable_values",
]

PROVIDERS: Final[Mapping[Provider, type[CredentialSource]]] = {
    source.provider: source
    for source in (
        ExternalSecrets,
        SealedSecrets,
        SopsSecrets,
        PulumiConfigSecrets,
        GeneratedSecrets,
        ExistingSecrets,
    )
}


def readable_values(stack: Stack) -> dict[str, Concealed]:
    """The values that the program itself reads, by credential, each of the shape that its use demands.

    A preview goes on without those that cannot be decrypted on this machine. Raises InvalidInput.
    """
    try:
        from_file = sops.read(stack)
    except sops.Unavailable as error:
        if not pulumi.runtime.is_dry_run():
            raise InvalidInput([error.problem]) from None
        pulumi.log.warn(f"{error.problem}\n    so this preview knows no value of it")
        from_file = {each.name: Concealed() for each in stack.credentials.values() if each.provider == "sops"}
    return from_file | pulumi_config.read(stack)
