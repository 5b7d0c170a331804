"""Times that miss the last minute of the day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject

_ALMOST: Final = 24 * 60 - 1


def _run(subject: Subject) -> Iterator[Hit]:
    for index, named in enumerate(subject.config.time_intervals):
        for at, one in enumerate(named.intervals):
            for number, times in enumerate(one.times or ()):
                if times.end == _ALMOST:
                    place = ("time_intervals", index, "time_intervals", at, "times", number)
                    yield Hit(place, f"{named.name} ends before 23:59 begins")


CHECK = check(
    _run,
    id="AP114",
    name="last-minute",
    severity="note",
    summary="A time range ends at 23:59.",
    why="An end is not part of its range: in the minute before midnight the interval does not hold.",
    mend='write end_time: "24:00"',
)
