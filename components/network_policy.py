"""What the Alertmanager pods may reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Required, TypedDict, final

import pulumi

from alertpath.alertmanager.config import Config, load_with_lines
from alertpath.delivery.manifests.network_policy import egress_policy
from alertpath.inputs.settings import NetworkPolicy as Settings
from components.arguments import given
from components.cluster import Objects, name_of


class NetworkPolicyArgsDict(TypedDict, total=False):
    """As NetworkPolicyArgs."""

    configuration: Required[str | Config]
    namespace: str
    settings: Mapping[str, Any] | Settings
    manager: str


@final
@dataclass(frozen=True, kw_only=True)
class NetworkPolicyArgs:
    """`configuration`: what the pods run, alertmanager.yaml; where it sends to is opened, and nothing else.

    `namespace`: of the pods. `settings`: as `network_policy` in docs/settings.md. `manager`: the manager of fields that
    the API server notes (default: alertpath-STACK).
    """

    configuration: str | Config
    namespace: str = "monitoring"
    settings: Mapping[str, Any] | Settings = field(default_factory=dict[str, Any])
    manager: str = ""


@final
class NetworkPolicy(pulumi.ComponentResource):
    """The egress policy. `policy`: its name, once it is in the cluster. Raises InvalidInput."""

    policy: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        args: NetworkPolicyArgs | NetworkPolicyArgsDict,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        args = given(NetworkPolicyArgs, args)
        settings = args.settings if isinstance(args.settings, Settings) else Settings.valid(args.settings, "settings")
        said = args.configuration
        config = load_with_lines(said, "the configuration")[0] if isinstance(said, str) else said
        manifest = egress_policy(settings, config, args.namespace)
        super().__init__("alertpath:components:NetworkPolicy", name, None, opts)
        objects = Objects(self, opts, manager=args.manager)
        self.policy = name_of(objects.declare(manifest))
        self.register_outputs({"policy": self.policy})
