"""What was read from a cluster, once, before any step looks at it."""

from __future__ import annotations

import base64
import binascii
import gzip
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, cast, final

from alertpath.cluster.metrics import Metrics
from alertpath.compiling.compile import CONFIGURATION
from alertpath.inputs.credentials import Concealed

Object = Mapping[str, Any]
Part = Literal[
    "namespace",
    "configuration",
    "alertmanager",
    "generated",
    "stateful-set",
    "pods",
    "secrets",
    "declared",
    "store",
    "policies",
    "namespaces",
    "alertmanager-configs",
    "operator",
    "applications",
    "peers",
]
_COMPRESSED: Final = f"{CONFIGURATION}.gz"


@final
@dataclass(frozen=True, slots=True)
class Permission:
    """Verbs on the objects of a kind: on those named, or on all; `everywhere`: not only in one namespace."""

    group: str
    plural: str
    verbs: str
    names: tuple[str, ...] = ()
    everywhere: bool = False

    @property
    def role(self) -> str:
        """The kind of the Role that can grant it."""
        return "ClusterRole" if self.everywhere else "Role"

    @property
    def rule(self) -> str:
        """The rule of a Role that grants it."""
        names = f", resourceNames: [{', '.join(self.names)}]" if self.names else ""
        return f'{{apiGroups: ["{self.group}"], resources: [{self.plural}]{names}, verbs: [{self.verbs}]}}'


@final
@dataclass(frozen=True, slots=True)
class Unread:
    """Something that could not be read: why, and the permission that is missing, where it is that."""

    why: str
    permission: Permission | None = None


@final
@dataclass(frozen=True, slots=True)
class Manager:
    """Who wrote fields of an object, and when: an entry of `metadata.managedFields`."""

    name: str
    when: str
    fields: Mapping[str, Any] = field(repr=False)


@final
@dataclass(frozen=True, slots=True)
class Secret:
    """A Secret: its values by key, which nothing prints; a compressed configuration stands under its plain key."""

    name: str
    values: Mapping[str, Concealed]
    managers: tuple[Manager, ...] = ()

    def text(self, key: str) -> str | None:
        """The value of a key; None: there is no such key, or it is no text."""
        value = self.values.get(key)
        return value.reveal() if value else None

    def written(self, key: str) -> Manager | None:
        """Who wrote a key last; None: not known."""
        owners = [each for each in self.managers if f"f:{key}" in part(each.fields, "f:data")]
        return max(owners, key=lambda each: each.when, default=None)


@final
@dataclass(frozen=True, slots=True)
class Peer:
    """One Alertmanager: a pod, or what a URL leads to. `error`: it could not be asked, and the rest is empty."""

    name: str
    error: str = ""
    status: Object = field(default_factory=dict[str, Any])
    metrics: Metrics = field(default_factory=lambda: Metrics(""))
    alerts: Sequence[Object] = ()
    silences: Sequence[Object] = ()

    @property
    def configuration(self) -> str:
        """The configuration that it runs, in its own words: with defaults, credentials masked."""
        return str(part(self.status, "config").get("original", ""))

    @property
    def version(self) -> str:
        """Its version, such as 0.34.2."""
        return str(part(self.status, "versionInfo").get("version", ""))


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """A cluster as it was at `now`. None, or nothing: it is not there, unless `unread` says that nobody knows.

    `where`: the API server. `unreachable`: why no cluster could be asked at all. `secrets`: those with credentials.
    `declared`: what the stack declares besides, by kind and name. `namespaces`: their labels.
    `direct`: `peers` are URLs that somebody named, not the pods. `raw`: Secrets that the stack writes, without their
    values. `tracked_by`: the Argo CD Application that still syncs the stack's objects, or "".
    """

    now: datetime
    where: str = ""
    unreachable: str = ""
    unread: Mapping[Part, Sequence[Unread]] = field(default_factory=dict["Part", "Sequence[Unread]"])
    namespace: Object | None = None
    configuration: Secret | None = None
    alertmanager: Object | None = None
    generated: Secret | None = None
    stateful_set: Object | None = None
    pods: Sequence[Object] = ()
    secrets: Mapping[str, Secret | None] = field(default_factory=dict[str, "Secret | None"])
    declared: Mapping[tuple[str, str], Object | None] = field(default_factory=dict[tuple[str, str], "Object | None"])
    store: Object | None = None
    policies: Sequence[Object] = ()
    namespaces: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, "Mapping[str, str]"])
    alertmanager_configs: Sequence[Object] = ()
    operator: Object | None = None
    peers: Sequence[Peer] = ()
    direct: bool = False
    raw: Mapping[tuple[str, str], Object] = field(default_factory=dict[tuple[str, str], "Object"])
    tracked_by: str = ""

    @property
    def rolling(self) -> bool:
        """Whether the StatefulSet's pods are being replaced."""
        sts, status = self.stateful_set, part(self.stateful_set, "status")
        behind = int(status.get("observedGeneration") or 0) < int(part(sts, "metadata").get("generation") or 0)
        return behind or status.get("updateRevision") != status.get("currentRevision")

    @property
    def unready(self) -> list[Object]:
        """The pods that are not ready."""
        return [pod for pod in self.pods if (condition(pod, "Ready") or {}).get("status") != "True"]

    @property
    def answering(self) -> list[Peer]:
        """The Alertmanagers that could be asked."""
        return [peer for peer in self.peers if not peer.error]


def secret(found: Object | None) -> Secret | None:
    """What is kept of a Secret as the API server gives it."""
    if found is None:
        return None
    metadata = cast("Object", found["metadata"])
    data = cast("Mapping[str, str]", found.get("data") or {})
    return Secret(metadata["name"], dict(_decoded(data)), tuple(managers(metadata)))


def _decoded(data: Mapping[str, str]) -> Iterator[tuple[str, Concealed]]:
    for key, text in data.items():
        try:
            value = base64.b64decode(text)
            if key == _COMPRESSED:
                key, value = CONFIGURATION, gzip.decompress(value)
            yield key, Concealed(value.decode())
        except (binascii.Error, OSError, EOFError, UnicodeDecodeError):
            yield key, Concealed()


def managers(metadata: Object) -> Iterator[Manager]:
    """Who wrote an object, by its metadata."""
    for entry in parts(metadata, "managedFields"):
        yield Manager(entry.get("manager", ""), entry.get("time", ""), part(entry, "fieldsV1"))


def part(found: Object | None, name: str) -> Object:
    """A mapping inside of an object; empty where there is none."""
    return cast("Object", (found or {}).get(name) or {})


def parts(found: Object | None, name: str) -> Sequence[Object]:
    """A list of mappings inside of an object; empty where there is none."""
    return cast("Sequence[Object]", (found or {}).get(name) or ())


def spec(found: Object | None) -> Object:
    """An object's `spec`; empty where there is none."""
    return part(found, "spec")


def condition(found: Object | None, kind: str) -> Object | None:
    """A condition of an object's status, or None."""
    conditions = parts(part(found, "status"), "conditions")
    return next((each for each in conditions if each.get("type") == kind), None)


def seconds_since(observed: Observed, moment: object) -> float | None:
    """How long before `observed.now` a moment was, as Kubernetes writes it; None: it cannot be read."""
    try:
        return (observed.now - datetime.fromisoformat(str(moment))).total_seconds()
    except (ValueError, TypeError):
        return None


def name_of(found: Object) -> str:
    """An object's name."""
    return str(found["metadata"]["name"])
