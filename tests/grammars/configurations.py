"""Configurations as YAML, and the small languages in them: matchers, durations, time intervals. Many are not valid."""

from __future__ import annotations

import json
from collections.abc import Sequence
from random import Random
from typing import Any, Final

from tests.grammars import regexes

_SPACES: Final = ("", "", "", "", " ", "  ", "\t", "\n", "\r", "\u00a0", "\u2003", "\v", "\u3000", "\x1c", "\u200b")
_NAMES: Final = (
    "a",
    "a",
    "severity",
    "alertname",
    "job:x",
    "_x",
    "a1",
    "1a",
    "a.b",
    "a-b",
    "a/b",
    "gr\u00f6\u00dfe",
    "\u4e2d",
    '"a"',
    '"a b"',
    '"a.b"',
    '""',
    '"a\\"b"',
    '"\\u0061"',
    "'a'",
    "`a`",
    "a\\b",
    '"a',
    "\u00aa",
    "\ufeff",
    ":",
    "a:",
    '"\\n"',
)
_OPS: Final = ("=", "=", "=~", "!=", "!~", "==", "!", "~", "=!", "=~=", "<", "")
_VALUES: Final = (
    "b",
    "b",
    "critical",
    '"b"',
    '"b"',
    '"b c"',
    "b c",
    "",
    '""',
    '"b,c"',
    "b,c",
    '"{b}"',
    "{b}",
    "}",
    "'b'",
    "b=c",
    "=",
    "~b",
    "b~c",
    '"b',
    'b"',
    'b"c',
    '"b"c',
    '"\\"b"',
    '"b\\\\"',
    '"b\\"',
    "b\\",
    "b\\n",
    '"\\n"',
    '"\\t"',
    '"\\x41"',
    '"\\xff"',
    '"\\u0062"',
    '"\\ud800"',
    '"\\U0001F389"',
    '"\\U00110000"',
    '"\\101"',
    '"\\400"',
    '"\\q"',
    "\\d",
    '"\\\\d"',
    '"a|b"',
    "a|b",
    ".*",
    '".*"',
    '"["',
    "[",
    '"a\nb"',
    "a\nb",
    "\u00e9",
    '"\U0001f389"',
    "0",
    "~",
    "null",
    '\\"',
    "\\\\",
    "`b`",
    "#b",
    "\x1c",
)
_UNITS: Final = ("y", "w", "d", "h", "m", "s", "ms")
_NUMBERS: Final = (
    "0",
    "1",
    "5",
    "30",
    "007",
    "90",
    "1000",
    "292",
    "293",
    "106751",
    "106752",
    "9223372036854775807",
    "9223372036854775808",
    "99999999999999999999",
    "1.5",
    ".5",
    "5.",
    "-1",
    "+1",
    "1e3",
    "\u0661",
    "1_0",
    " 1",
    "",
)
_DAYS: Final = (
    "sunday",
    "monday",
    "saturday",
    "Monday",
    "FRIDAY",
    "mon",
    "0",
    "",
    "m\u00f6nday",
    "null",
    " monday",
    "friday ",
)
_MONTHS: Final = (
    "january",
    "december",
    "June",
    "1",
    "12",
    "0",
    "13",
    "-1",
    "+3",
    "007",
    "jan",
    "",
    " 5",
    "1.5",
    "99999999999999999999",
    "9223372036854775807",
    "-9223372036854775808",
    "\u0661",
    "1_0",
    "0x1",
)
_NUMERIC: Final = (
    "1",
    "31",
    "32",
    "0",
    "-1",
    "-31",
    "-32",
    "28",
    "+5",
    "05",
    "",
    "x",
    " 1",
    "1.5",
    "2026",
    "99999999999999999999",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775809",
    "\u0661",
    "1_0",
    "0x1",
    "--1",
)
_TIMES: Final = (
    "00:00",
    "09:00",
    "17:30",
    "23:59",
    "24:00",
    "24:01",
    "9:00",
    "09:60",
    "-1:00",
    "09:00:00",
    "0900",
    "",
    "\u0660\u0660:00",
    "25:00",
    "09:00\n",
    "12:0",
    " 09:00",
)
_ZONES: Final = (
    "UTC",
    "",
    "Local",
    "Asia/Seoul",
    "asia/seoul",
    "utc",
    "Europe/Berlin",
    "EST",
    "EST5EDT",
    "Etc/GMT+1",
    "Mars/X",
    "../etc",
    "/UTC",
    "Asia",
    "posixrules",
    "posix/UTC",
    "GMT+0",
    "\\UTC",
    "Asia/Seoul ",
    "right/UTC",
    "Europe/Kyiv",
    "US/Pacific-New",
    "localtime",
    "Factory",
    "leapseconds",
    "tzdata.zi",
    "zone.tab",
    "+VERSION",
    "..",
    ".",
    "a..b",
    "Zulu",
    "zone1970.tab",
)


def matcher(random: Random) -> str:
    """One entry of a `matchers` list; about half of them are not valid."""
    count = random.choice((0, 1, 1, 1, 1, 1, 2, 2, 3))
    open_, close = random.choice(
        (("", ""), ("", ""), ("", ""), ("{", "}"), ("{", "}"), ("{", ""), ("", "}"), ("{{", "}}"))
    )
    comma = random.choice((",", ",", ",", " ", ",,", ""))
    text = space(random) + open_ + comma.join(_one(random) for _ in range(count))
    return text + random.choice(("", "", "", "", ",", " ")) + close + space(random)


def space(random: Random) -> str:
    """Nothing most often, or what may count as space."""
    return random.choice(_SPACES) if random.random() < 0.4 else ""


def _one(random: Random) -> str:
    simple = random.random() < 0.5
    name, op = (
        random.choice(_NAMES[:7] if simple else _NAMES),
        random.choice(_OPS[:5] if random.random() < 0.9 else _OPS),
    )
    value = random.choice(_VALUES[:8] if simple and random.random() < 0.5 else _VALUES)
    if "~" in op and random.random() < 0.3:
        pattern = regexes.regex(random, 2).pattern
        value = json.dumps(pattern, ensure_ascii=False) if random.random() < 0.7 else pattern
    if random.random() < 0.1:
        value = "".join(random.choices("ab\"\\,{}=~! \n'`\u00e9", k=random.randrange(6)))
    return space(random) + name + space(random) + op + space(random) + value + space(random)


def duration(random: Random) -> str:
    """A duration as Prometheus or Go reads it."""
    if random.random() < 0.15:
        return random.choice(
            (
                "0",
                "",
                "0s",
                "-0s",
                "1",
                "s",
                "5 m",
                "5m ",
                "1h1h",
                "1m1h",
                "1\u00b5s",
                "1us",
                "1ns",
                "292y",
                "293y",
                "+0",
                "-0",
            )
        )
    if random.random() < 0.5:
        start = random.randrange(len(_UNITS))
        units = [unit for unit in _UNITS[start:] if random.random() < 0.6]
        return "".join(random.choice(_NUMBERS[:8]) + unit for unit in units)
    return "".join(
        random.choice(_NUMBERS) + random.choice((*_UNITS, "M", "us", "")) for _ in range(random.choice((1, 1, 2)))
    )


def interval(random: Random) -> dict[str, Any]:
    """One entry of `time_intervals`, as in YAML."""
    found: dict[str, Any] = {}
    for field, members in (("weekdays", _DAYS), ("months", _MONTHS), ("days_of_month", _NUMERIC), ("years", _NUMERIC)):
        if random.random() < 0.35:
            found[field] = [_range(random, members) for _ in range(random.choice((0, 1, 1, 2)))]
    if random.random() < 0.35:
        found["times"] = [_times(random) for _ in range(random.choice((0, 1, 1, 2)))]
    if random.random() < 0.3:
        found["location"] = random.choice(_ZONES)
    if random.random() < 0.05:
        found[random.choice(("weekday", "Times", "time", "years "))] = random.choice(([], None, "x", {}))
    if random.random() < 0.08 and found:
        found[random.choice(list(found))] = random.choice(
            (None, "x", 5, [None], [[]], {}, [{}], True, [1, -1], [1.5], ["~"])
        )
    return found


def _range(random: Random, members: tuple[str, ...]) -> Any:
    valid = members[:3] if random.random() < 0.6 else members
    kind = random.random()
    if kind < 0.45:
        text = random.choice(valid)
    elif kind < 0.92:
        text = ":".join(random.choices(valid, k=2))
    else:
        text = random.choice((":", "::", "1:2:3", "monday:", ":monday", "monday-friday", "1: 2"))
    return (
        int(text)
        if text.isascii() and text.isdecimal() and not text.startswith("0") and random.random() < 0.2
        else text
    )


def _times(random: Random) -> dict[str, Any]:
    start, end = (
        random.choice(_TIMES[:5] if random.random() < 0.7 else _TIMES),
        random.choice(_TIMES[:5] if random.random() < 0.7 else _TIMES),
    )
    if start > end and random.random() < 0.6:
        start, end = end, start
    found: dict[str, Any] = {"start_time": start, "end_time": end}
    if random.random() < 0.08:
        found.pop(random.choice(("start_time", "end_time")))
    if random.random() < 0.04:
        found["x"] = 1
    return found


def configuration(random: Random) -> dict[str, Any]:
    """A whole configuration, often with one or two faults."""
    names: list[str] = random.sample(("a", "b", "c c", "\u00e9"), k=random.choice((1, 2, 3)))
    hours: list[str] = random.sample(("night", "office"), k=random.choice((0, 1, 2)))
    faulty = random.random() < 0.5
    found: dict[str, Any] = {
        "route": _route(random, names, hours, 3, faulty=faulty) | {"receiver": names[0]},
        "receivers": [{"name": name} for name in names],
    }
    if hours:
        found["time_intervals"] = [
            {"name": name, "time_intervals": [_plain_interval(random) for _ in range(random.choice((1, 1, 2)))]}
            for name in hours
        ]
    if random.random() < 0.4:
        found["inhibit_rules"] = [_inhibit(random, faulty=faulty) for _ in range(random.choice((1, 2)))]
    if random.random() < 0.3:
        found["global"] = {"resolve_timeout": _some_duration(random, faulty=faulty)}
    if random.random() < 0.2:
        found["templates"] = random.choice((["*.tmpl"], [], ["/x/[a"], [""], "x", None))
    if random.random() < 0.3:
        _break(random, found)
    return found


def _break(random: Random, data: dict[str, Any]) -> None:
    if not data:
        return
    key = random.choice(list(data))
    value = data[key]
    if isinstance(value, list) and value and isinstance(value[0], dict) and random.random() < 0.6:
        _break(random, random.choice(value)) if value[0] else None
    elif isinstance(value, dict) and value and random.random() < 0.6:
        _break(random, value)
    elif random.random() < 0.25:
        del data[key]
    elif random.random() < 0.3 and isinstance(value, list):
        data[key] = value + value
    elif random.random() < 0.2:
        data[random.choice(("x", "Route", "recievers", ""))] = value
    else:
        data[key] = random.choice(
            (None, "", "x", "~", 0, -1, 1.5, True, [], {}, [None], ["a"], {"a": "b"}, [{"a": "b"}], "5m", [[]], [{}])
        )


def _some_duration(random: Random, *, faulty: bool) -> str:
    return (
        duration(random)
        if faulty and random.random() < 0.3
        else random.choice(("30s", "5m", "4h", "1d", "0s", "1h30m"))
    )


def _some_matcher(random: Random, *, faulty: bool) -> str:
    return (
        matcher(random)
        if faulty and random.random() < 0.3
        else random.choice(('a="b"', "a=~b.*", 'c!="d"', "a!~x|y", '"\u00e9"=x', "{a=b, c=d}"))
    )


def _plain_interval(random: Random) -> dict[str, Any]:
    return (
        interval(random)
        if random.random() < 0.2
        else random.choice(({}, {"weekdays": ["monday:friday"]}, {"months": ["1:3"]}))
    )


def _route(random: Random, names: Sequence[str], hours: Sequence[str], depth: int, *, faulty: bool) -> dict[str, Any]:
    root = depth == 3
    found: dict[str, Any] = {}
    chance = random.random

    def wrong() -> bool:
        return faulty and chance() < 0.06

    if chance() < 0.6:
        found["receiver"] = "missing" if wrong() else random.choice(names)
    if not root or wrong():
        found["matchers"] = [_some_matcher(random, faulty=faulty) for _ in range(random.choice((0, 1, 1, 2)))]
        for key in ("match", "match_re"):
            if chance() < 0.15:
                value = random.choice(("b", "", "b.*", "[" if wrong() else "b", "~"))
                found[key] = {random.choice(("a", "c", "a.b" if wrong() else "d", "1a" if wrong() else "e")): value}
        if chance() < 0.3:
            found["continue"] = random.choice((True, False))
    if chance() < 0.4:
        found["group_by"] = random.choice(
            (["a"], ["a", "c"], [], ["..."], ["a", "a"], ["...", "a"], [""], ["a.b"], ["\u00e9"])
            if faulty
            else (["a"], ["..."])
        )
    for key in ("group_wait", "group_interval", "repeat_interval"):
        if chance() < 0.3:
            found[key] = _some_duration(random, faulty=faulty)
    for key in ("mute_time_intervals", "active_time_intervals"):
        if (hours and not root and chance() < 0.2) or wrong():
            found[key] = ["missing"] if wrong() or not hours else [random.choice(hours)]
    if depth and chance() < 0.7:
        found["routes"] = [
            _route(random, names, hours, depth - 1, faulty=faulty) for _ in range(random.choice((1, 1, 2)))
        ]
    return found


def _inhibit(random: Random, *, faulty: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for side in ("source", "target"):
        if random.random() < 0.8:
            found[f"{side}_matchers"] = [_some_matcher(random, faulty=faulty)]
        if random.random() < 0.2:
            found[f"{side}_match"] = {"a": random.choice(("b", "~", ""))}
        if random.random() < 0.2:
            found[f"{side}_match_re"] = {"a": random.choice(("b", "~", "[", "b.*"))}
    if random.random() < 0.5:
        found["equal"] = random.choice((["a"], ["a", "a"], [], ["a.b"], [""], ["1a"], ["\u00e9"]))
    if random.random() < 0.1:
        found["name"] = random.choice(("x", "", None))
    return found
