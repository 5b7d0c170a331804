"""Routes that never get an alert, because others take them all before."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.conditions import implies, possible
from alertpath.checks.subject import Subject
from alertpath.semantics.routing import EffectiveRoute


def _run(subject: Subject) -> Iterator[Hit]:
    hidden: set[int] = set()
    for route in reversed(subject.routes):
        if route.parent is None or not possible(route.path):
            continue
        if route.parent.index in hidden:
            hidden.add(route.index)
        elif not subject.enters(route):
            hidden.add(route.index)
            conditions = " and ".join(map(str, route.route.matchers)) or "everything"
            first = next((other for other in subject.others(route) if _takes_all(route, other)), None)
            by = "routes before it together take" if first is None else f"{_words(first)} before it takes"
            yield Hit(route.place, f"no alert reaches this route: {by} them all", conditions)


def _takes_all(route: EffectiveRoute, other: EffectiveRoute) -> bool:
    earlier = other.index < route.index and not other.route.continue_
    return earlier and implies(route.path, other.route.matchers)


def _words(route: EffectiveRoute) -> str:
    matchers = " and ".join(map(str, route.route.matchers))
    return (
        f"the route {{{matchers}}} of {route.receiver}"
        if matchers
        else f"the route of {route.receiver} without matchers"
    )


CHECK = check(
    _run,
    id="AP202",
    name="shadowed-route",
    severity="error",
    summary="Routes that are asked before this one take every alert that it matches.",
    why="Whoever this route names is never told, although the file says so.",
    mend="move it before the routes that take its alerts, narrow them, or set continue: true on them",
)
