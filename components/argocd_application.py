"""The Argo CD Application that syncs rendered files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Required, TypedDict, final

import pulumi

from alertpath.delivery.manifests import argocd
from alertpath.inputs.settings import ArgoCd, ArgoDestination
from components.arguments import given
from components.cluster import Objects, name_of


class DestinationDict(TypedDict, total=False):
    """A cluster to sync to. `path`: another directory, for this cluster."""

    name: Required[str]
    server: str
    path: str


class ArgoCdApplicationArgsDict(TypedDict, total=False):
    """As ArgoCdApplicationArgs."""

    repo_url: Required[pulumi.Input[str]]
    path: Required[str]
    destination: pulumi.Input[str]
    name: str
    namespace: str
    project: str
    revision: str
    clusters: Sequence[DestinationDict]
    prune: bool
    self_heal: bool
    manager: str


@final
@dataclass(frozen=True, kw_only=True)
class ArgoCdApplicationArgs:
    """`repo_url`, `path`, `revision`: what is synced, to the namespace `destination`.

    `name`, `namespace`, `project`: of the Application itself. `clusters`: more than one make an ApplicationSet; none:
    Argo CD's own. `manager`: the manager of fields that the API server notes (default: alertpath-STACK).
    """

    repo_url: pulumi.Input[str]
    path: str
    destination: pulumi.Input[str] = "monitoring"
    name: str = "alertmanager-config"
    namespace: str = "argocd"
    project: str = "default"
    revision: str = "main"
    clusters: Sequence[DestinationDict | ArgoDestination] = ()
    prune: bool = False
    self_heal: bool = True
    manager: str = ""


@final
class ArgoCdApplication(pulumi.ComponentResource):
    """The Application or ApplicationSet. Without it, what it synced stays in the cluster.

    `application`: its name, once it is in the cluster.
    """

    application: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        args: ArgoCdApplicationArgs | ArgoCdApplicationArgsDict,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        args = given(ArgoCdApplicationArgs, args)
        said = _settings(args)
        super().__init__("alertpath:components:ArgoCdApplication", name, None, opts)
        objects = Objects(self, opts, manager=args.manager)
        self.application = name_of(objects.declare(argocd.application_of(said, args.destination, args.repo_url)))
        self.register_outputs({"application": self.application})


def _settings(args: ArgoCdApplicationArgs) -> ArgoCd:
    # The address may be known only later; then this one stands for it while the rest is validated.
    repo_url = args.repo_url if isinstance(args.repo_url, str) else "https://example.com/later.git"
    named: dict[str, Any] = {
        name: getattr(args, name) for name in ("name", "namespace", "project", "revision", "path", "prune", "self_heal")
    }
    if args.clusters:
        named["clusters"] = [dict(each) if isinstance(each, Mapping) else each for each in args.clusters]
    return ArgoCd.valid({"repo_url": repo_url, **named}, "the arguments")
