"""Time intervals whose items were meant as one."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject

_DAYS = ("weekdays", "days_of_month", "months", "years")


def _run(subject: Subject) -> Iterator[Hit]:
    for index, named in enumerate(subject.config.time_intervals):
        kinds = [
            "days" if one.times is None and any(getattr(one, key) is not None for key in _DAYS)
            else "times" if one.times is not None and all(getattr(one, key) is None for key in _DAYS)
            else ""
            for one in named.intervals
        ]  # fmt: skip
        if {"days", "times"} <= set(kinds):
            days, times = kinds.index("days") + 1, kinds.index("times") + 1
            yield Hit(
                ("time_intervals", index, "time_intervals", max(days, times) - 1),
                f"{named.name} is item {days} at any time of these days, and item {times} on any day",
            )


CHECK = check(
    _run,
    id="AP113",
    name="alternatives",
    severity="warning",
    summary="One item of a time interval names days, another one times.",
    why="Items are alternatives: the interval holds all day long on these days, and on every day at these times.",
    mend="write both into one item, under one dash",
)
