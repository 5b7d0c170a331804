"""What the Alertmanager pods may reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import pulumi

from alertpath.delivery.manifests.common import Manifest
from alertpath.inputs.stack import Stack
from components.cluster import declare


@final
@dataclass(frozen=True)
class NetworkPolicyArgs:
    """`manifest`: from `alertpath.manifests.network_policy`; `after`: what must be there before."""

    stack: Stack
    manifest: Manifest
    after: Sequence[pulumi.Resource] = ()


@final
class NetworkPolicy(pulumi.ComponentResource):
    """The egress policy. `policy`: its name."""

    policy: pulumi.Output[str]

    def __init__(self, name: str, args: NetworkPolicyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("alertpath:components:NetworkPolicy", name, None, opts)
        declare(args.stack, args.manifest, pulumi.ResourceOptions(parent=self, depends_on=args.after))
        self.policy = pulumi.Output.from_input(args.manifest["metadata"]["name"])
        self.register_outputs({"policy": self.policy})
