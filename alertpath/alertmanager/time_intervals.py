"""Time intervals as Alertmanager defines them: hours, weekdays, days of the month, months, years, in a zone.

Only their definition: reading, validation and writing. What one version takes and another one does not becomes a
`Form`. Sources: Alertmanager 0.34.2 and 0.35.0, timeinterval/timeinterval.go.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, final

from alertpath.alertmanager.integration_fields import Version
from alertpath.documents.go_yaml import Form, Reader
from alertpath.documents.places import Place

_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")
_NUMBER: Final = re.compile(r"[-+]?[0-9]+")
_MOST_DIGITS: Final = 19
_NEW_RANGES: Final[Version] = (0, 35)
"""The first version in which weekdays may go on over the end of the week, and a month must be one."""
WEEKDAYS: Final = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
MONTHS: Final = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_FIELDS: Final = ("times", "weekdays", "days_of_month", "months", "years", "location")


@final
@dataclass(frozen=True, slots=True, order=True)
class TimeRange:
    """Minutes of the day from `start` up to, without, `end` (at most 1440)."""

    start: int
    end: int


@final
@dataclass(frozen=True, slots=True, order=True)
class Range:
    """Whole numbers from `first` to `last`, both included.

    Weekdays count from Sunday = 0, months from January = 1; negative days of the month from its end, the last is -1.
    Weekdays go on over the end of the week where `first` is after `last`.
    """

    first: int
    last: int


_NULL: Final = Range(0, 0)
_NEVER: Final = Range(1, 0)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class TimeInterval:
    """Contains a moment that lies in each of the fields given.

    None: the field does not limit. An empty tuple: nothing lies in it (Alertmanager's reading of an empty list).
    `location` is an IANA zone name; "" is UTC.
    """

    times: tuple[TimeRange, ...] | None = None
    weekdays: tuple[Range, ...] | None = None
    days_of_month: tuple[Range, ...] | None = None
    months: tuple[Range, ...] | None = None
    years: tuple[Range, ...] | None = None
    location: str = ""


def parse(reader: Reader, data: object, path: Place = ()) -> TimeInterval:
    """The interval that the mapping `data` at `path` defines; mistakes go to `reader`."""
    given = reader.mapping(data, path, _FIELDS)

    def null_entry(field: str, index: int) -> None:
        reader.forms.append(Form((*path, field, index), "a null entry in a time interval", (0, 25), None))

    def ranges(field: str, one: Callable[[str], Range]) -> tuple[Range, ...] | None:
        if field not in given:
            return None
        found: list[Range] = []
        for index, entry in enumerate(reader.items(given[field], (*path, field), nulls=True)):
            if entry is not None:
                place = (*path, field, index)
                found.append(each := reader.parsed(_as_text(entry), place, one, _NULL))
                if field == "weekdays" and each.first > each.last:
                    reader.forms.append(_over_the_week_s_end(place, each))
                elif field == "months" and _no_month(str(entry)):
                    reader.forms.append(Form(place, "a month outside 1 to 12", (), (), _NEW_RANGES, refused=True))
                continue
            null_entry(field, index)
            if field == "weekdays":
                found.append(_NULL)  # Sunday for Go; elsewhere nothing lies in it.
        return tuple(each for each in found if each != _NEVER)

    times: tuple[TimeRange, ...] | None = None
    if "times" in given:
        given_times: list[TimeRange] = []
        for index, entry in enumerate(reader.items(given["times"], (*path, "times"), nulls=True)):
            if entry is None:
                null_entry("times", index)
            else:
                given_times.append(_time_range(reader, entry, (*path, "times", index)))
        times = tuple(given_times)
    return TimeInterval(
        times=times,
        weekdays=ranges("weekdays", _weekdays),
        days_of_month=ranges("days_of_month", _days_of_month),
        months=ranges("months", _months),
        years=ranges("years", _years),
        location=reader.parsed(given["location"], (*path, "location"), _location, "", "unknown-time-zone")
        if "location" in given
        else "",
    )


def to_mapping(interval: TimeInterval) -> dict[str, object]:
    """`interval` as Alertmanager's YAML has it; `parse` reads it back."""
    found: dict[str, object] = {}
    if interval.times is not None:
        found["times"] = [{"start_time": _clock(t.start), "end_time": _clock(t.end)} for t in interval.times]
    names: Mapping[str, Callable[[int], str]] = {
        "weekdays": lambda day: WEEKDAYS[day],
        "days_of_month": str,
        "months": lambda month: MONTHS[month - 1] if 1 <= month <= 12 else str(month),
        "years": str,
    }
    for field, name in names.items():
        ranges: tuple[Range, ...] | None = getattr(interval, field)
        if ranges is not None:
            found[field] = tuple(
                name(r.first) if r.first == r.last else f"{name(r.first)}:{name(r.last)}" for r in ranges
            )
    if interval.location:
        found["location"] = interval.location
    return found


@lru_cache(maxsize=1024)
def is_location(name: str) -> bool:
    """Whether `name` is a time zone that Alertmanager can load: an IANA name, `UTC`, or the pod's `Local`."""
    import zoneinfo  # Not at the top: most runs need no zone, and it takes 5 ms.

    if name in ("", "UTC", "Local"):
        return True
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


_ABBREVIATED: Final = {
    **dict.fromkeys(("PST", "PDT", "PT"), "America/Los_Angeles"),
    **dict.fromkeys(("MDT", "MT"), "America/Denver"),
    **dict.fromkeys(("CDT", "CT"), "America/Chicago"),
    **dict.fromkeys(("EDT", "ET"), "America/New_York"),
    **dict.fromkeys(("BST", "GB"), "Europe/London"),
    **dict.fromkeys(("CEST", "MESZ", "MEZ"), "Europe/Berlin"),
    **dict.fromkeys(("AEST", "AEDT"), "Australia/Sydney"),
    "KST": "Asia/Seoul",
    "JST": "Asia/Tokyo",
    "IST": "Asia/Kolkata",
    "SGT": "Asia/Singapore",
    "MSK": "Europe/Moscow",
    "HKT": "Asia/Hong_Kong",
    "EEST": "Europe/Athens",
    "WEST": "Europe/Lisbon",
    "BRT": "America/Sao_Paulo",
    "Z": "UTC",
}
_OFFSET: Final = re.compile(r"(?:GMT|UTC)?([+-])0?(1?[0-9])(?::?00)?", re.IGNORECASE)


def nearest_location(text: str) -> str:
    """The time zone that is likely meant by `text`, which is none: an abbreviation, a city, a misspelt name; or ""."""
    import zoneinfo

    if found := _ABBREVIATED.get(text.upper()):
        return found
    if offset := _OFFSET.fullmatch(text):
        # In these names the sign says how far UTC is ahead.
        zone = f"Etc/GMT{'-' if offset[1] == '+' else '+'}{offset[2]}"
        return zone if is_location(zone) else ""
    wanted = text.lower().replace(" ", "_")
    zones = {name.lower(): name for name in sorted(zoneinfo.available_timezones()) if "/" in name}
    cities = {name.rpartition("/")[2]: zone for name, zone in zones.items()}
    near = difflib.get_close_matches(wanted, [*zones, *cities], n=1, cutoff=0.8)
    return (zones.get(near[0]) or cities[near[0]]) if near else ""


def _as_text(entry: object) -> object:
    return str(entry) if isinstance(entry, int) and not isinstance(entry, bool) else entry


def _time_range(reader: Reader, data: object, path: Place) -> TimeRange:
    given = reader.mapping(data, path, ("start_time", "end_time"))
    problems = len(reader.problems)
    minutes = {"start_time": 0, "end_time": 0}
    for field in minutes:
        if field in given:
            minutes[field] = reader.parsed(given[field], (*path, field), _minutes, 0)
        elif isinstance(data, Mapping):
            reader.complain(path, f"{field} is missing", allowed="start_time and end_time, both as HH:MM")
    start, end = minutes.values()
    if start >= end and len(reader.problems) == problems:
        reader.complain(
            path,
            "start_time is not before end_time",
            value=f"{_clock(start)} to {_clock(end)}",
            allowed="a range within one day; a day ends at 24:00",
            mend=f"for a range past midnight write two: {_clock(start)} to 24:00, and 00:00 to {_clock(end)}"
            if start > end > 0
            else "",
        )
    return TimeRange(start, end)


def _minutes(text: str) -> int:
    if not _TIME.fullmatch(text):
        raise ValueError('not a time of day; allowed: "HH:MM" in quotes, 00:00 to 23:59, and 24:00 as an end')
    return int(text[:2]) * 60 + int(text[3:])


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _members(text: str, member: Callable[[str], int]) -> tuple[int, int]:
    parts = text.lower().split(":")
    if len(parts) > 2:
        raise ValueError("not a range; allowed: one value, or FIRST:LAST")
    return member(parts[0]), member(parts[-1])


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise ValueError("not a number; allowed: a whole number, or a range FIRST:LAST")
    digits = text.lstrip("+-").lstrip("0")
    if len(digits) > _MOST_DIGITS or not -(1 << 63) <= int(text) < 1 << 63:
        raise ValueError("out of range; allowed: what 64 bits can hold")
    return int(text)


def _weekdays(text: str) -> Range:
    def day(name: str) -> int:
        if name not in WEEKDAYS:
            raise ValueError("not a weekday; allowed: sunday to saturday, or a range such as monday:friday")
        return WEEKDAYS.index(name)

    return Range(*_members(text, day))


def _over_the_week_s_end(place: Place, days: Range) -> Form:
    first, last = WEEKDAYS[days.first], WEEKDAYS[days.last]
    mend = f"write two ranges, {first}:saturday and sunday:{last}"
    return Form(place, "a range of weekdays over the end of the week", _NEW_RANGES, None, refused=True, mend=mend)


def _days_of_month(text: str) -> Range:
    first, last = _members(text, _number)
    if not all(day and -31 <= day <= 31 for day in (first, last)):
        raise ValueError("out of range; allowed: 1 to 31, or -1 (the last day) to -31")
    if first < 0 < last:
        raise ValueError("counts from the end of the month to its beginning; allowed: a negative last day too")
    # A month has at least 28 days, so this is what can be known without a month.
    if (first + 28 if first < 0 else first) > (last + 28 if last < 0 else last):
        raise ValueError("the range is empty in every month; allowed: a first day before the last one")
    return Range(first, last)


def _month(name: str) -> int:
    if name in MONTHS:
        return MONTHS.index(name) + 1
    if not _NUMBER.fullmatch(name):
        raise ValueError("not a month; allowed: january to december, 1 to 12, or a range such as june:august")
    return _number(name)


def _no_month(text: str) -> bool:
    # Whether an end of a range is no month.
    try:
        return any(not 1 <= end <= 12 for end in _members(text, _month))
    except ValueError:
        return False


def _months(text: str) -> Range:
    first, last = _members(text, _month)
    if first > last:
        raise ValueError("the range is empty, a year begins in January; allowed: a range in that order, or two entries")
    # Alertmanager before 0.35 takes any number; no moment lies in a month outside 1 to 12.
    first, last = max(first, 1), min(last, 12)
    return Range(first, last) if first <= last else _NEVER


def _years(text: str) -> Range:
    first, last = _members(text, _number)
    if first > last:
        raise ValueError("the range is empty; allowed: FIRST:LAST with the earlier year first")
    return Range(first, last)


def _location(text: str) -> str:
    if not is_location(text):
        nearest = nearest_location(text)
        such_as = f": did you mean {nearest}?" if nearest else ", such as Asia/Seoul or UTC"
        raise ValueError(f"unknown time zone; allowed: a name of the IANA time zone database{such_as}")
    return text
