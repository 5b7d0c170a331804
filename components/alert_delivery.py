"""A whole stack: its objects applied to a cluster, or rendered into a directory that Argo CD syncs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final, Required, TypedDict, cast, final

import pulumi

from alertpath.compiling.compile import Compiled, compile_stack
from alertpath.delivery.manifests import common
from alertpath.delivery.render import render
from alertpath.inputs.stack import Stack
from components.alertmanager import Alertmanager, AlertmanagerArgs
from components.argocd_application import ArgoCdApplication, ArgoCdApplicationArgs
from components.arguments import given
from components.cluster import CONTENT, OF_PACKAGE, Objects, cluster_provider, has_provider
from components.credentials import PROVIDERS, readable_values
from components.credentials.provider import FromStack, Values
from components.live import LiveFacts
from components.network_policy import NetworkPolicy, NetworkPolicyArgs
from components.rendered_files import RenderedFiles, RenderedFilesArgs

# Until names began with the component's own, there could be but one, and the program called it so.
_ONLY_ONE: Final = "alertmanager"
_READER: Final = "reader"
_ONCE: Final = {
    f"alertpath:components:{kind}": name
    for kind, name in {
        "ArgoCdApplication": "argocd",
        "NetworkPolicy": "egress",
        **{source.__name__: source.provider for source in PROVIDERS.values()},
    }.items()
}


class AlertDeliveryArgsDict(TypedDict, total=False):
    """As AlertDeliveryArgs."""

    stack: Required[Stack]
    compiled: Compiled
    kubeconfig: pulumi.Input[str]


@final
@dataclass(frozen=True)
class AlertDeliveryArgs:
    """`stack`: of `alertpath.inputs.stack.load`; `compiled`: its configuration, where it has been made already.

    `kubeconfig`: the path of one, or its content, which is a secret in the state; by default `cluster` in the stack's
    settings says it.
    """

    stack: Stack
    compiled: Compiled | None = None
    kubeconfig: pulumi.Input[str] | None = None

    @cached_property
    def configuration(self) -> Compiled:
        """The stack's configuration."""
        return self.compiled or compile_stack(self.stack)


@final
class AlertDelivery(pulumi.ComponentResource):
    """Alertmanager's configuration, its credentials, mounts and egress, by the stack's delivery.

    `rendered`: the directory written, with delivery `files`, else empty; `secret`: the configuration Secret's name,
    with delivery `cluster`, else empty. Both once it is delivered.
    Raises InvalidInput, before anything is declared, where credentials that the program reads itself are invalid, and
    RunError where the settings and the caller name a cluster each.
    """

    rendered: pulumi.Output[str]
    secret: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        args: AlertDeliveryArgs | AlertDeliveryArgsDict,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        args = given(AlertDeliveryArgs, args)
        values = readable_values(args.stack)
        configuration = args.configuration
        live = None
        # What is read must be what the objects go to.
        if args.stack.settings.delivery == "cluster" and not _given_a_cluster(args, opts):
            live = LiveFacts.read(args.stack, configuration, cast("str | None", args.kubeconfig))
            live.tell()
            seen = pulumi.ResourceOptions(transformations=[live.transformation])
            opts = pulumi.ResourceOptions.merge(opts, seen)
        super().__init__("alertpath:components:AlertDelivery", name, None, _known_as_before(name, opts))
        self.rendered = pulumi.Output.from_input("")
        self.secret = pulumi.Output.from_input("")
        if args.stack.settings.delivery == "files":
            self._render(args, configuration)
        else:
            self._apply(args, configuration, values, live)
        self.register_outputs({"rendered": self.rendered, "secret": self.secret})

    def _render(self, args: AlertDeliveryArgs, configuration: Compiled) -> None:
        stack, settings = args.stack, args.stack.settings
        directory = settings.directory or f"rendered/{stack.name}"
        files = RenderedFiles(
            f"{self.pulumi_resource_name}-rendered",
            RenderedFilesArgs(directory, render(stack, configuration)),
            pulumi.ResourceOptions(parent=self),
        )
        self.rendered = files.directory
        if (argocd := settings.argocd) and argocd.application == "apply":
            said = {name: value for name, value in vars(argocd).items() if name not in ("application", "clusters")}
            arguments = ArgoCdApplicationArgs(
                **said,
                clusters=argocd.clusters,
                destination=settings.namespace.name,
                manager=common.field_manager(stack),
            )
            opts = pulumi.ResourceOptions.merge(self._in_cluster(args), pulumi.ResourceOptions(depends_on=[files]))
            ArgoCdApplication(self.pulumi_resource_name, arguments, opts)

    def _apply(self, args: AlertDeliveryArgs, configuration: Compiled, values: Values, live: LiveFacts | None) -> None:
        stack, settings = args.stack, args.stack.settings
        manager = common.field_manager(stack)
        opts = self._in_cluster(args)
        first: list[pulumi.Resource] = []
        if namespace := common.namespace(stack):
            retain = settings.alertmanager.retain
            objects = Objects(self, None, manager=manager, retain=retain, provider=opts.provider)
            first.append(objects.declare(namespace, kept=True))
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=first))
        said = FromStack(stack, values)
        used = {credential.provider for credential in stack.credentials.values()}
        credentials = [
            source.of_stack(self.pulumi_resource_name, said, opts)
            for provider, source in PROVIDERS.items()
            if provider in used
        ]
        ready: list[pulumi.Input[pulumi.Resource]] = [*credentials]
        made = [source.secrets for source in credentials]
        if live is not None and credentials:
            ready.append(live.waited(made, again=False).apply(lambda _: credentials[0]))
        after = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=ready))
        arguments = AlertmanagerArgs(stack, configuration, self._reader(args), live)
        self.secret = Alertmanager(self.pulumi_resource_name, arguments, after).secret
        if live is not None:
            delivered = self.secret
            self.secret = pulumi.Output.all(delivered, live.waited([delivered], again=True)).apply(lambda both: both[0])
        if (policy := settings.network_policy).enabled:
            NetworkPolicy(
                self.pulumi_resource_name,
                NetworkPolicyArgs(
                    configuration=configuration.config,
                    namespace=settings.namespace.name,
                    settings=policy,
                    manager=manager,
                ),
                opts,
            )

    def _in_cluster(self, args: AlertDeliveryArgs) -> pulumi.ResourceOptions:
        """Where the objects go: the provider of the caller or a parent, or one of its own."""
        opts = pulumi.ResourceOptions(parent=self)
        cluster, name = args.stack.settings.cluster, self.pulumi_resource_name
        if not has_provider(self):
            opts.provider = self._own_provider(args, "cluster")
        elif cluster.context or cluster.kubeconfig or args.kubeconfig is not None:
            raise pulumi.RunError(
                f"{name}: the provider that it is given says which cluster, and so do its settings "
                f"or arguments: remove `cluster` from the settings and `kubeconfig` from the arguments, or the provider"
            )
        return opts

    def _reader(self, args: AlertDeliveryArgs) -> pulumi.ProviderResource | None:
        if args.stack.settings.alertmanager.mounts != "patch" or has_provider(self):
            return None
        return self._own_provider(args, _READER, skip_unreachable=True)

    def _own_provider(
        self, args: AlertDeliveryArgs, role: str, *, skip_unreachable: bool = False
    ) -> pulumi.ProviderResource:
        cluster = args.stack.settings.cluster
        return cluster_provider(
            f"{self.pulumi_resource_name}-{role}",
            pulumi.ResourceOptions(parent=self),
            kubeconfig=cluster.kubeconfig or "" if args.kubeconfig is None else args.kubeconfig,
            context=cluster.context,
            skip_unreachable=skip_unreachable,
        )


def _given_a_cluster(args: AlertDeliveryArgs, opts: pulumi.ResourceOptions | None) -> bool:
    """Whether the caller says which cluster, in a way that only Pulumi knows."""
    parent = opts.parent if opts else None
    provided = opts is not None and (opts.provider is not None or bool(opts.providers))
    inherited = parent is not None and parent.get_provider(OF_PACKAGE) is not None
    return provided or inherited or not (args.kubeconfig is None or _is_path(args.kubeconfig))


def _is_path(kubeconfig: pulumi.Input[str]) -> bool:
    return isinstance(kubeconfig, str) and not CONTENT.search(kubeconfig)


def _known_as_before(name: str, opts: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions | None:
    """Has everything inside take over what is in the state under the names of before."""
    if name != _ONLY_ONE:
        return opts

    def with_alias(resource: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        parent = resource.opts.parent
        if parent is None:
            return None
        before = _ONCE.get(resource.type_) or resource.name.removeprefix(f"{parent.pulumi_resource_name}-")
        if before == resource.name:
            return None
        alias = pulumi.Alias(name=before)
        if before == _READER:
            # It belonged to the Alertmanager component, which is made after it now.
            alias.parent = (
                f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::alertpath:components:AlertDelivery"
                f"$alertpath:components:Alertmanager::{_ONLY_ONE}"
            )
        known = pulumi.ResourceOptions(aliases=[alias])
        return pulumi.ResourceTransformationResult(resource.props, pulumi.ResourceOptions.merge(resource.opts, known))

    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(transformations=[with_alias]))
