"""Routes whose hours leave no minute."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from alertpath.alertmanager.time_intervals import TimeInterval
from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject
from alertpath.compiling.summary import named_hours
from alertpath.semantics.hours import of_route


def _run(subject: Subject) -> Iterator[Hit]:
    for route in subject.routes:
        if not (route.active or route.mute) or subject.silent(route.receiver):
            continue
        if of_route(subject.config, route.route, subject.now.date()).never:
            key = "mute_time_intervals" if route.mute else "active_time_intervals"
            message = f"{route.receiver} is told at no time: {named_hours(route)}{_always(subject, route.mute)}"
            yield Hit((*route.place, key), message)


def _always(subject: Subject, mute: tuple[str, ...]) -> str:
    # Why a mute interval holds at any time.
    for named in subject.config.time_intervals:
        for number, one in enumerate(named.intervals, 1):
            if named.name in mute and replace(one, location="") == TimeInterval():
                where = f" ({one.location})" if one.location else ""
                return f"; item {number} of {named.name}{where} has no conditions, so that it always holds"
    return ""


CHECK = check(
    _run,
    id="AP227",
    name="never-told",
    severity="error",
    summary="The hours of a route leave no minute in the next ten years.",
    why="Its alerts are lost in silence: a route takes them whether it is muted or not, and no other one gets them.",
    mend="correct the intervals: the items of one are alternatives, and an item without conditions always holds",
)
