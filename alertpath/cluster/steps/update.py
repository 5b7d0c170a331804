"""No `pulumi up` stands still at a credential: it waits until a controller has made its Secret, and goes no further."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from alertpath.cluster.expected import Expected
from alertpath.cluster.observed import Observed
from alertpath.cluster.outcomes import Outcome, ok
from alertpath.cluster.steps import sources
from alertpath.cluster.steps.base import Step
from alertpath.cluster.steps.configuration import is_applied
from alertpath.cluster.steps.words import kubectl
from alertpath.delivery.manifests.credentials import by_secret


def _look(expected: Expected, observed: Observed) -> Iterator[Outcome]:
    stopped: list[Outcome] = []
    if expected.stack.settings.delivery == "cluster" and not is_applied(expected, observed):
        waited_for = _waited_for(expected, observed)
        found = sources.outcomes(expected, observed, waited_for) if waited_for else ()
        stopped = [_told(expected, observed, each) for each in found if each.status == "failed"]
    yield from stopped or [ok("pulumi up", "waits for no credential")]


def _waited_for(expected: Expected, observed: Observed) -> set[str]:
    """The Secrets that lack a credential, although what they are made from is there."""
    found: set[str] = set()
    for provider, kind in sources.KINDS.items():
        for name, credentials in by_secret(expected.stack, provider).items():
            there = observed.secrets.get(name)
            lacks = there is None or any(each.key not in there.values for each in credentials)
            if lacks and observed.declared.get((kind, sources.source(expected, kind, name))):
                found.add(name)
    return found


def _told(expected: Expected, observed: Observed, outcome: Outcome) -> Outcome:
    external = sorted(name for (kind, name), live in observed.declared.items() if kind == "ExternalSecret" and live)
    at_once = kubectl(expected, f"annotate externalsecret {' '.join(external)} force-sync=1 --overwrite")
    # External Secrets tries again after up to seven minutes.
    sooner = "" if outcome.subject.startswith("SealedSecret") else f"; {at_once} has External Secrets look at once"
    return replace(
        outcome,
        message=f"{outcome.message}; an update waits for it, and then fails before mounts and configuration",
        mend=f"{outcome.mend}{sooner}; then `pulumi up --stack {expected.stack.name}`, without `--refresh`, by which "
        "what was created counts as done",
    )


STEP: Final = Step(
    "update", "no update waits for a credential", _look, ("configuration", "secrets", "declared"), ("access",)
)
