"""Secrets that somebody else makes: mounted, never written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import pulumi

from alertpath.delivery.manifests import credentials
from components.credentials.provider import CredentialSource, FromStack


@final
class ExistingSecrets(CredentialSource):
    """Declares nothing; `secrets` are the names that it is given."""

    provider = "existing"

    def __init__(
        self, name: str, secrets: Sequence[pulumi.Input[str]], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        # No `_begin`: without objects there is no need of a cluster.
        pulumi.ComponentResource.__init__(self, "alertpath:components:ExistingSecrets", name, None, opts)
        self._end(*map(pulumi.Output.from_input, secrets))

    @classmethod
    def of_stack(cls, name: str, said: FromStack, opts: pulumi.ResourceOptions) -> ExistingSecrets:
        """The component with what a stack says of its provider."""
        return cls(name, list(credentials.by_secret(said.stack, cls.provider)), opts)
