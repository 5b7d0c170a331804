"""Dated maintenance windows in Alertmanager's terms, which know times of day and days of months, but no dates."""

from __future__ import annotations

import datetime
from typing import Any

from alertpath.inputs.catalog import Maintenance, minute


def dated(window: Maintenance) -> list[dict[str, Any]]:
    """A dated window as time intervals: the first day, whole days between, the last day.

    The times are those on the clock of the window's location, daylight saving included.
    """
    start, end = minute(window.start), minute(window.end)
    intervals: list[dict[str, Any]] = []
    day = start.date()
    while (midnight := datetime.datetime.combine(day, datetime.time())) < end:
        first = max(start, midnight)
        next_day = midnight + datetime.timedelta(days=1)
        times = []
        if first > midnight or end < next_day:
            last = "24:00" if end >= next_day else f"{end:%H:%M}"
            times = [{"start_time": f"{first:%H:%M}", "end_time": last}]
        intervals.append(_on_day(day, times, window.location))
        day = next_day.date()
    return _joined(intervals)


def _on_day(day: datetime.date, times: list[dict[str, str]], location: str) -> dict[str, Any]:
    limit: dict[str, Any] = {"times": times} if times else {}
    return limit | {
        "days_of_month": [str(day.day)],
        "months": [str(day.month)],
        "years": [str(day.year)],
        "location": location,
    }


def _joined(intervals: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Whole days of one month that follow each other as one interval, so that a long window stays short."""
    joined: list[dict[str, Any]] = []
    for interval in intervals:
        last = joined[-1] if joined else None
        alike = ("months", "years")
        if last and "times" not in last and "times" not in interval and all(last[f] == interval[f] for f in alike):
            first_day = last["days_of_month"][0].split(":")[0]
            last["days_of_month"] = [f"{first_day}:{interval['days_of_month'][0]}"]
        else:
            joined.append(dict(interval))
    return joined
