"""What a route does, and what two of them do differently, in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final, final

from alertpath.alertmanager import durations
from alertpath.alertmanager.config import GROUP_BY_ALL
from alertpath.diff.deliveries.notifications import Delivery, Endpoint
from alertpath.diff.words import hours as hours_words
from alertpath.output.alert_classes import cut, listed, printable, quoted

NOT_SET: Final = "not set"
_CREDENTIAL: Final = "a credential (not shown)"
_SECRET: Final = re.compile(r"<secret \d+>")
_WAITS: Final = ("group_wait", "group_interval", "repeat_interval")
_BEFORE: Final = 20


@final
@dataclass(frozen=True, slots=True)
class Detail:
    """One thing that two deliveries do differently: `slack.channel`, and each side in words.

    `minor`: it is about how messages are made, not about whom they reach, grouped by what, when.
    """

    name: str
    before: str
    after: str
    minor: bool = False


def told(delivery: Delivery) -> str:
    """Who is told: `slack-seedtest: Slack #seedtest-alerts`."""
    return f"{quoted(delivery.receiver)}: {ends(delivery)}"


def ends(delivery: Delivery) -> str:
    """Where its messages end: `Slack #seedtest-alerts`."""
    return listed(list(map(destination, delivery.endpoints))) or "nobody"


def destination(endpoint: Endpoint) -> str:
    """Where it sends: `Slack #seedtest-alerts`."""
    return printable(endpoint.words)


def handling(delivery: Delivery) -> str:
    """How: grouping, waits and, where it has any, hours and labels."""
    parts = [f"grouped by {grouping(delivery)}"]
    parts += [f"{name} {durations.text(getattr(delivery, name))}" for name in _WAITS]
    if delivery.active or delivery.mute:
        parts.append(hours(delivery))
    if delivery.labels:
        parts.append(f"labels {_labels(delivery)}")
    return ", ".join(parts)


def grouping(delivery: Delivery) -> str:
    """The labels that it groups by."""
    if GROUP_BY_ALL in delivery.group_by:
        return "all labels"
    return listed(list(map(quoted, delivery.group_by))) or "nothing"


def hours(delivery: Delivery) -> str:
    """When it notifies: `only in office (Mon-Fri 09:00-18:00 Asia/Seoul)`."""
    when = hours_words.in_words(delivery.hours)
    names = _named_hours(delivery)
    return f"{names} ({when})" if names else when


def details(before: Delivery, after: Delivery) -> Iterator[Detail]:
    """What the two do differently besides the receivers' names; what reaches somebody else first."""
    yield from sorted(_inside(before, after), key=lambda detail: detail.minor)
    if before.group_by != after.group_by:
        yield Detail("group_by", grouping(before), grouping(after))
    for name in _WAITS:
        if (one := getattr(before, name)) != (other := getattr(after, name)):
            yield Detail(name, durations.text(one), durations.text(other))
    if before.hours != after.hours:
        if (names := _named_hours(before)) == _named_hours(after) and names:
            # The name is the same, so that nobody sees it in the route.
            yield Detail("hours", hours(before), f"redefined: {hours_words.in_words(after.hours)}")
        else:
            yield Detail("hours", hours(before), hours(after))
    if before.labels != after.labels:
        yield Detail("labels", _labels(before), _labels(after))


def cut_to_difference(before: str, after: str) -> tuple[str, str]:
    """Both texts; long ones from shortly before their first difference on."""
    shorter = min(len(before), len(after))
    same = next((at for at in range(shorter) if before[at] != after[at]), shorter)
    begin = 0 if same <= 2 * _BEFORE else same - _BEFORE
    return cut(before, begin), cut(after, begin)


def _inside(before: Delivery, after: Delivery) -> Iterator[Detail]:
    for one, other in zip_longest(before.endpoints, after.endpoints):
        if one is None or other is None or one.integration != other.integration:
            yield Detail("integration", _kind(one), _kind(other))
            continue
        old, new = dict(one.address + one.settings), dict(other.address + other.settings)
        for name in sorted(old.keys() | new.keys()):
            if old.get(name) != new.get(name):
                minor = name not in dict(one.address + other.address)
                yield Detail(f"{one.integration}.{printable(name)}", *_sides(old.get(name), new.get(name)), minor)


def _kind(endpoint: Endpoint | None) -> str:
    return NOT_SET if endpoint is None else endpoint.integration


def _sides(before: str | None, after: str | None) -> tuple[str, str]:
    hidden = [side is not None and bool(_SECRET.fullmatch(side)) for side in (before, after)]
    if all(hidden):
        return _CREDENTIAL, "another one (not shown)"
    # What is a default is not written down.
    if {before, after} in ({None, "true"}, {None, "false"}):
        opposite = "false" if "true" in (before, after) else "true"
        return before or opposite, after or opposite
    first, second = (
        NOT_SET if side is None else _CREDENTIAL if secret else printable(side)
        for side, secret in zip((before, after), hidden, strict=True)
    )
    return first, second


def _named_hours(delivery: Delivery) -> str:
    parts = [
        f"{words} {listed(list(map(quoted, names)))}"
        for words, names in (("only in", delivery.active), ("not in", delivery.mute))
        if names
    ]
    return ", ".join(parts)


def _labels(delivery: Delivery) -> str:
    return listed([f"{quoted(name)}={quoted(value)}" for name, value in delivery.labels]) or "none"
