"""Random values for short-lived clusters, whose receivers are local: of the right shape, known to no service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, final

import pulumi

from alertpath.inputs.receivers import Shape
from components.credentials.provider import CredentialSource

_LENGTH: Final = 32
# What stands before 32 random letters and digits, so that the value has its shape.
_PREFIX: Final[Mapping[Shape, str]] = {
    "https-url": "http://127.0.0.1:8080/",
    "slack-app-token": "xoxb-",
    "routing-key": "",
    "opaque": "",
}


@final
class GeneratedSecrets(CredentialSource):
    """A Secret with a random value for each credential, kept until the stack is destroyed."""

    provider = "generated"

    def _declare(self) -> None:
        from pulumi_random import RandomPassword

        for secret, credentials in self._by_secret.items():
            values: dict[str, pulumi.Input[str]] = {}
            for each in credentials:
                opts = pulumi.ResourceOptions(parent=self)
                random = RandomPassword(each.name, length=_LENGTH, special=False, opts=opts)
                values[each.key] = pulumi.Output.concat(_PREFIX[each.shape], random.result)
            self._plain_secret(secret, values)
