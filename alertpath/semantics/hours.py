"""When a route notifies, as the exact set of minutes from a day on: comparable, and known to be empty or not.

Two definitions are equal if they are the same minutes, whatever their zones and however they are written: as all sets
are kept in UTC, with the clocks of each zone as its rules have them. What is over counts no more, and nothing after
40 years does. Source: Alertmanager 0.34.2 and 0.35.0, timeinterval/timeinterval.go and notify/mute.go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, Literal, final

from alertpath.alertmanager.config import Config, Route
from alertpath.alertmanager.integration_fields import Version
from alertpath.alertmanager.time_intervals import Range, TimeInterval
from alertpath.semantics.intervals import EPOCH, contains_number, days_in_month, find, moved_clocks, offset_of

_SPAN: Final = 14_610
"""Days, 40 years: all combinations of date and weekday occur, and most rules of clocks that are known."""
_NEVER: Final = 3_653
"""Days, ten years: what notifies at no minute of them is said to do so never."""
_MARGIN: Final = 2
"""Days before and after the span, so that it can be moved into another zone."""
_EVERY_DAY: Final = (1 << (_SPAN + 2 * _MARGIN)) - 1
_COUNTED: Final = ((1 << _SPAN) - 1) << _MARGIN
_DAY: Final = 1440

Kind = Literal["weekday", "day", "month", "year"]
"""By what days are chosen."""


@final
@dataclass(frozen=True, slots=True)
class Minutes:
    """A set of minutes. `runs`: from which minute of the day on which days are meant, as bits; neighbours differ.

    Bit 0 is a day shortly before the first that counts (`Span`). A zone's own set counts its local days and minutes.
    """

    runs: tuple[tuple[int, int], ...]

    def combined(self, other: Minutes, how: Callable[[int, int], int]) -> Minutes:
        """Minute by minute what `how` makes of both, given the days as bits."""
        if len(self.runs) == len(other.runs) == 1:
            return Minutes(((0, how(self.runs[0][1], other.runs[0][1])),))
        starts = sorted({start for start, _ in (*self.runs, *other.runs)})
        mine, theirs = self._at(starts), other._at(starts)
        return _joined((start, how(next(mine), next(theirs))) for start in starts)

    def __or__(self, other: Minutes) -> Minutes:
        return self.combined(other, int.__or__)

    def __and__(self, other: Minutes) -> Minutes:
        return self.combined(other, int.__and__)

    def __sub__(self, other: Minutes) -> Minutes:
        return self.combined(other, lambda one, two: one & ~two)

    def segments(self) -> Iterator[tuple[int, int, int]]:
        """First minute of the day, the one after the last, and the days; those with days only."""
        for (start, days), (end, _) in zip(self.runs, (*self.runs[1:], (_DAY, 0)), strict=True):
            if days:
                yield start, end, days

    def days(self) -> int:
        """The days with any minute."""
        found = 0
        for _, days in self.runs:
            found |= days
        return found

    def contains(self, day: int, minute: int) -> bool:
        """Whether a minute of a day, counted from the first day that counts, is in it."""
        days = next(days for start, days in reversed(self.runs) if start <= minute)
        return bool(days >> (day + _MARGIN) & 1)

    def moved(self, minutes: int) -> Minutes:
        """Each minute later by so many; what leaves the days that are counted is lost."""
        if not minutes:
            return self
        pieces: list[tuple[int, int, int]] = []
        for start, end, days in self.segments():
            at, until = start + minutes, end + minutes
            while at < until:
                day = at // _DAY
                stop = min(until, (day + 1) * _DAY)
                bits = days << day if day >= 0 else days >> -day
                pieces.append((at - day * _DAY, stop - day * _DAY, bits & _EVERY_DAY))
                at = stop
        return _united(pieces)

    def _at(self, starts: Iterable[int]) -> Iterator[int]:
        # The days at each of these minutes, which are in order and contain its own.
        runs = iter((*self.runs, (_DAY + 1, 0)))
        days = 0
        following = next(runs)
        for start in starts:
            while following[0] <= start:
                days = following[1]
                following = next(runs)
            yield days


NO_MINUTES: Final = Minutes(((0, 0),))
EVERY_MINUTE: Final = Minutes(((0, _EVERY_DAY),))


def _joined(runs: Iterable[tuple[int, int]]) -> Minutes:
    found: list[tuple[int, int]] = []
    for start, days in runs:
        if not found or found[-1][1] != days:
            found.append((start, days))
    return Minutes(tuple(found))


def _united(pieces: Sequence[tuple[int, int, int]]) -> Minutes:
    starts = sorted({0, *(start for start, _, _ in pieces), *(end for _, end, _ in pieces if end < _DAY)})
    days = dict.fromkeys(starts, 0)
    for first, end, bits in pieces:
        for start in starts:
            if first <= start < end:
                days[start] |= bits
    return _joined(days.items())


Local = tuple[tuple[str, Minutes], ...]
"""For each zone ("" is UTC) the minutes of its own clocks."""


@final
@dataclass(frozen=True, slots=True)
class Hours:
    """When a route notifies; equal if at the same minutes from `since` on.

    `told`: these minutes in UTC. `active` (None: always) and `mute`: of what they are made, in the zones as written.
    """

    told: Minutes
    since: date
    active: Local | None = field(compare=False)
    mute: Local = field(compare=False)

    @property
    def never(self) -> bool:
        """Whether it notifies at no minute of the next ten years."""
        return not self.told.days() & ((1 << (_MARGIN + _NEVER)) - 1)

    @property
    def always(self) -> bool:
        """Whether it notifies at every minute."""
        return all(days == _COUNTED for _, days in self.told.runs)


def hours(
    active: Sequence[TimeInterval] | None, mute: Sequence[TimeInterval], since: date, alertmanager: Version
) -> Hours:
    """When a route notifies that is active in `active` (None: always) and not in `mute`.

    `since`: the first day, in UTC, that counts. `alertmanager`: the version, as it decides which day is a month's last.
    """
    return _hours(None if active is None else tuple(active), tuple(mute), since, moved_clocks(alertmanager))


def of_route(config: Config, route: Route, since: date) -> Hours:
    """When a route of a configuration notifies."""
    active = find(config, route.active_time_intervals) if route.active_time_intervals else None
    return hours(active, find(config, route.mute_time_intervals), since, config.alertmanager)


@lru_cache(maxsize=1024)
def _hours(active: tuple[TimeInterval, ...] | None, mute: tuple[TimeInterval, ...], since: date, moved: bool) -> Hours:
    of = span(since)
    only = None if active is None else of.local(active, moved)
    never = of.local(mute, moved)
    told = (EVERY_MINUTE if only is None else of.in_utc(only)) - of.in_utc(never)
    return Hours(of.counted(told), since, only, never)


@lru_cache(maxsize=16)
def span(since: date) -> Span:
    """The days from `since` on."""
    return Span(since)


@final
class Span:
    """The days from `since` on, as bits, and which of them are what."""

    all_days: Final = _COUNTED
    """The days that count."""

    def __init__(self, since: date) -> None:
        self._first: Final = since - timedelta(days=_MARGIN)
        self._months: Final[list[tuple[int, int, int, int]]] = []
        """Year, month, the bit of its first day (negative: before all) and its days."""
        at = self._first.replace(day=1)
        while (begin := (at - self._first).days) < _SPAN + 2 * _MARGIN:
            following = (at + timedelta(days=31)).replace(day=1)
            self._months.append((at.year, at.month, begin, (following - at).days))
            at = following
        self._zones: Final[dict[str, dict[int, Minutes]]] = {}
        self._sets: Final[dict[tuple[str, Range, str], int]] = {}
        last = self.day(_SPAN + _MARGIN - 1)
        self.years: Final = range(since.year, last.year + 1)
        """The years of these days."""

    def day(self, bit: int) -> date:
        """The day that a bit stands for."""
        return self._first + timedelta(days=bit)

    def is_first(self, bit: int) -> bool:
        """Whether it stands for the first day that counts."""
        return bit == _MARGIN

    def is_over(self, bit: int) -> bool:
        """Whether it stands for a day after all that count."""
        return bit >= _SPAN + _MARGIN

    def counted(self, minutes: Minutes) -> Minutes:
        """Those of the days that count."""
        return _joined((start, days & _COUNTED) for start, days in minutes.runs)

    def days(self, kind: Kind, number: int, counted: str = "") -> int:
        """The days with this weekday (0 is Sunday), day of the month (negative: from its end), month or year.

        `counted`: the zone in which Alertmanager before 0.35 counts a month's days by its hours.
        """
        return self._set(kind, Range(number, number), counted) & _COUNTED

    def local(self, intervals: Sequence[TimeInterval], moved: bool) -> Local:
        """The minutes of these intervals, by zone."""
        found: dict[str, Minutes] = {}
        for interval in intervals:
            zone = "" if interval.location in ("", "Local", "UTC") else interval.location
            if days := self._days(interval, zone, moved):
                times = [(0, _DAY)] if interval.times is None else [(each.start, each.end) for each in interval.times]
                own = _united([(start, end, days) for start, end in times])
                found[zone] = found[zone] | own if zone in found else own
        return tuple(sorted((zone, own) for zone, own in found.items() if own != NO_MINUTES))

    def in_utc(self, local: Local) -> Minutes:
        """All of them as minutes in UTC."""
        found = NO_MINUTES
        for zone, own in local:
            for offset, at in self._offsets(zone).items():
                found |= own.moved(-offset) & at
        return found

    def _days(self, interval: TimeInterval, zone: str, moved: bool) -> int:
        counted = zone if moved and len(self._offsets(zone)) > 1 else ""
        found = _EVERY_DAY
        limits: tuple[tuple[Kind, tuple[Range, ...] | None], ...] = (
            ("weekday", interval.weekdays),
            ("day", interval.days_of_month),
            ("month", interval.months),
            ("year", interval.years),
        )
        for kind, ranges in limits:
            if ranges is not None:
                some = 0
                for one in ranges:
                    some |= self._set(kind, one, counted if kind == "day" else "")
                found &= some
        return found

    def _set(self, kind: Kind, wanted: Range, counted: str) -> int:
        key = (kind, wanted, counted)
        if key not in self._sets:
            self._sets[key] = self._weekdays(wanted) if kind == "weekday" else self._dates(kind, wanted, counted)
        return self._sets[key]

    def _weekdays(self, wanted: Range) -> int:
        begin = self._first.isoweekday() % 7
        week = sum(1 << day for day in range(7) if contains_number(wanted, (begin + day) % 7, wraps=True))
        repeated = (_SPAN + 2 * _MARGIN) // 7 + 1
        # A one at each seventh bit, times the week.
        return week * ((1 << (7 * repeated)) // 127) & _EVERY_DAY

    def _dates(self, kind: Kind, wanted: Range, counted: str) -> int:
        found = 0
        for year, month, begin, days in self._months:
            first, last = 1, days
            if kind == "day":
                known = days_in_month(counted, year, month, moved=True) if counted else days
                first, last = (edge if edge >= 0 else known + edge + 1 for edge in (wanted.first, wanted.last))
                if first > known:
                    continue
                first, last = max(first, 1), min(last, known)
            elif not contains_number(wanted, year if kind == "year" else month):
                continue
            if first <= last:
                bits, at = (1 << (last - first + 1)) - 1, begin + first - 1
                found |= bits << at if at >= 0 else bits >> -at
        return found & _EVERY_DAY

    def _offsets(self, zone: str) -> dict[int, Minutes]:
        # For each distance from UTC, in minutes, when the zone's clocks are so far ahead.
        if zone not in self._zones:
            self._zones[zone] = self._at_offsets(zone) if zone else {0: EVERY_MINUTE}
        return self._zones[zone]

    def _at_offsets(self, zone: str) -> dict[int, Minutes]:
        begin = (self._first.toordinal() - EPOCH) * 86_400
        end = begin + (_SPAN + 2 * _MARGIN) * 86_400
        found: dict[int, Minutes] = {}
        for first, after, offset in _periods(zone, begin, end):
            minutes = _between((first - begin) // 60, (after - begin) // 60)
            found[offset] = found[offset] | minutes if offset in found else minutes
        return found


def _periods(zone: str, begin: int, end: int) -> Iterator[tuple[int, int, int]]:
    # From which second on until which one the zone is ahead by so many minutes. No clock is moved twice in a week.
    first, offset = begin, offset_of(zone, begin)
    for at in range(begin, end, 7 * 86_400):
        after = min(at + 7 * 86_400, end)
        if (new := offset_of(zone, after)) != offset:
            low, high = at, after
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset_of(zone, middle) == offset else (low, middle)
            yield first, high, offset // 60
            first, offset = high, new
    yield first, end, offset // 60


def _between(first: int, after: int) -> Minutes:
    # The minutes from one on until another, both counted from the first day's midnight.
    (day, minute), (last, end) = divmod(first, _DAY), divmod(after, _DAY)
    if day == last:
        return _united([(minute, end, 1 << day)])
    whole = ((1 << (last - day - 1)) - 1) << (day + 1)
    return _united([(0, _DAY, whole), (minute, _DAY, 1 << day), (0, end, 1 << last)])
