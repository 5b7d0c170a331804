"""Alerts that are dropped by a route of their own."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.conditions import implies
from alertpath.checks.subject import Subject


def _run(subject: Subject) -> Iterator[Hit]:
    for route in subject.routes if subject.tells_somebody else ():
        if route.parent is None or not subject.silent(route.receiver) or subject.technical(route):
            continue
        if not implies(route.path, (subject.critical,)) and not route.route.routes and route.route.receiver:
            yield Hit(route.place, f"these alerts end at {route.receiver}, which tells nobody")


CHECK = check(
    _run,
    id="AP225",
    name="alerts-dropped",
    severity="note",
    summary="A route ends at a receiver that tells nobody.",
    why="It is the way to drop alerts; readers should know why these are.",
    mend="say why in a comment, or stop the alert at its rule",
)
