"""Critical alerts that nobody gets."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.conditions import implies
from alertpath.checks.subject import Subject


def _run(subject: Subject) -> Iterator[Hit]:
    for route in subject.routes if subject.tells_somebody else ():
        if not subject.silent(route.receiver) or subject.technical(route) or route.parent is None:
            continue
        if implies(route.path, (subject.critical,)) and subject.taken(route) is not None:
            yield Hit(route.place, f"critical alerts end at {route.receiver}, which tells nobody")


CHECK = check(
    _run,
    id="AP204",
    name="critical-to-nobody",
    severity="error",
    summary="A route for critical alerts ends at a receiver that tells nobody.",
    why="The alert that is meant to wake somebody up is dropped in silence.",
    mend="name a receiver that pages; to drop a single alert, lower its severity or silence it",
)
