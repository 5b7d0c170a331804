"""Alertmanager's configuration and the mounts of its credentials, in the one order that never breaks it.

Credentials, then mounts, then configuration: pods wait for a Secret that is mounted and missing, and a configuration
that names a file which is not mounted notifies nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast, final

import pulumi

from alertpath.compiling.compile import Compiled
from alertpath.delivery.manifests import alertmanager
from alertpath.delivery.manifests.common import field_manager
from alertpath.inputs.stack import Stack
from components.cluster import After, Objects, name_of
from components.configuration_secret import ConfigurationSecretArgs, deliver_configuration
from components.live import LiveFacts


@final
@dataclass(frozen=True)
class AlertmanagerArgs:
    """`reader`: what the live object is read with, where a preview has to go on without a cluster.

    `live`: what is known of the cluster; without it, what is not needed any more is unmounted by the update after.
    """

    stack: Stack
    compiled: Compiled
    reader: pulumi.ProviderResource | None = None
    live: LiveFacts | None = None


@final
class Alertmanager(pulumi.ComponentResource):
    """The configuration Secret and, by the setting `alertmanager.mounts`, what mounts the credentials' Secrets.

    `secret`: the configuration Secret's name; `mounts`: the Secrets that the pods mount. Both once it is delivered.
    """

    secret: pulumi.Output[str]
    mounts: pulumi.Output[Sequence[str]]

    def __init__(self, name: str, args: AlertmanagerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("alertpath:components:Alertmanager", name, None, opts)
        stack, settings = args.stack, args.stack.settings
        retain = settings.alertmanager.retain
        objects = Objects(self, opts, manager=field_manager(stack), retain=retain)
        configuration = ConfigurationSecretArgs(
            files=alertmanager.configuration_files(args.compiled),
            name=settings.alertmanager.secret,
            namespace=settings.namespace.name,
            retain=retain,
        )
        delivered = deliver_configuration(objects, configuration, self._mounts(objects, args))
        self.secret = name_of(delivered)
        if self._patched(stack):
            noted = objects.patch(alertmanager.needed_patch(stack), [delivered], part="needed")
            if args.live is not None:
                after = pulumi.Output.all(self.secret, args.live.unmounted(name_of(noted)))
                self.secret = after.apply(lambda both: cast("str", both[0]))
        self.mounts = self.secret.apply(lambda _: alertmanager.mounted_secrets(stack))
        self.register_outputs({"secret": self.secret, "mounts": self.mounts})

    def _mounts(self, objects: Objects, args: AlertmanagerArgs) -> After:
        """Declares the mounts; what the configuration has to wait for besides the credentials."""
        stack = args.stack
        if stack.settings.alertmanager.mounts == "object":
            return [objects.declare(alertmanager.alertmanager(stack), kept=True)]
        if self._patched(stack):
            patch = alertmanager.mounts_patch(stack)
            if args.live is not None and args.live.found.mounts is None and pulumi.runtime.is_dry_run():
                # A preview goes on where the cluster does not let it look.
                patch["spec"]["secrets"] = pulumi.UNKNOWN
                return [objects.patch(patch, kept=True)]
            live = _LiveAlertmanager(
                objects.named(f"{stack.settings.alertmanager.name}-live"),
                stack,
                pulumi.ResourceOptions(parent=self, provider=args.reader),
            )
            patch["spec"]["secrets"] = live.mounts(stack)
            # What is mounted the program has unmounted itself, and no state knows of it.
            ignored = ["spec.secrets"] if args.live is not None and args.live.nothing_to_mount else []
            return [objects.patch(patch, kept=True, ignored=ignored)]
        return []

    def _patched(self, stack: Stack) -> bool:
        return stack.settings.alertmanager.mounts == "patch" and bool(alertmanager.mounted_secrets(stack))


@final
class _LiveAlertmanager(pulumi.CustomResource):
    """The Alertmanager object that somebody else made, only read; that it does not exist is an error.

    The SDK's own CustomResource.get has no outputs. A provider of its own lets a preview go on without a cluster.
    """

    metadata: pulumi.Output[Mapping[str, Any] | None]
    spec: pulumi.Output[Mapping[str, Any] | None]

    def __init__(self, name: str, stack: Stack, opts: pulumi.ResourceOptions) -> None:
        settings = stack.settings
        opts.id = f"{settings.namespace.name}/{settings.alertmanager.name}"
        kind = f"kubernetes:{alertmanager.API_VERSION}:Alertmanager"
        super().__init__(kind, name, {"metadata": None, "spec": None}, opts)

    def mounts(self, stack: Stack) -> pulumi.Output[list[str]]:
        """What to mount there, once it is certain that it may be patched; fails by `alertmanager.takeover_faults`."""

        def examine(found: Sequence[Mapping[str, Any] | None]) -> list[str]:
            metadata, spec = found
            if metadata is None:
                raise pulumi.RunError("the live Alertmanager cannot be read: the cluster does not answer")
            live = {"metadata": metadata, "spec": spec}
            if faults := alertmanager.takeover_faults(stack, live):
                raise pulumi.RunError("\n".join(faults))
            return alertmanager.mounts_beside(stack, live)

        # A preview without a cluster knows neither, and goes on.
        return pulumi.Output.all(self.metadata, self.spec).apply(examine)
