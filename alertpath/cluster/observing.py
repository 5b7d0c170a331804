"""Everything that the steps look at, read once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, cast

from alertpath.cluster import api as cluster
from alertpath.cluster import observed
from alertpath.cluster.api import Reader
from alertpath.cluster.client import Api, Unreachable
from alertpath.cluster.expected import Expected
from alertpath.cluster.observed import Object, Observed, Part, Peer, Unread
from alertpath.cluster.peers import Address, NoAnswer, of_pod
from alertpath.delivery.manifests.network_policy import destinations
from alertpath.documents.manifests import selects

# As kube-prometheus and the chart name its Deployment.
_OPERATORS: Final = "app.kubernetes.io/name in (prometheus-operator, kube-prometheus-stack-prometheus-operator)"


def unreachable(why: str, where: str = "") -> Observed:
    """No cluster answers."""
    return Observed(now=datetime.now(UTC), where=where, unreachable=why)


def read(expected: Expected, api: Api, direct: Sequence[Address] = ()) -> tuple[Observed, list[Address]]:
    """The cluster as it is now, and the Alertmanagers asked: those of `direct`, or without them the pods."""
    try:
        return _read(expected, api, direct)
    except Unreachable as error:
        return unreachable(str(error), api.server), []


def _read(expected: Expected, api: Api, direct: Sequence[Address]) -> tuple[Observed, list[Address]]:
    reader, namespace, name = Reader(api), expected.namespace, expected.name
    live = reader.one("alertmanager", cluster.ALERTMANAGER, namespace, name)
    labels = f"app.kubernetes.io/name=alertmanager,alertmanager={name}"
    pods = sorted(reader.some("pods", cluster.POD, namespace, labels), key=observed.name_of)
    secret = expected.stack.settings.alertmanager.secret
    configuration = reader.one("configuration", cluster.SECRET, namespace, secret)
    generated = reader.one("generated", cluster.SECRET, namespace, f"alertmanager-{name}-generated")
    prefix = str(observed.spec(live).get("routePrefix") or "/")
    addresses = list(direct) or [of_pod(api, namespace, observed.name_of(pod), prefix) for pod in pods if _runs(pod)]
    seen = Observed(
        now=datetime.now(UTC),
        where=api.server,
        unread=reader.unread,
        namespace=reader.one("namespace", cluster.NAMESPACE, None, namespace),
        configuration=observed.secret(configuration),
        alertmanager=live,
        generated=observed.secret(generated),
        stateful_set=reader.one("stateful-set", cluster.STATEFUL_SET, namespace, f"alertmanager-{name}"),
        pods=pods,
        secrets={
            mounted: observed.secret(reader.one("secrets", cluster.SECRET, namespace, mounted))
            for mounted in expected.mounted
        },
        declared=dict(_declared(expected, reader)),
        store=_store(expected, reader),
        policies=reader.some("policies", cluster.POLICY, namespace),
        namespaces=dict(_namespaces(expected, reader)),
        alertmanager_configs=_alertmanager_configs(expected, reader, live),
        operator=next(iter(reader.some("operator", cluster.DEPLOYMENT, None, _OPERATORS)), None),
        peers=_peers(addresses, namespace, reader),
        direct=bool(direct),
    )
    return seen, addresses


def read_before(expected: Expected, api: Api) -> Observed:
    """What an update has to know before it changes anything: a few objects, and no pod."""
    try:
        return _read_before(expected, api)
    except Unreachable as error:
        return unreachable(str(error), api.server)


def _read_before(expected: Expected, api: Api) -> Observed:
    reader, namespace = Reader(api), expected.namespace
    written = {
        expected.stack.settings.alertmanager.secret: "configuration",
        **dict.fromkeys(expected.mounted, "secrets"),
    }
    secrets = {name: reader.one(cast("Part", part), cluster.SECRET, namespace, name) for name, part in written.items()}
    raw = {("Secret", name): {**live, "data": None} for name, live in secrets.items() if live is not None}
    declared = dict(_declared(expected, reader))
    return Observed(
        now=datetime.now(UTC),
        where=api.server,
        unread=reader.unread,
        namespace=reader.one("namespace", cluster.NAMESPACE, None, namespace),
        configuration=observed.secret(secrets[expected.stack.settings.alertmanager.secret]),
        alertmanager=reader.one("alertmanager", cluster.ALERTMANAGER, namespace, expected.name),
        secrets={name: observed.secret(secrets[name]) for name in expected.mounted},
        declared=declared,
        raw=raw,
        tracked_by=_tracked_by([*raw.values(), *filter(None, declared.values())], reader),
    )


def _tracked_by(lives: Sequence[Object], reader: Reader) -> str:
    """The Argo CD Application that still syncs one of these objects, or "".

    Source: Argo CD 3, Resource Tracking: the annotation is `APPLICATION:GROUP/KIND:NAMESPACE/NAME`; an Application in
    another namespace than Argo CD's is `NAMESPACE_NAME`.
    """
    for live in lives:
        annotations = observed.part(observed.part(live, "metadata"), "annotations")
        application = str(annotations.get("argocd.argoproj.io/tracking-id", "")).partition(":")[0]
        namespace, _, name = application.rpartition("_")
        if name and reader.one("applications", cluster.APPLICATION, namespace or "argocd", name) is not None:
            return application
    return ""


def _runs(pod: Object) -> bool:
    return cast("Object", pod.get("status") or {}).get("phase") == "Running"


def _declared(expected: Expected, reader: Reader) -> Iterator[tuple[tuple[str, str], Object | None]]:
    for each in expected.declared:
        kind, name = each["kind"], each["metadata"]["name"]
        resource = cluster.resource(each["apiVersion"], kind)
        yield (kind, name), reader.one("declared", resource, expected.namespace, name)


def _store(expected: Expected, reader: Reader) -> Object | None:
    settings = expected.stack.settings.credentials.external_secrets
    if settings is None:
        return None
    resource = cluster.resource(settings.api_version, settings.store.kind)
    return reader.one("store", resource, expected.namespace, settings.store.name)


def _namespaces(expected: Expected, reader: Reader) -> Iterator[tuple[str, Mapping[str, str]]]:
    settings = expected.stack.settings.network_policy
    found = destinations(expected.config, expected.namespace)
    names = {expected.namespace, settings.dns.namespace, *(each.namespace for each in found if each.namespace)}
    for name in sorted(names):
        namespace = reader.one("namespaces", cluster.NAMESPACE, None, name)
        if namespace is not None:
            yield name, namespace["metadata"].get("labels") or {}


def _alertmanager_configs(expected: Expected, reader: Reader, live: Object | None) -> list[Object]:
    """Those that the operator merges into the configuration."""
    selector = observed.spec(live).get("alertmanagerConfigSelector")
    if selector is None:
        return []
    elsewhere = observed.spec(live).get("alertmanagerConfigNamespaceSelector") is not None
    where = None if elsewhere else expected.namespace
    found = reader.some("alertmanager-configs", cluster.ALERTMANAGER_CONFIG, where)
    return [each for each in found if selects(selector, each["metadata"].get("labels") or {})]


def _peers(addresses: Sequence[Address], namespace: str, reader: Reader) -> list[Peer]:
    found: list[Peer] = []
    for address in addresses:
        try:
            found.append(address.read())
        except NoAnswer as error:
            reader.unread["peers"] = [Unread(str(error), cluster.PORT_FORWARD.permission("get, create", namespace))]
            break
    return found
