"""Alertmanager's configuration and the mounts of its credentials, in the one order that never breaks it.

Credentials, then mounts, then configuration: pods wait for a Secret that is mounted and missing, and a configuration
that names a file which is not mounted notifies nobody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import pulumi

from alertpath.compiling.compile import Compiled
from alertpath.delivery.manifests import alertmanager
from alertpath.inputs.stack import Stack
from components.cluster import cluster_provider, declare, declare_patch


@final
@dataclass(frozen=True)
class AlertmanagerArgs:
    """`after`: what must be there before, the credentials above all."""

    stack: Stack
    compiled: Compiled
    after: Sequence[pulumi.Resource] = ()


@final
class Alertmanager(pulumi.ComponentResource):
    """The configuration Secret and, by the setting `alertmanager.mounts`, what mounts the credentials' Secrets.

    `secret`: the configuration Secret's name; `mounts`: the Secrets that the pods mount.
    """

    secret: pulumi.Output[str]
    mounts: pulumi.Output[Sequence[str]]

    def __init__(self, name: str, args: AlertmanagerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("alertpath:components:Alertmanager", name, None, opts)
        stack = args.stack
        configuration = alertmanager.configuration(stack, args.compiled)
        mounts = self._mounts(stack, args.after)
        delivered = declare(stack, configuration, self._after(mounts), kept=True)
        if self._patched(stack):
            declare_patch(stack, alertmanager.needed_patch(stack), self._after([delivered]), part="needed")
        self.secret = pulumi.Output.from_input(stack.settings.alertmanager.secret)
        self.mounts = pulumi.Output.from_input(alertmanager.mounted_secrets(stack))
        self.register_outputs({"secret": self.secret, "mounts": self.mounts})

    def _mounts(self, stack: Stack, after: Sequence[pulumi.Resource]) -> Sequence[pulumi.Resource]:
        """Declares the mounts; what the configuration has to wait for."""
        settings = stack.settings.alertmanager
        if settings.mounts == "object":
            return [declare(stack, alertmanager.alertmanager(stack), self._after(after), kept=True)]
        if self._patched(stack):
            live = _LiveAlertmanager(stack, self._after())
            patch = alertmanager.mounts_patch(stack)
            patch["spec"]["secrets"] = live.mounts(stack)
            return [declare_patch(stack, patch, self._after(after), kept=True)]
        return after

    def _patched(self, stack: Stack) -> bool:
        return stack.settings.alertmanager.mounts == "patch" and bool(alertmanager.mounted_secrets(stack))

    def _after(self, resources: Sequence[pulumi.Input[pulumi.Resource]] = ()) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, depends_on=resources)


@final
class _LiveAlertmanager(pulumi.CustomResource):
    """The Alertmanager object that somebody else made, only read; that it does not exist is an error.

    The SDK's own CustomResource.get has no outputs. A provider of its own lets a preview go on without a cluster.
    """

    metadata: pulumi.Output[Mapping[str, Any] | None]
    spec: pulumi.Output[Mapping[str, Any] | None]

    def __init__(self, stack: Stack, opts: pulumi.ResourceOptions) -> None:
        settings = stack.settings
        reader = cluster_provider("reader", settings.cluster, opts, skip_unreachable=True)
        super().__init__(
            f"kubernetes:{alertmanager.API_VERSION}:Alertmanager",
            f"{settings.alertmanager.name}-live",
            {"metadata": None, "spec": None},
            pulumi.ResourceOptions.merge(
                opts,
                pulumi.ResourceOptions(id=f"{settings.namespace.name}/{settings.alertmanager.name}", provider=reader),
            ),
        )

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
