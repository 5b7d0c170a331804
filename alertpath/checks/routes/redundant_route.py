"""Routes that do what the route above them does anyway."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject
from alertpath.semantics.routing import EffectiveRoute


def _run(subject: Subject) -> Iterator[Hit]:
    for route in subject.routes:
        parent = route.parent
        # What a catalog says of each service holds whatever the default is.
        if parent is None or route.route.routes or not subject.native(route.place) or subject.technical(route):
            continue
        if route.mute or route.active or _settings(route) != _settings(parent) or not subject.enters(route):
            continue
        if not any(other.index > route.index or other.route.continue_ for other in subject.others(route)):
            yield Hit(route.place, f"this route does what its parent does anyway: {route.receiver}")


def _settings(route: EffectiveRoute) -> tuple[object, ...]:
    timing = (route.group_by, route.group_wait, route.group_interval, route.repeat_interval)
    return route.receiver, timing, dict(route.labels)


CHECK = check(
    _run,
    id="AP203",
    name="redundant-route",
    severity="warning",
    summary="A route never differs from its parent: same receiver, grouping and waits, and no route beside it "
    "takes its alerts.",
    why="It suggests a decision that nobody made, and has to be kept in step with its parent by hand.",
    mend="remove it, or give it what it was meant to change",
)
