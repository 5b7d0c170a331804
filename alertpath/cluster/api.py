"""Read-only access to a cluster's objects; a missing permission is told with the rule that would grant it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, final

from alertpath.cluster.client import Api, Refused
from alertpath.cluster.observed import Object, Part, Permission, Unread


@final
@dataclass(frozen=True, slots=True)
class Resource:
    """A kind of objects as its API group serves it."""

    group: str
    version: str
    plural: str
    namespaced: bool = True

    def path(self, namespace: str | None, name: str = "") -> str:
        """Where objects of a namespace are, or of all namespaces, or one object."""
        base = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        inside = f"/namespaces/{namespace}" if namespace and self.namespaced else ""
        return "/".join((f"{base}{inside}/{self.plural}", *([name] if name else [])))

    def permission(self, verbs: str, namespace: str | None, name: str = "") -> Permission:
        """What allows verbs on it in a namespace, or in all."""
        everywhere = namespace is None or not self.namespaced
        return Permission(self.group, self.plural, verbs, (name,) if name else (), everywhere)


SECRET: Final = Resource("", "v1", "secrets")
NAMESPACE: Final = Resource("", "v1", "namespaces", namespaced=False)
POD: Final = Resource("", "v1", "pods")
PORT_FORWARD: Final = Resource("", "v1", "pods/portforward")
STATEFUL_SET: Final = Resource("apps", "v1", "statefulsets")
DEPLOYMENT: Final = Resource("apps", "v1", "deployments")
POLICY: Final = Resource("networking.k8s.io", "v1", "networkpolicies")
ALERTMANAGER: Final = Resource("monitoring.coreos.com", "v1", "alertmanagers")
APPLICATION: Final = Resource("argoproj.io", "v1alpha1", "applications")
ALERTMANAGER_CONFIG: Final = Resource("monitoring.coreos.com", "v1alpha1", "alertmanagerconfigs")

_PLURALS: Final = {
    "Secret": "secrets",
    "Namespace": "namespaces",
    "Alertmanager": "alertmanagers",
    "NetworkPolicy": "networkpolicies",
    "ExternalSecret": "externalsecrets",
    "SecretStore": "secretstores",
    "ClusterSecretStore": "clustersecretstores",
    "SealedSecret": "sealedsecrets",
}
_WITHOUT_NAMESPACE: Final = ("Namespace", "ClusterSecretStore")


def resource(api_version: str, kind: str) -> Resource:
    """The resource of a kind that a stack declares or refers to."""
    group, _, version = api_version.rpartition("/")
    return Resource(group, version, _PLURALS[kind], kind not in _WITHOUT_NAMESPACE)


@final
class Reader:
    """Reads objects; what it may not read is in `unread`, by the part that it belongs to. Raises Unreachable."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.unread: Final[dict[Part, list[Unread]]] = {}

    def one(self, part: Part, kind: Resource, namespace: str | None, name: str) -> dict[str, Any] | None:
        """An object; None: there is none, or it may not be read."""
        return self._ask(part, kind.path(namespace, name), {}, kind.permission("get", namespace, name))

    def some(self, part: Part, kind: Resource, namespace: str | None, labels: str = "") -> list[Object]:
        """The objects of a namespace, or of all, with these labels."""
        query: Mapping[str, str] = {"labelSelector": labels} if labels else {}
        found = self._ask(part, kind.path(namespace), query, kind.permission("list", namespace))
        return (found or {}).get("items") or []

    def _ask(self, part: Part, path: str, query: Mapping[str, str], needed: Permission) -> dict[str, Any] | None:
        try:
            return self._api.get(path, query)
        except Refused as error:
            if error.code != 404:
                missing = needed if error.code == 403 else None
                self.unread.setdefault(part, []).append(Unread(error.message, missing))
            return None
