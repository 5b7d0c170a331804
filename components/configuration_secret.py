"""The Secret that the Prometheus Operator reads Alertmanager's configuration from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Required, TypedDict, final

import pulumi

from alertpath.delivery.manifests import alertmanager
from alertpath.delivery.manifests.common import manifest
from components.arguments import given
from components.cluster import After, Objects, name_of


class ConfigurationSecretArgsDict(TypedDict, total=False):
    """As ConfigurationSecretArgs."""

    files: Required[Mapping[str, pulumi.Input[str]]]
    name: str
    namespace: pulumi.Input[str]
    retain: bool


@final
@dataclass(frozen=True, kw_only=True)
class ConfigurationSecretArgs:
    """`files`: key -> text, `alertmanager.yaml` and templates. `name`, `namespace`: of the Secret.

    `retain`: it stays in the cluster when the stack lets go of it.
    """

    files: Mapping[str, pulumi.Input[str]]
    name: str = "alertmanager-main"
    namespace: pulumi.Input[str] = "monitoring"
    retain: bool = True


@final
class ConfigurationSecret(pulumi.ComponentResource):
    """The Secret, changed in place, never deleted and made again. `secret`: its name, once it is delivered."""

    secret: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        args: ConfigurationSecretArgs | ConfigurationSecretArgsDict,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        args = given(ConfigurationSecretArgs, args)
        super().__init__("alertpath:components:ConfigurationSecret", name, None, opts)
        objects = Objects(self, opts, retain=args.retain)
        self.secret = name_of(deliver_configuration(objects, args))
        self.register_outputs({"secret": self.secret})


def deliver_configuration(objects: Objects, args: ConfigurationSecretArgs, after: After = ()) -> pulumi.CustomResource:
    """Declares the Secret among a component's objects."""
    data = {key: encoded(text) for key, text in args.files.items()}
    secret = manifest("v1", "Secret", args.namespace, args.name, type="Opaque", data=data)
    return objects.declare(secret, after, kept=True)


def encoded(text: pulumi.Input[str]) -> pulumi.Input[str]:
    """A text as a Secret holds it."""
    return (
        alertmanager.encoded(text)
        if isinstance(text, str)
        else pulumi.Output.from_input(text).apply(alertmanager.encoded)
    )
