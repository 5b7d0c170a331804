"""Whether a moment lies in a time interval, until when, and whether two definitions are the same hours.

As Alertmanager decides it, with its one surprise: it counts a month's days as its hours divided by 24, so that a month
in which the clocks go forward is a day short in that zone, and day -1 is the last but one.
Sources: Alertmanager 0.34.2, timeinterval/timeinterval.go and notify/mute.go; Go's time.Date for clocks that jump.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Final, Literal, final
from zoneinfo import TZPATH, ZoneInfo

from alertpath.alertmanager.config import Config, NamedTimeInterval, Route
from alertpath.alertmanager.time_intervals import Range, TimeInterval

_DAY: Final = 86_400
_FAR: Final = 15_000
"""Days, about 41 years: after these no change is looked for. All combinations of date and weekday occur before."""
_EASTERNMOST: Final = 15 * 3600
_EPOCH: Final = date(1970, 1, 1).toordinal()


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
        self._intervals: Final[Mapping[str, tuple[TimeInterval, ...]]] = {
            named.name: named.intervals for named in config.time_intervals
        }

    def inside(self, name: str, moment: datetime) -> bool:
        """Whether the moment lies in the interval `name`; KeyError: there is none."""
        return inside(self._intervals[name], moment)

    def until(self, name: str, moment: datetime) -> datetime | None:
        """When `inside` changes after `moment`; None: not in the next 40 years."""
        return _change([(self._intervals[name], True)], moment)

    def silence(self, route: Route, moment: datetime) -> Silence | None:
        """Why the route notifies nobody at that moment; None: it does notify."""
        muted = tuple(name for name in route.mute_time_intervals if self.inside(name, moment))
        active = route.active_time_intervals
        if not muted and (not active or any(self.inside(name, moment) for name in active)):
            return None
        mute = [part for name in route.mute_time_intervals for part in self._intervals[name]]
        only = [part for name in active for part in self._intervals[name]] if active else [TimeInterval()]
        until = _change([(mute, False), (only, True)], moment)
        return Silence("mute", muted, until) if muted else Silence("active", active, until)


def inside(intervals: Iterable[TimeInterval], moment: datetime) -> bool:
    """Whether the moment lies in any of them."""
    return any(contains(interval, moment) for interval in intervals)


def contains(interval: TimeInterval, moment: datetime) -> bool:
    """Whether the moment, which has a zone, lies in it."""
    local = moment.astimezone(_zone(interval.location))
    if interval.times is not None:
        minute = local.hour * 60 + local.minute
        if not any(times.start <= minute < times.end for times in interval.times):
            return False
    return (
        (
            interval.days_of_month is None
            or _in_days(interval.days_of_month, local.day, _days_in_month(interval.location, local.year, local.month))
        )
        and _in(interval.months, local.month)
        and _in(interval.weekdays, local.isoweekday() % 7)
        and _in(interval.years, local.year)
    )


def _in(ranges: tuple[Range, ...] | None, number: int) -> bool:
    return ranges is None or any(r.first <= number <= r.last for r in ranges)


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
def _days_in_month(location: str, year: int, month: int) -> int:
    zone = _zone(location)
    begin = _instant(zone, year, month, 1, 0)
    # Go adds a month to the clock of that instant, which is not midnight where the clocks jumped then.
    local = datetime.fromtimestamp(begin, zone)
    second = local.hour * 3600 + local.minute * 60 + local.second
    return (_instant(zone, local.year, local.month + 1, local.day, second) - begin) // _DAY


def _instant(zone: ZoneInfo, year: int, month: int, day: int, second: int) -> int:
    # Unix time of a local clock, as Go's time.Date has it; months and days may overflow.
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    clock = (date(year, month, 1).toordinal() + day - 1 - _EPOCH) * _DAY + second
    offset = _offset(zone, clock)
    return clock - _offset(zone, clock - offset) if offset else clock


def _offset(zone: ZoneInfo, instant: int) -> int:
    offset = datetime.fromtimestamp(instant, zone).utcoffset()
    return round(offset.total_seconds()) if offset else 0


def _change(parts: Sequence[tuple[Sequence[TimeInterval], bool]], moment: datetime) -> datetime | None:
    # When it changes whether, for all parts, a moment lies inside (True) or outside (False) the intervals.
    def holds(at: datetime) -> bool:
        return all(inside(intervals, at) == wanted for intervals, wanted in parts)

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
        midnight = (ordinal - _EPOCH) * _DAY
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


Row = tuple[int, ...]
"""For each weekday, Sunday first, a number whose bit N is set if the minute N of the day is meant."""
Table = tuple[tuple[Row, ...], ...]
"""For each kind of month (month, days, days as counted) and each of its days a row."""
Hours = tuple[tuple[str, tuple[tuple[int, Table], ...]], ...]
"""For each zone, from which year on which table holds. Equal hours are the same minutes in their own zones."""

_FULL: Final = (1 << 1440) - 1
_NEVER_ROW: Final = (0,) * 7
_ALWAYS_ROW: Final = (_FULL,) * 7


def hours(active: Sequence[TimeInterval] | None, mute: Sequence[TimeInterval] = ()) -> tuple[Hours, ...]:
    """When a route notifies that is active in `active` (None: always) and not in `mute`, comparable with ==.

    Equal: the same minutes. Not equal: different ones, or ones in several zones that only together are the same.
    """
    active = None if active is None else _without_empty(active)
    mute = _without_empty(mute)
    zones = {_canonical(interval.location) for interval in (*(active or ()), *mute)}
    if len(zones) <= 1:
        return (_hours(active, mute),)
    return (_hours(active, ()), _hours(mute, ()))


def _without_empty(intervals: Sequence[TimeInterval]) -> tuple[TimeInterval, ...]:
    fields = ("times", "weekdays", "days_of_month", "months", "years")
    return tuple(interval for interval in intervals if all(getattr(interval, name) != () for name in fields))


@lru_cache(maxsize=256)
def _canonical(location: str) -> str:
    # One name for all names of a zone, "" for UTC: those with the same file in the database.
    if location in ("", "Local", "UTC"):
        return ""
    if (rules := _rules(location)) == _rules("UTC"):
        return ""
    return _NAMES.setdefault(rules, location)


_NAMES: Final[dict[bytes, str]] = {}


def _rules(location: str) -> bytes:
    for directory in TZPATH:
        with contextlib.suppress(OSError):
            return (Path(directory) / location).read_bytes()
    return (resources.files("tzdata") / "zoneinfo" / location).read_bytes()


@lru_cache(maxsize=256)
def _hours(active: tuple[TimeInterval, ...] | None, mute: tuple[TimeInterval, ...]) -> Hours:
    everything = (*(active or ()), *mute)
    found: list[tuple[str, tuple[tuple[int, Table], ...]]] = []
    for zone in sorted({_canonical(interval.location) for interval in everything} or {""}):
        only = None if active is None else [i for i in active if _canonical(i.location) == zone]
        never = [i for i in mute if _canonical(i.location) == zone]
        years = {1} | {edge for i in everything for r in i.years or () for edge in (r.first, r.last + 1)}
        tables: list[tuple[int, Table]] = []
        for year in sorted(year for year in years if 1 <= year <= 9999):
            table = _table(
                None if only is None else [i for i in only if _in(i.years, year)],
                [i for i in never if _in(i.years, year)],
                zone,
            )
            if not tables or tables[-1][1] != table:
                tables.append((year, table))
        rows = {row for _, table in tables for days in table for row in days}
        if rows == {_ALWAYS_ROW}:
            return (("", ((1, ()),)),)
        if rows != {_NEVER_ROW}:
            found.append((zone, tuple(tables)))
    return tuple(found)


def _table(active: Sequence[TimeInterval] | None, mute: Sequence[TimeInterval], zone: str) -> Table:
    rows: dict[tuple[tuple[TimeInterval, ...] | None, tuple[TimeInterval, ...]], Row] = {}

    def row(month: int, counted: int, day: int) -> Row:
        def meant(intervals: Sequence[TimeInterval]) -> tuple[TimeInterval, ...]:
            return tuple(
                i
                for i in intervals
                if _in(i.months, month) and (i.days_of_month is None or _in_days(i.days_of_month, day, counted))
            )

        key = (None if active is None else meant(active), meant(mute))
        if key not in rows:
            only = _ALWAYS_ROW if key[0] is None else _row(key[0])
            rows[key] = tuple(o & ~m for o, m in zip(only, _row(key[1]), strict=True))
        return rows[key]

    short = _clocks_jump(zone)
    return tuple(
        tuple(row(month, counted, day) for day in range(1, days + 1))
        for month in range(1, 13)
        for days in ((28, 29) if month == 2 else (30,) if month in (4, 6, 9, 11) else (31,))
        for counted in ((days, days - 1) if short else (days,))
    )


def _row(intervals: Iterable[TimeInterval]) -> Row:
    found = [0] * 7
    for interval in intervals:
        minutes = _FULL if interval.times is None else 0
        for times in interval.times or ():
            minutes |= (1 << times.end) - (1 << times.start)
        for weekday in range(7):
            if _in(interval.weekdays, weekday):
                found[weekday] |= minutes
    return tuple(found)


@lru_cache(maxsize=256)
def _clocks_jump(location: str) -> bool:
    zone = _zone(location)
    return (
        len({_offset(zone, _instant(zone, year, month, 1, 0)) for year in range(2020, 2038) for month in (1, 4, 7, 10)})
        > 1
    )
