"""Time intervals that no route names."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject


def _run(subject: Subject) -> Iterator[Hit]:
    used = {name for route in subject.routes for name in (*route.mute, *route.active)}
    for index, interval in enumerate(subject.config.time_intervals):
        if interval.name not in used:
            yield Hit(("time_intervals", index), f"no route names the time interval {interval.name}")


CHECK = check(
    _run,
    id="AP402",
    name="unused-interval",
    severity="warning",
    summary="No route names this time interval.",
    why="A maintenance window or working hours that nobody uses mutes nothing, although the file says so.",
    mend="name it in mute_time_intervals or active_time_intervals, or remove it",
)
