"""Maintenance windows that are over."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Iterator

from alertpath.alertmanager.time_intervals import Range, TimeInterval
from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject


def _run(subject: Subject) -> Iterator[Hit]:
    # A day more than the most western zone needs.
    today = subject.now.date() - datetime.timedelta(days=1)
    for index, named in enumerate(subject.config.time_intervals):
        ends = [_last_day(interval) for interval in named.intervals]
        if ends and (last := max(ends)) < today:
            yield Hit(("time_intervals", index), f"{named.name} ended on {last}")


def _last_day(interval: TimeInterval) -> datetime.date:
    """The last day on which it can hold, or later."""
    if not interval.years:
        return datetime.date.max
    year = min(max(each.last for each in interval.years), datetime.date.max.year)
    months = interval.months or (Range(1, 12),)
    month = max(each.last for each in months)
    length = calendar.monthrange(year, month)[1]
    days = [
        each.last if each.last > 0 else length + each.last + 1 for each in interval.days_of_month or (Range(1, 31),)
    ]
    return datetime.date(year, month, max(1, min(max(days), length)))


CHECK = check(
    _run,
    id="AP112",
    name="interval-in-the-past",
    severity="warning",
    summary="A maintenance window or other dated interval is over.",
    why="It does nothing any more, and hides among the windows that still do; copied with a wrong year it never will.",
    mend="remove it, or correct its dates",
)
