"""Values that Pulumi keeps encrypted in the stack's own file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Required, final

import pulumi

from alertpath.documents.problems import InvalidInput
from alertpath.inputs.credentials import Concealed, shape_fault
from alertpath.inputs.stack import Stack
from components.arguments import given
from components.credentials.provider import (
    CredentialsArgs,
    CredentialsArgsDict,
    CredentialSource,
    FromStack,
    Texts,
    common,
    plain_secrets,
    texts_of,
)


def read(stack: Stack) -> dict[str, Concealed]:
    """The values, by credential. Raises InvalidInput."""
    values = {each.name: each.value for each in stack.credentials.values() if each.value is not None}
    document, place = stack.sources.document, stack.sources.place("credentials", "values")
    problems = [
        document.problem(
            (*place, name, "value"),
            fault,
            mend=f"pulumi config set --secret --path 'settings.credentials.values.{name}.value'",
        )
        for name, value in values.items()
        if (fault := shape_fault(value.reveal() or "", stack.credentials[name].shape))
    ]
    if problems:
        raise InvalidInput(problems)
    return values


class PulumiConfigSecretsArgsDict(CredentialsArgsDict, total=False):
    """As PulumiConfigSecretsArgs."""

    secrets: Required[Texts]


@final
@dataclass(frozen=True, kw_only=True)
class PulumiConfigSecretsArgs(CredentialsArgs):
    """`secrets`: Secret -> key -> value, for example of `pulumi.Config().require_secret`. All become secrets."""

    secrets: Texts


@final
class PulumiConfigSecrets(CredentialSource):
    """A Secret with values that the program has; in a stack: `credentials.values.NAME.value`."""

    provider = "pulumi-config"

    def __init__(
        self,
        name: str,
        args: PulumiConfigSecretsArgs | PulumiConfigSecretsArgsDict,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        args = given(PulumiConfigSecretsArgs, args)
        self._end(*plain_secrets(self._begin(name, args, opts), args, args.secrets))

    @classmethod
    def of_stack(cls, name: str, said: FromStack, opts: pulumi.ResourceOptions) -> PulumiConfigSecrets:
        """The component with what a stack says of its provider."""
        return cls(name, PulumiConfigSecretsArgs(secrets=texts_of(cls, said), **common(said.stack)), opts)
