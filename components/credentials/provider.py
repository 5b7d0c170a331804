"""The one interface of all credential providers."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypedDict, cast, final

import pulumi

from alertpath.delivery.manifests import credentials
from alertpath.delivery.manifests.common import field_manager
from alertpath.inputs.credentials import Concealed, Provider, StoredCredential
from alertpath.inputs.stack import Stack
from components.cluster import Objects, name_of
from components.configuration_secret import encoded

Values = Mapping[str, Concealed]
"""By credential, the values that the program itself reads."""
Texts = Mapping[str, Mapping[str, pulumi.Input[str]]]
"""By Secret and key."""


@final
@dataclass(frozen=True)
class FromStack:
    """A stack, and by credential the values that the program itself has read."""

    stack: Stack
    values: Values


class CredentialsArgsDict(TypedDict, total=False):
    """As CredentialsArgs."""

    namespace: pulumi.Input[str]
    retain: bool
    manager: str


@dataclass(frozen=True, kw_only=True)
class CredentialsArgs:
    """What the arguments of all providers have. `namespace`: of the Secrets, where the Alertmanager pods are.

    `retain`: Secrets with credentials stay in the cluster when the stack lets go of them. `manager`: the manager of
    fields that the API server notes (default: alertpath-STACK).
    """

    namespace: pulumi.Input[str] = "monitoring"
    retain: bool = True
    manager: str = ""


class CredentialSource(pulumi.ComponentResource):
    """The Secrets of one credential provider, or the objects that make them.

    `secrets`: their names, once they, or what makes them, are in the cluster. Each key of one is the file
    /etc/alertmanager/secrets/SECRET/KEY in the pods. A provider says which one it is, how its arguments follow from a
    stack, and declares its objects in its constructor; `PROVIDERS` has them all.
    """

    provider: ClassVar[Provider]
    secrets: pulumi.Output[list[str]]

    @classmethod
    @abstractmethod
    def of_stack(cls, name: str, said: FromStack, opts: pulumi.ResourceOptions) -> CredentialSource:
        """The component with what a stack says of its provider."""

    def _begin(self, name: str, args: CredentialsArgs, opts: pulumi.ResourceOptions | None) -> Objects:
        super().__init__(f"alertpath:components:{type(self).__name__}", name, None, opts)
        return Objects(self, opts, manager=args.manager, retain=args.retain)

    def _end(self, *secrets: pulumi.Output[str]) -> None:
        self.secrets = pulumi.Output.all(*secrets) if secrets else pulumi.Output.from_input(list[str]())
        self.register_outputs({"secrets": self.secrets})


def plain_secrets(objects: Objects, args: CredentialsArgs, texts: Texts) -> Iterator[pulumi.Output[str]]:
    """Declares the Secrets; their values are secrets of Pulumi from here on. Their names, once they are delivered."""
    for name, values in texts.items():
        data = {key: encoded(pulumi.Output.secret(text)) for key, text in values.items()}
        yield name_of(objects.declare(credentials.plain_secret(args.namespace, name, data), kept=True))


def unknown() -> pulumi.Output[str]:
    """A value that a preview cannot know."""
    return cast("pulumi.Output[str]", pulumi.Output.from_input(pulumi.UNKNOWN))


def common(stack: Stack) -> dict[str, Any]:
    """What a stack says for all providers."""
    return {
        "namespace": stack.settings.namespace.name,
        "retain": stack.settings.alertmanager.retain,
        "manager": field_manager(stack),
    }


def texts_of(cls: type[CredentialSource], said: FromStack) -> Texts:
    """The values of a provider that the program read; unknown where a preview could not read one."""

    def text(credential: StoredCredential) -> pulumi.Input[str]:
        value = said.values[credential.name].reveal()
        return unknown() if value is None else value

    return {
        secret: {each.key: text(each) for each in listed}
        for secret, listed in credentials.by_secret(said.stack, cls.provider).items()
    }
