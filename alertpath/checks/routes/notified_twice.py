"""Alerts that one receiver gets twice."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.siblings import Siblings
from alertpath.checks.subject import Subject
from alertpath.semantics.routing import EffectiveRoute


def _run(subject: Subject) -> Iterator[Hit]:
    by_receiver: dict[str, list[EffectiveRoute]] = {}
    for route in subject.routes:
        by_receiver.setdefault(route.receiver, []).append(route)
    overlaps = {name: Siblings([route.path for route in routes]) for name, routes in by_receiver.items()}
    for route in subject.routes:
        # Its own `continue`, or that of a route above it.
        if route.onward == len(subject.routes) or subject.silent(route.receiver):
            continue
        others = by_receiver[route.receiver]
        start = bisect_left(others, route.onward, key=lambda other: other.index)
        for position in overlaps[route.receiver].overlapping(route.path, start):
            labels = subject.taken(others[position], *route.path)
            if labels is not None and subject.takes(route, labels):
                shown = ", ".join(f"{name}={value}" for name, value in labels.items()) or "no labels"
                place = (*route.place, "continue") if route.route.continue_ else route.place
                yield Hit(place, f"{route.receiver} is told twice of an alert with {shown}")
                break


CHECK = check(
    _run,
    id="AP208",
    name="notified-twice",
    severity="warning",
    summary="An alert reaches the same receiver by two routes, one of which has continue: true.",
    why="People get each alert twice, and learn to ignore both.",
    mend="remove continue, or give one of the routes another receiver",
)
