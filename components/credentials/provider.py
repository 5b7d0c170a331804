"""The one interface of all credential providers."""

from __future__ import annotations

import base64
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, cast, final

import pulumi

from alertpath.delivery.manifests import credentials
from alertpath.delivery.manifests.common import Manifest
from alertpath.inputs.credentials import Concealed, Provider, StoredCredential
from alertpath.inputs.stack import Stack
from components.cluster import declare


@final
@dataclass(frozen=True)
class CredentialsArgs:
    """`values`: by credential, those that the program itself reads; `after`: what must be there before."""

    stack: Stack
    values: Mapping[str, Concealed] = field(default_factory=dict[str, Concealed])
    after: Sequence[pulumi.Resource] = ()


class CredentialSource(pulumi.ComponentResource):
    """The Secrets of one credential provider, or the objects that make them. `secrets`: their names.

    A provider says which one it is and declares its objects in `_declare`; `PROVIDERS` has them all.
    """

    provider: ClassVar[Provider]
    secrets: pulumi.Output[Sequence[str]]

    def __init__(self, name: str, args: CredentialsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(f"alertpath:components:{type(self).__name__}", name, None, opts)
        self._stack = args.stack
        self._values = args.values
        self._after = args.after
        self._by_secret = credentials.by_secret(args.stack, self.provider)
        self._declare()
        self.secrets = pulumi.Output.from_input(list(self._by_secret))
        self.register_outputs({"secrets": self.secrets})

    @abstractmethod
    def _declare(self) -> None:
        """Declares what brings the Secrets of `_by_secret` into the cluster."""

    def _plain_secret(self, name: str, values: Mapping[str, pulumi.Input[str]]) -> None:
        """Declares a Secret; its values are secrets of Pulumi from here on."""
        manifest = credentials.plain_secret(self._stack, name)
        manifest["data"] = {
            key: pulumi.Output.secret(value).apply(lambda text: base64.b64encode(text.encode()).decode())
            for key, value in values.items()
        }
        declare(self._stack, manifest, pulumi.ResourceOptions(parent=self, depends_on=self._after), kept=True)

    def _source(self, manifest: Manifest, after: Sequence[pulumi.Resource]) -> pulumi.Resource:
        """Declares an object from which a controller makes a Secret, or that it needs for that.

        It is not kept: its Secret outlives it, and would be overwritten by it once another provider writes there.
        """
        until = credentials.DONE.get(manifest["kind"], "")
        return declare(self._stack, manifest, pulumi.ResourceOptions(parent=self, depends_on=after), until=until)

    def _value(self, credential: StoredCredential) -> pulumi.Input[str]:
        """A value that the program read; unknown where a preview could not."""
        value = self._values[credential.name].reveal()
        return cast("pulumi.Output[str]", pulumi.Output.from_input(pulumi.UNKNOWN)) if value is None else value
