"""Which alerts go to whom, when: one line for each route, in the order in which Alertmanager asks them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, final

from alertpath.alertmanager import durations
from alertpath.alertmanager.config import Config, Receiver
from alertpath.alertmanager.destinations import destination
from alertpath.alertmanager.matchers import Matcher
from alertpath.documents.redaction import redact
from alertpath.documents.safe_text import columns, padded, printable, safe, wrapped
from alertpath.semantics.routing import EffectiveRoute, effective_routes

EVERYTHING_ELSE: Final = "everything else"
NOBODY: Final = "nobody"
_TIMING: Final = ("group_wait", "group_interval", "repeat_interval")
_GROUPING: Final = "group_by"
_LITERALS: Final = re.compile(r"[\w-]+(\|[\w-]+)*")


@final
@dataclass(frozen=True)
class Line:
    """One route: its alerts in words, its receiver and where that sends them, its timing, its hours.

    `own`: which of its timing and grouping it does not inherit from the root route; the root route owns all of them.
    """

    alerts: str
    receiver: str
    destinations: str
    timing: Mapping[str, str]
    group_by: str
    hours: str
    goes_on: bool
    own: frozenset[str]

    def told(self) -> str:
        """Receiver, hours, and what of timing and grouping is not as everywhere, in one line, for a stack output.

        What decides about a message comes first: Pulumi (3.255) shows 150 characters of a value, and then dots.
        """
        if self.destinations == NOBODY:
            return f"{NOBODY}, on purpose"
        parts = [f"{self.receiver} ({self.destinations})"]
        parts += [self.hours] if self.hours else []
        parts += ["continue"] if self.goes_on else []
        parts += [f"{name} {self.timing[name]}" for name in _TIMING if name in self.own]
        parts += [f"by {self.group_by}"] if _GROUPING in self.own else []
        return ", ".join(parts)


def lines(config: Config) -> list[Line]:
    """The routes of a configuration."""
    receivers = {receiver.name: destinations(receiver) for receiver in config.receivers}
    return [
        Line(
            alerts=" and ".join(map(in_words, route.path)) or EVERYTHING_ELSE,
            receiver=route.receiver,
            destinations=receivers.get(route.receiver, "?"),
            timing={name: durations.text(getattr(route, name)) for name in _TIMING},
            group_by=", ".join(route.group_by) or "nothing",
            hours=_hours(config, route),
            goes_on=route.route.continue_,
            own=_own(route),
        )
        for route in effective_routes(config.route)
    ]


def _own(route: EffectiveRoute) -> frozenset[str]:
    own = {name for name in (*_TIMING, _GROUPING) if route.parent is None or getattr(route.route, name) is not None}
    # What the root route says, all inherit.
    if route.parent is not None and route.parent.parent is not None:
        own |= _own(route.parent)
    return frozenset(own)


def in_words(matcher: Matcher) -> str:
    """`severity=warning|info`, `namespace is not seedtest`: for people, not for Alertmanager."""
    alternatives = " or ".join(matcher.value.split("|")) if _LITERALS.fullmatch(matcher.value) else f"/{matcher.value}/"
    match matcher.op:
        case "=":
            return f"{matcher.label}={matcher.value}" if matcher.value else f"no {matcher.label}"
        case "!=":
            return f"{matcher.label} is not {matcher.value}" if matcher.value else f"any {matcher.label}"
        case "=~":
            return f"{matcher.label}={alternatives}"
        case _:
            return f"{matcher.label} is not {alternatives}"


def named_hours(route: EffectiveRoute) -> str:
    """The intervals that a route names: `only in office, not in holidays`."""
    parts = (("only in", route.active), ("not in", route.mute))
    return ", ".join(f"{words} {', '.join(intervals)}" for words, intervals in parts if intervals)


def _hours(config: Config, route: EffectiveRoute) -> str:
    if not (named := named_hours(route)):
        return ""
    from alertpath.semantics.hours import of_route  # Not at the top: most routes have no hours, and it takes 5 ms.

    never = of_route(config, route.route, datetime.now(UTC).date()).never
    return f"never: {named}" if never else named


def destinations(receiver: Receiver) -> str:
    """Where a receiver sends, in a few words: `Slack #seedtest-alerts and PagerDuty`, or `nobody`."""
    found = [destination(name, config) for name, configs in receiver.integrations.items() for config in configs]
    return " and ".join(found) or NOBODY


def routing_overview(config: Config) -> dict[str, str]:
    """For each class of alerts who is told, and when: one entry for a class, so that a change of one is one line.

    Where several routes have the same matchers, the entry has them in the order in which Alertmanager asks them.
    """
    overview: dict[str, list[str]] = {}
    for line in lines(config):
        overview.setdefault(safe(line.alerts), []).append(safe(line.told()))
    return {alerts: "; then ".join(told) for alerts, told in overview.items()}


def table(config: Config, width: int = 120) -> str:
    """The routes as a table for a terminal of `width` columns; the first row that an alert fits takes it."""
    head = ("alerts", "go to", "first after", "changes", "again", "hours")
    rows = [
        _printable(
            line.alerts + (" (and goes on)" if line.goes_on else ""),
            f"{line.destinations} ({line.receiver})" if line.destinations != NOBODY else NOBODY,
            *(line.timing[name] if line.destinations != NOBODY else "-" for name in _TIMING),
            line.hours or ("any time" if line.destinations != NOBODY else "-"),
        )
        for line in lines(config)
    ]
    widths = [max(columns(row[column]) for row in (head, *rows)) for column in range(len(head))]
    spare = width - sum(widths) - 2 * (len(head) - 1)
    if spare < 0:
        widths[0] = max(24, widths[0] + spare)
    printed = [_row(head, widths), "  ".join("-" * size for size in widths)]
    printed += [_row(row, widths) for row in rows]
    return "\n".join(printed)


def _printable(*cells: str) -> tuple[str, ...]:
    # Before they are wrapped: a part of a credential does not look like one.
    return tuple(printable(redact(cell)) for cell in cells)


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    cut = [wrapped(cell, size) or [""] for cell, size in zip(cells, widths, strict=True)]
    height = max(map(len, cut))
    lines_ = (
        "  ".join(
            padded(cell[index] if index < len(cell) else "", size) for cell, size in zip(cut, widths, strict=True)
        )
        for index in range(height)
    )
    return "\n".join(line.rstrip() for line in lines_)
