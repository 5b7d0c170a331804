"""What the cluster should hold: the objects that a stack declares, by either delivery."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import final

from alertpath.alertmanager.config import Config
from alertpath.compiling.compile import Compiled
from alertpath.delivery.manifests import alertmanager, common, credentials, network_policy
from alertpath.delivery.manifests.common import Manifest
from alertpath.inputs.stack import Stack


@final
@dataclass(frozen=True)
class Expected:
    """A stack and the configuration compiled from it."""

    stack: Stack
    compiled: Compiled

    @property
    def config(self) -> Config:
        """The configuration."""
        return self.compiled.config

    @property
    def namespace(self) -> str:
        """The namespace of all objects."""
        return self.stack.settings.namespace.name

    @property
    def name(self) -> str:
        """The Alertmanager object's name."""
        return self.stack.settings.alertmanager.name

    @cached_property
    def paging(self) -> frozenset[str]:
        """The receivers that wake people up."""
        return frozenset(name for name, receiver in self.stack.receivers.items() if receiver.is_page())

    @cached_property
    def mounted(self) -> list[str]:
        """The Secrets with credentials that the pods need."""
        return alertmanager.mounted_secrets(self.stack)

    @cached_property
    def policy(self) -> Manifest | None:
        """The egress policy."""
        return network_policy.network_policy(self.stack, self.compiled)

    @cached_property
    def declared(self) -> list[Manifest]:
        """What it declares besides the configuration's Secret and Secrets with credentials."""
        found = [
            common.namespace(self.stack),
            credentials.vault_store(self.stack),
            *credentials.external_secrets(self.stack),
            *credentials.sealed_secrets(self.stack),
            self.policy,
        ]
        if self.stack.settings.alertmanager.mounts == "object":
            found.append(alertmanager.alertmanager(self.stack))
        return [each for each in found if each is not None]

    def subject(self, kind: str, name: str) -> str:
        """An object of the stack's namespace in messages."""
        return f"{kind} {self.namespace}/{name}"

    @property
    def configuration(self) -> str:
        """The configuration's Secret in messages."""
        return self.subject("Secret", self.stack.settings.alertmanager.secret)

    @property
    def alertmanager(self) -> str:
        """The Alertmanager object in messages."""
        return self.subject("Alertmanager", self.name)
