"""Hours that do not hold below the route that has them."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject


def _run(subject: Subject) -> Iterator[Hit]:
    for route in subject.routes:
        if not route.mute and not route.active:
            continue
        free = [child for child in subject.below(route) if not child.mute and not child.active]
        if free:
            names = ", ".join((*route.mute, *route.active))
            count = "a route below it does" if len(free) == 1 else f"{len(free)} routes below it do"
            yield Hit(route.place, f"{names} holds for this route, but {count} not have it")


CHECK = check(
    _run,
    id="AP209",
    name="hours-not-inherited",
    severity="warning",
    summary="A route has mute or active intervals, and routes below it have none.",
    why="Intervals are not inherited: the alerts that a child takes are told at any time.",
    mend="repeat the intervals in each child, or say in a comment that the children are meant to be told at any time",
)
