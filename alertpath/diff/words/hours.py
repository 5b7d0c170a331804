"""When a route notifies, in words: `Mon-Fri 09:00-18:00 UTC`, `not told 2026-12-30 22:00 to 2027-01-02 02:00 UTC`.

Ends are exclusive: at 02:00 it is told again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, final

from alertpath.semantics.hours import EVERY_MINUTE, NO_MINUTES, Hours, Kind, Local, Minutes, Span, span

ANY_TIME: Final = "any time"
NEVER: Final = "never"
_SOME_DATES: Final = "on some dates"
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAY: Final = 1440
_WHOLE: Final = (1 << _DAY) - 1
_MOST_STRETCHES: Final = 4
_MOST_ROWS: Final = 12


def in_words(hours: Hours) -> str:
    """What `hours` means, from its first day on; each part in its own zone."""
    if hours.always:
        return ANY_TIME
    if hours.never:
        return NEVER
    zones = {zone for zone, _ in (*(hours.active or ()), *hours.mute)}
    if len(zones) == 1:
        zone = zones.pop()
        only = hours.active[0][1] if hours.active else EVERY_MINUTE
        mute = hours.mute[0][1] if hours.mute else NO_MINUTES
        return f"{_Words(span(hours.since), zone).without(only, mute)} {zone or 'UTC'}"
    only = ANY_TIME if hours.active is None else _by_zone(hours, hours.active)
    return _but(only, _by_zone(hours, hours.mute))


def _by_zone(hours: Hours, local: Local) -> str:
    found = [(zone, _Words(span(hours.since), zone).of(own)) for zone, own in local]
    return " and ".join(f"{words} {zone or 'UTC'}" for zone, words in found if words != NEVER)


def _but(told: str, not_told: str) -> str:
    if not not_told:
        return told
    return f"not told {not_told}" if told == ANY_TIME else f"{told}, but not {not_told}"


@final
@dataclass(frozen=True, slots=True)
class _Words:
    # For the minutes of one zone's own clocks.
    span: Span
    zone: str

    def without(self, only: Minutes, mute: Minutes) -> str:
        # What is muted once keeps its own ends, whatever is told then.
        if once := self._stretches(self.span.counted(mute)):
            return _but(self.of(only), once)
        return self.of(only - mute)

    def of(self, own: Minutes) -> str:
        own = self.span.counted(own)
        if said := self._plain(own):
            return said
        usual = self._usual(own)
        if usual == NO_MINUTES:
            return _SOME_DATES
        missing, more = (
            NEVER if each == NO_MINUTES else self._plain(each) or _SOME_DATES for each in (usual - own, own - usual)
        )
        said = self._regular(usual) if missing == NEVER else _but(self._regular(usual), missing)
        return said if more == NEVER else f"{said}, and {more}"

    def _plain(self, own: Minutes) -> str:
        return self._stretches(own) or self._regular(own)

    def _stretches(self, own: Minutes) -> str:
        # Each stretch by its begin and end; "": there are many, or none.
        found: list[str] = []
        for first, after in _stretches(own, _MOST_STRETCHES):
            begin, end = (f"{self.span.day(at // _DAY).isoformat()} {_clock(at % _DAY)}" for at in (first, after))
            if self.span.is_first(first // _DAY):
                found.append(ANY_TIME if self.span.is_over(after // _DAY) else f"until {end}")
            else:
                found.append(f"from {begin} on" if self.span.is_over(after // _DAY) else f"{begin} to {end}")
        return " and ".join(found)

    def _usual(self, own: Minutes) -> Minutes:
        # The week that most weeks are like.
        found = NO_MINUTES
        for number in range(7):
            whole = self.span.days("weekday", number)
            runs = (
                (start, whole if 2 * (days & whole).bit_count() > whole.bit_count() else 0) for start, days in own.runs
            )
            found |= Minutes(tuple(runs))
        return self.span.counted(found)

    def _regular(self, own: Minutes) -> str:
        # Which days of weeks and months, with their times; "": it cannot be said so.
        if own == NO_MINUTES:
            return NEVER
        said: list[tuple[int, str]] = []
        for days, row in _rows(own, self.span.all_days):
            if not row:
                continue
            found = self._which(days)
            if found is None or len(said) == _MOST_ROWS:
                return ""
            first, week, dates = found
            times = "" if row == _WHOLE else _times(row, wraps=not week and not dates)
            if times and not week:
                week = "daily"
            said.append((first, " ".join(filter(None, (week, times, dates)))))
        return ", ".join(words for _, words in sorted(said)) or ANY_TIME

    def _which(self, days: int) -> tuple[int, str, str] | None:
        # By what to sort these days; their weekdays and dates in words, "": all. None: it cannot be said.
        week = [number for number in range(7) if days & self.span.days("weekday", (number + 1) % 7)]
        months = [number for number in range(1, 13) if days & self.span.days("month", number)]
        years = [number for number in self.span.years if days & self.span.days("year", number)]
        some = self._any("weekday", [(number + 1) % 7 for number in week])
        some &= self._any("month", months) & self._any("year", years)
        for sign, zone in ((1, ""), (-1, ""), (-1, self.zone)):
            numbers = [n for n in range(1, 32) if days & self.span.days("day", sign * n, zone)]
            if some & self._any("day", [sign * n for n in numbers], zone) == days:
                break
        else:
            return None
        dates = (
            [] if len(numbers) == 31 else [_on_days(numbers, sign), *(["of each month"] if len(months) == 12 else [])]
        )
        dates += [] if len(months) == 12 else [f"in {_ranges(months, lambda month: _MONTHS[month - 1])}"]
        dates += [] if set(years) >= set(self.span.years[1:-1]) else [f"in {_ranges(years, str)}"]
        dates += ["(counted a day short where clocks go forward)"] if zone else []
        return week[0], "" if len(week) == 7 else _ranges(week, lambda day: _DAYS[day]), " ".join(dates)

    def _any(self, kind: Kind, numbers: Sequence[int], zone: str = "") -> int:
        found = 0
        for number in numbers:
            found |= self.span.days(kind, number, zone)
        return found


def _on_days(numbers: Sequence[int], sign: int) -> str:
    signed = sorted(sign * number for number in numbers)
    return f"on day{'s' if len(numbers) > 1 else ''} {_ranges(signed, str, '-' if sign > 0 else ' to ')}"


def _rows(own: Minutes, all_days: int) -> Iterator[tuple[int, int]]:
    # Days that have the same minutes, and these minutes as bits.
    rows = {0: all_days}
    for start, end, days in own.segments():
        minutes = (1 << end) - (1 << start)
        split: dict[int, int] = {}
        for row, some in rows.items():
            for key, part in ((row | minutes, some & days), (row, some & ~days)):
                if part:
                    split[key] = split.get(key, 0) | part
        rows = split
    for row, some in rows.items():
        yield some, row


def _stretches(own: Minutes, most: int) -> list[tuple[int, int]]:
    # Minutes without a gap, each by its first one and the one after its last, counted from the first day's midnight.
    # Empty: there are more than `most`.
    edges: list[int] = []
    before = own.runs[-1][1] << 1
    for start, days in own.runs:
        changed = days ^ before
        if changed.bit_count() + len(edges) > 2 * most:
            return []
        while changed:
            day = (changed & -changed).bit_length() - 1
            edges.append(day * _DAY + start)
            changed &= changed - 1
        before = days
    edges.sort()
    return list(zip(edges[::2], edges[1::2], strict=True))


def _times(minutes: int, *, wraps: bool) -> str:
    # `wraps`: it is so each day, so that a night is one stretch.
    found: list[tuple[int, int]] = []
    at = 0
    while rest := minutes >> at:
        at += (rest & -rest).bit_length() - 1
        rest = minutes >> at
        length = (~rest & (rest + 1)).bit_length() - 1
        found.append((at, at + length))
        at += length
    if wraps and len(found) > 1 and found[0][0] == 0 and found[-1][1] == _DAY:
        found = [*found[1:-1], (found[-1][0], found[0][1])]
    return " and ".join(f"{_clock(start)}-{_clock(end)}" for start, end in found)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _ranges(numbers: Sequence[int], name: Callable[[int], str], to: str = "-") -> str:
    # 1, 2, 3, 7 -> `1-3, 7`.
    found: list[str] = []
    for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        some = [number for _, number in run]
        first, last = (name(number) for number in (some[0], some[-1]))
        found.append(first if len(some) == 1 else f"{first}{to}{last}")
    return ", ".join(found)
