"""Random values for short-lived clusters, whose receivers are local: of the right shape, known to no service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Required, final

import pulumi

from alertpath.delivery.manifests import credentials
from alertpath.inputs.receivers import Shape
from components.arguments import given
from components.credentials.provider import (
    CredentialsArgs,
    CredentialsArgsDict,
    CredentialSource,
    FromStack,
    common,
    plain_secrets,
)

_LENGTH: Final = 32
# What stands before 32 random letters and digits, so that the value has its shape.
_PREFIX: Final[Mapping[Shape, str]] = {
    "https-url": "http://127.0.0.1:8080/",
    "slack-app-token": "xoxb-",
    "routing-key": "",
    "opaque": "",
}


class GeneratedSecretsArgsDict(CredentialsArgsDict, total=False):
    """As GeneratedSecretsArgs."""

    secrets: Required[Mapping[str, Mapping[str, Shape]]]


@final
@dataclass(frozen=True, kw_only=True)
class GeneratedSecretsArgs(CredentialsArgs):
    """`secrets`: Secret -> key -> the shape of its value.

    `names`: (Secret, key) -> what its random value is called in the program (default: SECRET-KEY).
    """

    secrets: Mapping[str, Mapping[str, Shape]]
    names: Mapping[tuple[str, str], str] | None = None


@final
class GeneratedSecrets(CredentialSource):
    """A Secret with a random value for each key, kept until the stack is destroyed."""

    provider = "generated"

    def __init__(
        self,
        name: str,
        args: GeneratedSecretsArgs | GeneratedSecretsArgsDict,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        from pulumi_random import RandomPassword

        args = given(GeneratedSecretsArgs, args)
        objects = self._begin(name, args, opts)
        names = args.names or {}

        def value(secret: str, key: str, shape: Shape) -> pulumi.Output[str]:
            called = objects.named(names.get((secret, key), f"{secret}-{key}"))
            inside = pulumi.ResourceOptions(parent=self)
            random = RandomPassword(called, length=_LENGTH, special=False, opts=inside)
            return pulumi.Output.concat(_PREFIX[shape], random.result)

        texts = {
            secret: {key: value(secret, key, shape) for key, shape in shapes.items()}
            for secret, shapes in args.secrets.items()
        }
        self._end(*plain_secrets(objects, args, texts))

    @classmethod
    def of_stack(cls, name: str, said: FromStack, opts: pulumi.ResourceOptions) -> GeneratedSecrets:
        """The component with what a stack says of its provider."""
        listed = credentials.by_secret(said.stack, cls.provider)
        secrets: dict[str, dict[str, Shape]] = {
            secret: {each.key: each.shape for each in inside} for secret, inside in listed.items()
        }
        names = {(secret, each.key): each.name for secret, inside in listed.items() for each in inside}
        return cls(name, GeneratedSecretsArgs(secrets=secrets, names=names, **common(said.stack)), opts)
