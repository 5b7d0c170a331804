"""Values that Pulumi keeps encrypted in the stack's own file."""

from __future__ import annotations

from typing import final

from alertpath.documents.problems import InvalidInput
from alertpath.inputs.credentials import Concealed, shape_fault
from alertpath.inputs.stack import Stack
from components.credentials.provider import CredentialSource


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


@final
class PulumiConfigSecrets(CredentialSource):
    """A Secret with values of `credentials.values.NAME.value`, set by `pulumi config set --secret --path`."""

    provider = "pulumi-config"

    def _declare(self) -> None:
        for secret, credentials in self._by_secret.items():
            self._plain_secret(secret, {each.key: self._value(each) for each in credentials})
