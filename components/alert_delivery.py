"""A whole stack: its objects applied to a cluster, or rendered into a directory that Argo CD syncs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import pulumi

from alertpath.compiling.compile import Compiled
from alertpath.delivery.manifests import argocd, common, network_policy
from alertpath.delivery.render import render
from alertpath.inputs.credentials import Concealed
from alertpath.inputs.stack import Stack
from components.alertmanager import Alertmanager, AlertmanagerArgs
from components.argocd_application import ArgoCdApplication, ArgoCdApplicationArgs
from components.cluster import cluster_provider, declare
from components.credentials import PROVIDERS, CredentialsArgs, readable_values
from components.network_policy import NetworkPolicy, NetworkPolicyArgs
from components.rendered_files import RenderedFiles, RenderedFilesArgs


@final
@dataclass(frozen=True)
class AlertDeliveryArgs:
    """A stack and the configuration compiled from it, both valid."""

    stack: Stack
    compiled: Compiled


@final
class AlertDelivery(pulumi.ComponentResource):
    """Alertmanager's configuration, its credentials, mounts and egress, by the stack's delivery.

    `rendered`: the directory written, with delivery `files`, else empty.
    Raises InvalidInput, before anything is declared, where credentials that the program reads itself are invalid.
    """

    rendered: pulumi.Output[str]

    def __init__(self, name: str, args: AlertDeliveryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        values = readable_values(args.stack)
        super().__init__("alertpath:components:AlertDelivery", name, None, opts)
        self.rendered = pulumi.Output.from_input("")
        if args.stack.settings.delivery == "files":
            self._render(args)
        else:
            self._apply(args, values)
        self.register_outputs({"rendered": self.rendered})

    def _render(self, args: AlertDeliveryArgs) -> None:
        settings = args.stack.settings
        directory = settings.directory or f"rendered/{args.stack.name}"
        files = RenderedFiles(
            "rendered",
            RenderedFilesArgs(directory, render(args.stack, args.compiled)),
            pulumi.ResourceOptions(parent=self),
        )
        self.rendered = files.directory
        application = argocd.application(args.stack)
        if application and settings.argocd and settings.argocd.application == "apply":
            arguments = ArgoCdApplicationArgs(args.stack, application, after=[files])
            ArgoCdApplication("argocd", arguments, self._in_cluster(args.stack))

    def _apply(self, args: AlertDeliveryArgs, values: Mapping[str, Concealed]) -> None:
        stack = args.stack
        opts = self._in_cluster(stack)
        first: list[pulumi.Resource] = []
        if namespace := common.namespace(stack):
            first.append(declare(stack, namespace, opts, kept=True))
        used = {credential.provider for credential in stack.credentials.values()}
        credentials = [
            source(provider, CredentialsArgs(stack, values, after=first), opts)
            for provider, source in PROVIDERS.items()
            if provider in used
        ]
        Alertmanager("alertmanager", AlertmanagerArgs(stack, args.compiled, after=[*first, *credentials]), opts)
        if policy := network_policy.network_policy(stack, args.compiled):
            NetworkPolicy("egress", NetworkPolicyArgs(stack, policy, after=first), opts)

    def _in_cluster(self, stack: Stack) -> pulumi.ResourceOptions:
        provider = cluster_provider("cluster", stack.settings.cluster, pulumi.ResourceOptions(parent=self))
        return pulumi.ResourceOptions(parent=self, provider=provider)
