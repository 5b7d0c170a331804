"""The Argo CD Application that syncs the rendered files: https://argo-cd.readthedocs.io/en/stable/operator-manual/declarative-setup/."""

from __future__ import annotations

from typing import Any, Final

from alertpath.delivery.manifests.common import LABELS, Manifest, manifest
from alertpath.inputs.settings import ArgoCd
from alertpath.inputs.stack import Stack

_API_VERSION: Final = "argoproj.io/v1alpha1"
# Compares by a dry run of the API server, so that fields which it defaults are no difference.
_COMPARE: Final = {"argocd.argoproj.io/compare-options": "ServerSideDiff=true"}
# What Argo CD must neither prune nor delete with its Application: pages depend on it.
KEEP: Final = {"argocd.argoproj.io/sync-options": "Prune=false,Delete=false"}


def application(stack: Stack) -> Manifest | None:
    """The Application; an ApplicationSet where more than one cluster is named; None without `argocd`."""
    argocd = stack.settings.argocd
    return application_of(argocd, stack.settings.namespace.name) if argocd else None


def application_of(argocd: ArgoCd, namespace: Any, repo_url: Any = None) -> Manifest:
    """The same for settings alone: it syncs to `namespace`, from `repo_url` where the settings' own is not meant."""
    repo_url = argocd.repo_url if repo_url is None else repo_url
    if len(argocd.clusters) == 1:
        cluster = argocd.clusters[0]
        spec = _spec(argocd, namespace, repo_url, path=cluster.path or argocd.path, server=cluster.server)
        result = manifest(_API_VERSION, "Application", argocd.namespace, argocd.name, spec=spec)
        result["metadata"]["annotations"] = dict(_COMPARE)
        return result
    elements = [
        {"name": each.name, "server": each.server, "path": each.path or argocd.path} for each in argocd.clusters
    ]
    template = {
        "metadata": {
            "name": f"{argocd.name}-{{{{.name}}}}",
            "labels": dict(LABELS),
            "annotations": dict(_COMPARE),
        },
        "spec": _spec(argocd, namespace, repo_url, path="{{.path}}", server="{{.server}}"),
    }
    spec = {
        "goTemplate": True,
        "goTemplateOptions": ["missingkey=error"],
        "generators": [{"list": {"elements": elements}}],
        # Without it, a cluster that leaves the list loses its Alertmanager's configuration.
        "syncPolicy": {"preserveResourcesOnDeletion": True},
        "template": template,
    }
    return manifest(_API_VERSION, "ApplicationSet", argocd.namespace, argocd.name, spec=spec)


def _spec(argocd: ArgoCd, namespace: Any, repo_url: Any, *, path: str, server: str) -> dict[str, Any]:
    return {
        "project": argocd.project,
        "source": {"repoURL": repo_url, "targetRevision": argocd.revision, "path": path},
        "destination": {"server": server, "namespace": namespace},
        "syncPolicy": {
            "automated": {"prune": argocd.prune, "selfHeal": argocd.self_heal},
            # Client-side apply keeps a copy in an annotation, limited to 262,144 bytes.
            "syncOptions": ["ServerSideApply=true"],
        },
    }
