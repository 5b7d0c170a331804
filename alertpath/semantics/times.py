"""Moments as people write them at a command line or in a test: `2026-11-23T18:30:00+01:00`, `18:30 Europe/Berlin`."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from alertpath.alertmanager.time_intervals import is_location

ALLOWED: Final = (
    "2026-11-23T18:30:00+01:00 (RFC 3339), or 2026-11-23 18:30 or 18:30 (today), each with a zone after it or in UTC: "
    "18:30 Europe/Berlin"
)
_FORM: Final = re.compile(
    r"(?:(?P<date>\d{4}-\d\d-\d\d)[Tt ]\s*)?(?P<time>\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)"
    r"(?:(?P<offset>[Zz]|[-+]\d\d:\d\d)|\s+(?P<zone>\S+))?",
    re.ASCII,
)
_FIRST_YEAR: Final = 1970
_LAST_YEAR: Final = 9900
"""Intervals are looked at for decades from a moment on, and no date of Python's lies beyond 9999."""


def parse(text: str, now: datetime) -> datetime:
    """The moment that `text` names, aware, in the zone that it names (default: UTC); ValueError says what is allowed.

    `now`, which is aware, gives the date where `text` is a mere time of day: it is today in that zone.
    """
    found = _FORM.fullmatch(text.strip())
    if not found:
        raise ValueError(f"not a moment; allowed: {ALLOWED}")
    zone = _zone(found["zone"] or "UTC")
    clock = found["time"][: len("18:30:00.000000")]  # Alertmanager writes billionths too.
    try:
        day = date.fromisoformat(found["date"]) if found["date"] else now.astimezone(zone).date()
        if found["offset"]:
            moment = datetime.fromisoformat(f"{day}T{clock}{found['offset'].upper()}")
        else:
            moment = datetime.combine(day, time.fromisoformat(clock), zone)
    except ValueError as error:
        raise ValueError(f"no such date or time of day: {error}; allowed: {ALLOWED}") from None
    if not _FIRST_YEAR < moment.year < _LAST_YEAR:
        raise ValueError(f"too far away; allowed: a year between {_FIRST_YEAR} and {_LAST_YEAR}")
    if not found["offset"]:
        _refuse_unclear(moment)
    return moment


def _zone(name: str) -> ZoneInfo:
    if name == "Local" or not is_location(name):
        raise ValueError(
            f"unknown time zone {name!r}; allowed: a name of the IANA time zone database, such as Asia/Seoul or UTC"
        )
    return ZoneInfo(name)


def _refuse_unclear(moment: datetime) -> None:
    # Where clocks jump, a time of day does not exist there, or twice.
    if moment.utcoffset() == moment.replace(fold=1).utcoffset():
        return
    there_and_back = moment.astimezone(UTC).astimezone(moment.tzinfo)
    if there_and_back.replace(tzinfo=None) != moment.replace(tzinfo=None):
        raise ValueError(f"the clocks of {moment.tzinfo} jump over that time; allowed: a time before or after it")
    either = " or ".join(moment.replace(fold=fold).isoformat() for fold in (0, 1))
    raise ValueError(f"that time is there twice in {moment.tzinfo}, as clocks go back; allowed: {either}")
