"""Repetition that comes later than it says."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.alertmanager.durations import text
from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject


def _run(subject: Subject) -> Iterator[Hit]:
    for route in subject.routes:
        given = route.route
        if route.parent is not None and given.group_interval is None and given.repeat_interval is None:
            continue  # Told where it is written.
        if subject.technical(route):
            continue  # A heartbeat comes at the next multiple, which is what it counts on.
        if route.repeat_interval > route.group_interval and route.repeat_interval % route.group_interval:
            really = -(-route.repeat_interval // route.group_interval) * route.group_interval
            key = "repeat_interval" if given.repeat_interval is not None or route.parent is None else "group_interval"
            yield Hit(
                (*route.place, key),
                f"repeats every {text(really)}, not {text(route.repeat_interval)}: "
                f"group_interval is {text(route.group_interval)}",
            )


CHECK = check(
    _run,
    id="AP217",
    name="repeat-not-a-multiple",
    severity="note",
    summary="repeat_interval is not a multiple of group_interval.",
    why="Alertmanager looks at a group once each group_interval, so it repeats at the next multiple: later "
    "than the file says.",
    mend="make repeat_interval a multiple of group_interval",
)
