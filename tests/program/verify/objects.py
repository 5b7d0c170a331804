"""The objects of a namespace: what controllers write there, and all of them as they were before."""

from __future__ import annotations

import base64
import copy
import gzip
from collections.abc import Mapping, Sequence
from typing import Any, Final, final

from alertpath.compiling.compile import CONFIGURATION
from tests.program.cluster import Cluster

NODE: Final = "verify"
LABELS: Final = {"app.kubernetes.io/name": "alertmanager", "alertmanager": "main"}
_PATHS: Final = {
    "StatefulSet": "apis/apps/v1/namespaces/{}/statefulsets",
    "Pod": "api/v1/namespaces/{}/pods",
}
_KINDS: Final = ("Secret", "NetworkPolicy", "Alertmanager", "ExternalSecret", "SecretStore", *_PATHS)
# What the API server fills in by itself.
_OWN: Final = ("resourceVersion", "uid", "creationTimestamp", "generation", "managedFields", "selfLink")

Objects = dict[tuple[str, str], dict[str, Any]]


def encoded(values: Mapping[str, str]) -> dict[str, str]:
    """The `data` of a Secret."""
    return {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}


@final
class Namespace:
    """Objects of a namespace by kind and name."""

    def __init__(self, cluster: Cluster, name: str) -> None:
        self.cluster: Final = cluster
        self.name: Final = name

    def path(self, kind: str, name: str = "") -> str:
        """The API path of objects of a kind, or of one."""
        if kind in _PATHS:
            return "/".join([_PATHS[kind].format(self.name), *([name] if name else [])])
        return self.cluster.path(kind, self.name, name)

    def merge(self, kind: str, name: str, changes: object, manager: str = "kubectl-edit") -> None:
        """What `kubectl edit` does."""
        path = f"{self.path(kind, name)}?fieldManager={manager}"
        self.cluster.request("PATCH", path, changes, "application/merge-patch+json")

    def status(self, kind: str, name: str, changes: object) -> None:
        """What a controller says of an object: changes fields of its status."""
        path = f"{self.path(kind, name)}/status?fieldManager=controllers"
        self.cluster.request("PATCH", path, {"status": changes}, "application/merge-patch+json")

    def delete(self, kind: str, name: str) -> None:
        """Deletes an object at once."""
        self.cluster.request("DELETE", self.path(kind, name), {"gracePeriodSeconds": 0})

    def put(self, kind: str, manifest: Mapping[str, Any], manager: str = "controllers") -> None:
        """Server-side apply."""
        self.cluster.apply(manifest, self.path(kind, manifest["metadata"]["name"]), manager)

    def secret(self, name: str, values: Mapping[str, str]) -> None:
        """A Secret with these values and no others."""
        self.put("Secret", {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": encoded(values)})

    def generate(self, text: str) -> None:
        """What the operator makes of a configuration."""
        compressed = base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()
        name = "alertmanager-main-generated"
        data = {f"{CONFIGURATION}.gz": compressed}
        self.put("Secret", {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": data})

    def condition(self, kind: str, name: str, condition: str, status: str, message: str = "") -> None:
        """The only condition of an object."""
        said: dict[str, Any] = {
            "type": condition,
            "status": status,
            "reason": "Tests",
            "message": message,
            "lastTransitionTime": "2026-03-02T12:00:00Z",
        }
        if kind == "Alertmanager":
            counts = dict.fromkeys(("replicas", "updatedReplicas", "availableReplicas"), 3)
            said["observedGeneration"] = 99
            self.status(kind, name, {"paused": False, **counts, "unavailableReplicas": 0, "conditions": [said]})
        else:
            self.status(kind, name, {"conditions": [said]})

    def stateful_set(self, secrets: Sequence[str], replicas: int = 3) -> None:
        """What the operator makes of the Alertmanager object, rolled out, with its pods."""
        spec = {"replicas": replicas, "serviceName": "o", "selector": {"matchLabels": LABELS}, "template": pod(secrets)}
        manifest = {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "alertmanager-main"}}
        self.put("StatefulSet", {**manifest, "spec": spec})
        revisions = {"currentRevision": "a", "updateRevision": "a", "observedGeneration": 99}
        self.status("StatefulSet", "alertmanager-main", {**revisions, "replicas": replicas, "readyReplicas": replicas})
        for number in range(replicas):
            self.pod(number, secrets)

    def pod(self, number: int, secrets: Sequence[str]) -> None:
        """A new pod that is ready."""
        name = f"alertmanager-main-{number}"
        made = pod(secrets)
        metadata = {"name": name, "labels": LABELS}
        manifest = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {**made["spec"], "nodeName": NODE}}
        self.cluster.request("POST", f"{self.path('Pod')}?fieldManager=controllers", manifest)
        ready = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}
        self.status("Pod", name, ready)

    def read(self) -> Objects:
        """All objects."""
        found: Objects = {}
        for kind in _KINDS:
            answer = self.cluster.request("GET", self.path(kind))
            # Items of a list do not say what they are.
            about = {"apiVersion": answer["apiVersion"], "kind": kind}
            found |= {(kind, each["metadata"]["name"]): {**each, **about} for each in answer["items"]}
        return found

    def restore(self, wanted: Objects) -> None:
        """Makes all objects as they were."""
        there = self.read()
        for kind, name in there.keys() - wanted.keys():
            self.delete(kind, name)
        for (kind, name), before in wanted.items():
            live = there.get((kind, name))
            if live is not None and _content(live) == _content(before):
                continue
            if live is not None and kind == "Pod":
                # Most of a pod cannot be changed.
                self.delete(kind, name)
                live = None
            self._write(kind, name, before, exists=live is not None)

    def _write(self, kind: str, name: str, before: Mapping[str, Any], *, exists: bool) -> None:
        manifest = copy.deepcopy(dict(before))
        # Whose the fields are, is restored as well: by a second time, which changes nothing else.
        for field in _OWN[:4]:
            manifest["metadata"].pop(field, None)
        path = self.path(kind, name)
        if not exists:
            self.cluster.request("POST", self.path(kind), manifest)
        for put in (path, f"{path}/status", path):
            if put == path or "status" in before:
                live = self.cluster.request("GET", path)
                manifest["metadata"]["resourceVersion"] = live["metadata"]["resourceVersion"]
                self.cluster.request("PUT", put, manifest)


def _content(live: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {name: value for name, value in live["metadata"].items() if name not in _OWN}
    return {**live, "metadata": metadata}


def pod(secrets: Sequence[str]) -> dict[str, Any]:
    """A pod's template that mounts Secrets."""
    volumes = [{"name": f"secret-{name}", "secret": {"secretName": name}} for name in secrets]
    containers = [{"name": "alertmanager", "image": "quay.io/prometheus/alertmanager:v0.34.2"}]
    return {"metadata": {"labels": LABELS}, "spec": {"containers": containers, "volumes": volumes}}
