"""Silences survive the next rollout."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from alertpath.cluster.expected import Expected
from alertpath.cluster.observed import Observed, part, spec
from alertpath.cluster.outcomes import Outcome, ok, skipped, warning
from alertpath.cluster.steps.base import Step
from alertpath.cluster.steps.gossip import replicas, seen
from alertpath.output.alert_classes import counted


def _look(expected: Expected, observed: Observed) -> Iterator[Outcome]:  # noqa: ARG001 - every step is given both
    if not observed.answering:
        yield skipped("silences", "no Alertmanager could be asked")
        return
    active = {
        str(silence.get("id"))
        for peer in observed.answering
        for silence in peer.silences
        if part(silence, "status").get("state") in ("active", "pending")
    }
    stored = bool(spec(observed.alertmanager).get("storage"))
    apart = not observed.unready and any(seen(peer) < replicas(observed) for peer in observed.answering)
    alone = replicas(observed) == 1 or apart
    if stored or not alone:
        kept = "lie on a volume" if stored else "are kept by the other replicas"
        yield ok("silences", f"{counted(len(active), 'silence')} in force; they {kept} while pods are replaced")
    else:
        yield warning(
            "silences",
            f"{counted(len(active), 'silence')} in force; a rollout forgets them, and what was notified",
            "one replica (or replicas that do not see each other) and no `spec.storage`",
            "three replicas, or `storage` of the Alertmanager object; until then, write silences down before a rollout",
        )


STEP: Final = Step(
    "silences",
    "silences survive a rollout",
    _look,
    ("alertmanager", "peers"),
    ("access", "alertmanager", "pods", "gossip"),
)
