"""When a route notifies, in words: `Mon-Fri 09:00-18:00 Asia/Seoul`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Final

from alertpath.semantics.intervals import Hours, Row, Table

ANY_TIME: Final = "any time"
NEVER: Final = "never"
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LENGTHS: Final = tuple(
    (28, 29) if month == 2 else (30,) if month in (4, 6, 9, 11) else (31,) for month in range(1, 13)
)
_MINUTES: Final = 1440
_FULL: Final = (1 << _MINUTES) - 1

_Date = tuple[int, int, int]
"""A month, a day of it, and how many days the month has."""


def in_words(hours: tuple[Hours, ...]) -> str:
    """What `intervals.hours` returned, in words: each part in its own zone."""
    first, *mute = (_zones(part) for part in hours)
    return ", but not ".join((first, *(part for part in mute if part != NEVER)))


def _zones(hours: Hours) -> str:
    if hours and hours[0][1] == ((1, ()),):
        return ANY_TIME
    return " and ".join(f"{_years(tables)} {zone or 'UTC'}" for zone, tables in hours) or NEVER


def _years(tables: tuple[tuple[int, Table], ...]) -> str:
    if len(tables) == 1:
        return _table(tables[0][1])
    parts = [f"before {tables[1][0]}: {_table(tables[0][1])}"]
    parts += [f"from {year}: {_table(table)}" for year, table in tables[1:]]
    return "; ".join(parts) + ";"


def _table(table: Table) -> str:
    dates: dict[Row, list[_Date]] = {}
    for date, row in _dates(table):
        dates.setdefault(row, []).append(date)
    usual, *others = sorted(dates, key=lambda row: -len(dates[row]))
    if not others:
        return _week(usual)
    if not any(usual) and len(others) == 1:
        week = _week(others[0])
        return f"{'' if week == ANY_TIME else week + ' '}{_when(dates[others[0]])}"
    exceptions = (f"{_when(dates[row])} {_week(row)}" for row in others)
    return f"{_week(usual)}, but {', '.join(exceptions)},"


def _dates(table: Table) -> Iterator[tuple[_Date, Row]]:
    # A month has two rows of days where the clocks may jump, the first one for the usual way to count.
    kinds = [(month, days) for month, lengths in enumerate(_LENGTHS, 1) for days in lengths]
    step = len(table) // len(kinds)
    for index, (month, days) in enumerate(kinds):
        for day, row in enumerate(table[index * step], 1):
            yield (month, day, days), row


def _when(dates: Sequence[_Date]) -> str:
    by_month: dict[tuple[int, int], set[int]] = {}
    for month, day, days in dates:
        by_month.setdefault((month, days), set()).add(day)
    months = sorted({month for month, _ in by_month})
    inside = "" if len(months) == 12 else f"in {_ranges(months, lambda month: _MONTHS[month - 1])}"
    if all(len(found) == days for (_, days), found in by_month.items()):
        return inside
    if days := _same(by_month):
        return " ".join(filter(None, (days, inside or "of each month")))
    return "on some dates"


def _same(by_month: dict[tuple[int, int], set[int]]) -> str:
    # The same days in all months, counted from the first or from the last; "": neither.
    longest = max(by_month.values(), key=len)
    if all(found == {day for day in longest if day <= days} for (_, days), found in by_month.items()):
        return f"on day{'s' if len(longest) > 1 else ''} {_ranges(sorted(longest), str)}"
    ends = [{day - days - 1 for day in found} for (_, days), found in by_month.items()]
    if all(found == ends[0] for found in ends):
        return f"on day{'s' if len(ends[0]) > 1 else ''} {_ranges(sorted(ends[0]), str, ' to ')}"
    return ""


def _week(row: Row) -> str:
    # Rows begin with Sunday.
    days = (*row[1:], row[0])
    if set(days) == {_FULL}:
        return ANY_TIME
    if not any(days):
        return NEVER
    if len(set(days)) == 1:
        return f"daily {_times(days[0])}"
    groups: dict[int, list[int]] = {}
    for day, minutes in enumerate(days):
        if minutes:
            groups.setdefault(minutes, []).append(day)
    return ", ".join(
        _ranges(some, lambda day: _DAYS[day]) + ("" if minutes == _FULL else f" {_times(minutes)}")
        for minutes, some in groups.items()
    )


def _times(minutes: int) -> str:
    found: list[str] = []
    at = 0
    while minutes >> at:
        rest = minutes >> at
        at += (rest & -rest).bit_length() - 1
        rest = minutes >> at
        length = (~rest & (rest + 1)).bit_length() - 1
        found.append(f"{_clock(at)}-{_clock(at + length)}")
        at += length
    return " and ".join(found)


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
