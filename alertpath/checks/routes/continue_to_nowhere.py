"""`continue` that leads nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject
from alertpath.semantics.routing import EffectiveRoute


def _run(subject: Subject) -> Iterator[Hit]:
    for route in subject.routes:
        # A route above it that goes on lets its alerts reach others.
        if not route.route.continue_ or any(above.route.continue_ for above in _above(route)):
            continue
        if next(subject.others(route, later=True), None) is None:
            yield Hit((*route.place, "continue"), "no later route can match these alerts")


def _above(route: EffectiveRoute) -> Iterator[EffectiveRoute]:
    while route.parent is not None:
        route = route.parent
        yield route


CHECK = check(
    _run,
    id="AP223",
    name="continue-to-nowhere",
    severity="warning",
    summary="A route has continue: true, and no route after it can match what it matches.",
    why="It suggests that somebody else is told too; nobody is.",
    mend="remove continue, or add the route that was meant",
)
