"""Whether a moment lies in a time interval, and until when.

As the version of Alertmanager decides it. Before 0.35 it counts a month's days as its hours divided by 24, so that a
month in which the clocks go forward is a day short in that zone, and day -1 is the last but one.
Sources: Alertmanager 0.34.2 and 0.35.0, timeinterval/timeinterval.go and notify/mute.go; Go's time.Date for clocks that
jump.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final, Literal, final
from zoneinfo import ZoneInfo

from alertpath.alertmanager.config import Config, NamedTimeInterval, Route
from alertpath.alertmanager.integration_fields import Version
from alertpath.alertmanager.time_intervals import Range, TimeInterval

_DAY: Final = 86_400
_FAR: Final = 15_000
"""Days, about 41 years: after these no change is looked for. All combinations of date and weekday occur before."""
_EASTERNMOST: Final = 15 * 3600
EPOCH: Final = date(1970, 1, 1).toordinal()
_CALENDAR_DAYS: Final[Version] = (0, 35)
"""Since this version a month has as many days as in the calendar, however long they are."""


def moved_clocks(alertmanager: Version) -> bool:
    """Whether clocks that are moved change how many days that version counts in a month."""
    return alertmanager < _CALENDAR_DAYS


@final
@dataclass(frozen=True, slots=True)
class Silence:
    """Why a route notifies nobody at a moment.

    `by`: the mute intervals in which the moment lies, or all active intervals, in none of which it lies.
    `until`: the moment from which it notifies again; None: not in the next 40 years.
    """

    kind: Literal["mute", "active"]
    by: tuple[str, ...]
    until: datetime | None


@final
class Calendar:
    """The time intervals of a configuration. Moments must have a zone; `Local`, the pod's zone, is taken as UTC."""

    def __init__(self, config: Config) -> None:
        self._moved: Final = moved_clocks(config.alertmanager)
        self._intervals: Final[Mapping[str, tuple[TimeInterval, ...]]] = {
            named.name: named.intervals for named in config.time_intervals
        }

    def inside(self, name: str, moment: datetime) -> bool:
        """Whether the moment lies in the interval `name`; KeyError: there is none."""
        return inside(self._intervals[name], moment, moved=self._moved)

    def until(self, name: str, moment: datetime) -> datetime | None:
        """When `inside` changes after `moment`; None: not in the next 40 years."""
        return _change([(self._intervals[name], True)], moment, self._moved)

    def silence(self, route: Route, moment: datetime) -> Silence | None:
        """Why the route notifies nobody at that moment; None: it does notify."""
        muted = tuple(name for name in route.mute_time_intervals if self.inside(name, moment))
        active = route.active_time_intervals
        if not muted and (not active or any(self.inside(name, moment) for name in active)):
            return None
        mute = [part for name in route.mute_time_intervals for part in self._intervals[name]]
        only = [part for name in active for part in self._intervals[name]] if active else [TimeInterval()]
        until = _change([(mute, False), (only, True)], moment, self._moved)
        return Silence("mute", muted, until) if muted else Silence("active", active, until)


def inside(intervals: Iterable[TimeInterval], moment: datetime, *, moved: bool) -> bool:
    """Whether the moment lies in any of them. `moved` as `moved_clocks` says."""
    return any(contains(interval, moment, moved=moved) for interval in intervals)


def contains(interval: TimeInterval, moment: datetime, *, moved: bool) -> bool:
    """Whether the moment, which has a zone, lies in it. `moved` as `moved_clocks` says."""
    local = moment.astimezone(_zone(interval.location))
    if interval.times is not None:
        minute = local.hour * 60 + local.minute
        if not any(times.start <= minute < times.end for times in interval.times):
            return False
    days = interval.days_of_month
    return (
        (
            days is None
            or _in_days(days, local.day, days_in_month(interval.location, local.year, local.month, moved=moved))
        )
        and _in(interval.months, local.month)
        and _in(interval.weekdays, local.isoweekday() % 7, wraps=True)
        and _in(interval.years, local.year)
    )


def _in(ranges: tuple[Range, ...] | None, number: int, *, wraps: bool = False) -> bool:
    return ranges is None or any(contains_number(one, number, wraps=wraps) for one in ranges)


def contains_number(wanted: Range, number: int, *, wraps: bool = False) -> bool:
    """Whether it is in the range. `wraps`: one that ends before it begins goes on at the beginning, as a week does."""
    if wraps and wanted.first > wanted.last:
        return number >= wanted.first or number <= wanted.last
    return wanted.first <= number <= wanted.last


def _in_days(ranges: Sequence[Range], day: int, days: int) -> bool:
    for wanted in ranges:
        first = wanted.first if wanted.first >= 0 else days + wanted.first + 1
        last = wanted.last if wanted.last >= 0 else days + wanted.last + 1
        if first <= days and first <= day <= min(last, days):
            return True
    return False


@lru_cache(maxsize=256)
def _zone(location: str) -> ZoneInfo:
    return ZoneInfo("UTC" if location in ("", "Local") else location)


@lru_cache(maxsize=4096)
def days_in_month(location: str, year: int, month: int, *, moved: bool) -> int:
    """How many days Alertmanager counts in a month. `moved` as `moved_clocks` says."""
    if not moved:
        return calendar.monthrange(year, month)[1]
    zone = _zone(location)
    begin = _instant(zone, year, month, 1, 0)
    # Go adds a month to the clock of that instant, which is not midnight where the clocks jumped then.
    local = datetime.fromtimestamp(begin, zone)
    second = local.hour * 3600 + local.minute * 60 + local.second
    return (_instant(zone, local.year, local.month + 1, local.day, second) - begin) // _DAY


def _instant(zone: ZoneInfo, year: int, month: int, day: int, second: int) -> int:
    # Unix time of a local clock, as Go's time.Date has it; months and days may overflow.
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    clock = (date(year, month, 1).toordinal() + day - 1 - EPOCH) * _DAY + second
    offset = _offset(zone, clock)
    return clock - _offset(zone, clock - offset) if offset else clock


def _offset(zone: ZoneInfo, instant: int) -> int:
    offset = datetime.fromtimestamp(instant, zone).utcoffset()
    return round(offset.total_seconds()) if offset else 0


def offset_of(location: str, instant: int) -> int:
    """How many seconds the clocks of a zone are ahead of UTC at a second of Unix time."""
    return _offset(_zone(location), instant)


def _change(parts: Sequence[tuple[Sequence[TimeInterval], bool]], moment: datetime, moved: bool) -> datetime | None:
    # When it changes whether, for all parts, a moment lies inside (True) or outside (False) the intervals.
    def holds(at: datetime) -> bool:
        return all(inside(intervals, at, moved=moved) == wanted for intervals, wanted in parts)

    now = holds(moment)
    everything = [interval for intervals, _ in parts for interval in intervals]
    if all(interval == TimeInterval(location=interval.location) for interval in everything):
        return None
    for at in _boundaries(everything, moment):
        if at > moment and holds(at) != now:
            return at.astimezone(moment.tzinfo)
    return None


def _boundaries(intervals: Sequence[TimeInterval], moment: datetime) -> Iterator[datetime]:
    # All moments from then on at which a local clock reaches a time that any of them names, or jumps, in order.
    clocks: dict[str, set[int]] = {}
    for interval in intervals:
        times = {0} | {minute for t in interval.times or () for minute in (t.start, t.end)}
        clocks.setdefault(interval.location, set()).update(times)
    today = moment.astimezone(UTC).date().toordinal()
    found: set[int] = set()
    for ordinal in range(today - 2, today + _FAR):
        midnight = (ordinal - EPOCH) * _DAY
        for location, minutes in clocks.items():
            zone = _zone(location)
            before, after = _offset(zone, midnight - _DAY), _offset(zone, midnight + 2 * _DAY)
            found.update(midnight + minute * 60 - before for minute in minutes)
            if before != after:
                found.update(midnight + minute * 60 - after for minute in minutes)
                found.add(_jump(zone, midnight - _DAY, midnight + 2 * _DAY))
        # The next day begins up to 15 hours earlier in the east.
        ready = sorted(instant for instant in found if instant < midnight + _DAY - _EASTERNMOST)
        found.difference_update(ready)
        for instant in ready:
            yield datetime.fromtimestamp(instant, UTC)


def _jump(zone: ZoneInfo, low: int, high: int) -> int:
    # The first instant of the new offset.
    before = _offset(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    return high


def find(config: Config, names: Iterable[str]) -> tuple[TimeInterval, ...]:
    """What the named intervals of a configuration consist of, all together; names that are not defined add nothing."""
    defined: dict[str, NamedTimeInterval] = {named.name: named for named in config.time_intervals}
    return tuple(part for name in names if name in defined for part in defined[name].intervals)
