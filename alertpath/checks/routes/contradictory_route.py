"""Routes whose conditions exclude each other."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.conditions import possible
from alertpath.checks.subject import Subject


def _run(subject: Subject) -> Iterator[Hit]:
    for route in subject.routes:
        # Below a contradiction there is nothing else.
        above = route.parent.path if route.parent else ()
        if possible(above) and not possible(route.path):
            conditions = " and ".join(map(str, route.path))
            yield Hit((*route.place, "matchers"), "no alert can fulfil the conditions of this route", conditions)


CHECK = check(
    _run,
    id="AP201",
    name="contradictory-route",
    severity="error",
    summary="The matchers of a route, with those of the routes above it, exclude each other.",
    why="No alert can ever fulfil them, so whoever this route names is never told.",
    mend="correct the value, or move the route out of the one above it",
)
