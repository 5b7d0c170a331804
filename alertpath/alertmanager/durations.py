"""Durations as Alertmanager writes them: `30s`, `1h30m`, `2d`.

Source: Prometheus common 0.70, model/time.go (`ParseDuration`, `Duration.String`).
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

ALLOWED: Final = (
    "0, or whole numbers with y, w, d, h, m, s or ms, largest unit first and each at most once: 30s, 1h30m, 2d"
)
GO_ALLOWED: Final = "0, or whole numbers with h, m, s or ms, largest unit first and each at most once: 10s, 1m30s"

# Milliseconds, largest first. A year is always 365 days, a day always 24 hours.
_UNITS: Final = {
    "y": 31_536_000_000,
    "w": 604_800_000,
    "d": 86_400_000,
    "h": 3_600_000,
    "m": 60_000,
    "s": 1_000,
    "ms": 1,
}
_FORM: Final = re.compile("".join(rf"(?:([0-9]+){unit})?" for unit in _UNITS))
_MOST_DIGITS: Final = 19
_GO_FORM: Final = re.compile("".join(rf"(?:([0-9]+){unit})?" for unit in ("h", "m", "s", "ms")))
# Go keeps a duration as 64-bit nanoseconds.
_LONGEST: Final = ((1 << 63) - 1) // 1_000_000
_GO_UNITS: Final = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "μs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}
_GO_PART: Final = r"([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)"


def parse(text: str) -> int:
    """The milliseconds that `text` names; ValueError says what is allowed."""
    if text == "0":
        return 0
    found = _FORM.fullmatch(text)
    if not text or not found:
        raise ValueError(f"not a duration; allowed: {ALLOWED}")
    numbers = [
        (number.lstrip("0") or "0", unit)
        for number, unit in zip(found.groups(), _UNITS.values(), strict=True)
        if number
    ]
    # Python reads no number of thousands of digits.
    total = (
        _LONGEST + 1
        if any(len(number) > _MOST_DIGITS for number, _ in numbers)
        else sum(int(n) * u for n, u in numbers)
    )
    if total > _LONGEST:
        raise ValueError("the duration is out of range; allowed: at most 292 years")
    return total


def check_go(text: str) -> None:
    """ValueError where Go's own parser, which Alertmanager uses for timeouts of receivers, would refuse `text`."""
    body = text[1:] if text[:1] in ("-", "+") else text
    if body == "0":
        return
    if not re.fullmatch(f"(?:{_GO_PART})+", body):
        raise ValueError(f"not a duration; allowed: {GO_ALLOWED}")
    if sum(Fraction(number) * _GO_UNITS[unit] for number, unit in re.findall(_GO_PART, body)) >= 1 << 63:
        raise ValueError("the duration is out of range; allowed: at most 292 years")


def parse_go(text: str) -> int:
    """The milliseconds that `text` names where Alertmanager reads the field with Go's own parser.

    Timeouts of receivers are such fields, and the Prometheus Operator reads the same ones with Prometheus' parser,
    so that only what both take is allowed: no d, w or y, and no fractions. ValueError says what is allowed.
    """
    if text != "0" and (not text or not _GO_FORM.fullmatch(text)):
        raise ValueError(f"not a duration; allowed: {GO_ALLOWED}")
    return parse(text)


def text(milliseconds: int) -> str:
    """The canonical way to write `milliseconds`, as Alertmanager's own `String`: `90s` is `1m30s`, 14 days are `2w`.

    Years and weeks are used only where nothing remains. ValueError: below zero.
    """
    if milliseconds < 0:
        raise ValueError("a duration is not negative")
    if milliseconds == 0:
        return "0s"
    written = ""
    for unit, length in _UNITS.items():
        if unit in ("y", "w") and milliseconds % length:
            continue
        count, milliseconds = divmod(milliseconds, length)
        if count:
            written += f"{count}{unit}"
    return written
