"""The Argo CD Application that syncs the rendered files, where the stack applies it itself."""

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
class ArgoCdApplicationArgs:
    """`manifest`: from `alertpath.manifests.argocd`; `after`: what must be there before."""

    stack: Stack
    manifest: Manifest
    after: Sequence[pulumi.Resource] = ()


@final
class ArgoCdApplication(pulumi.ComponentResource):
    """The Application or ApplicationSet. `application`: its name. Without it, what it synced stays in the cluster."""

    application: pulumi.Output[str]

    def __init__(self, name: str, args: ArgoCdApplicationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("alertpath:components:ArgoCdApplication", name, None, opts)
        declare(args.stack, args.manifest, pulumi.ResourceOptions(parent=self, depends_on=args.after))
        self.application = pulumi.Output.from_input(args.manifest["metadata"]["name"])
        self.register_outputs({"application": self.application})
