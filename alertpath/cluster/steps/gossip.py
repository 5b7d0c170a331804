"""The Alertmanagers see each other: else each of them notifies on its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from alertpath.cluster.expected import Expected
from alertpath.cluster.observed import Observed, Peer, name_of, part, parts, spec
from alertpath.cluster.outcomes import Outcome, failed, ok, skipped, warning
from alertpath.cluster.steps.base import Step
from alertpath.delivery.manifests.network_policy import MESH
from alertpath.output.alert_classes import counted, listed


def seen(peer: Peer) -> int:
    """How many Alertmanagers it sees, itself included; 0: it does not gossip."""
    return len(parts(part(peer.status, "cluster"), "peers"))


def replicas(observed: Observed) -> int:
    """How many Alertmanagers there should be."""
    return int(spec(observed.alertmanager).get("replicas") or 1)


def _look(expected: Expected, observed: Observed) -> Iterator[Outcome]:
    wanted = replicas(observed)
    if wanted == 1:
        yield ok(expected.alertmanager, "has one replica, and nobody to gossip with")
        return
    if not observed.answering:
        yield skipped("gossip", "no Alertmanager could be asked")
        return
    if observed.unready:
        yield skipped("gossip", f"because {listed([name_of(pod) for pod in observed.unready])} is not ready")
        return
    for peer in observed.answering:
        if part(peer.status, "cluster").get("status") == "settling":
            yield warning(
                peer.name,
                "notifies nobody yet: it waits until it knows its peers",
                "it has just started, or cannot reach them",
                "run this again in a minute (--wait 120)",
                passes=True,
            )
    alone: dict[int, list[str]] = {}
    for peer in observed.answering:
        if seen(peer) != wanted:
            alone.setdefault(seen(peer), []).append(peer.name)
    for number, names in alone.items():
        sees = f"{'sees' if len(names) == 1 else 'each see'} {counted(number, 'Alertmanager')} of {wanted}"
        yield failed(
            listed(names, len(names)),
            f"{sees}: messages come twice, silences are not shared",
            f"port {MESH}, TCP and UDP, is closed between the pods, or a pod has just started",
            f"run this again in a minute; else open {MESH} in both directions "
            "(`ingress` too, if a policy restricts it)",
        )
    if not alone:
        yield ok(counted(len(observed.answering), "Alertmanager"), f"see all {wanted}")


STEP: Final = Step("gossip", "the Alertmanagers see each other", _look, ("peers",), ("access", "alertmanager", "pods"))
