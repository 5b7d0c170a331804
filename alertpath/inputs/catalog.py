"""A team's catalog: its services, its namespaces, and who is told about their alerts; the same for every stack."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Final

from alertpath.inputs.fields import (
    Duration,
    GroupingLabel,
    Identifier,
    LabelValue,
    Location,
    MatcherText,
    PositiveDuration,
)
from alertpath.inputs.models import After, Before, Fault, Model, field
from alertpath.inputs.receivers import Receiver


class Timing(Model):
    """Grouping and waits of a route, as in Alertmanager; what is not given is inherited."""

    group_by: list[GroupingLabel] | None = None
    group_wait: Duration | None = None
    group_interval: PositiveDuration | None = None
    repeat_interval: PositiveDuration | None = None


class Target(Timing):
    """Who gets a class of alerts (`to`), how they are grouped, and in which hours."""

    to: Identifier
    active_time_intervals: list[Identifier] = field(default_factory=list)
    mute_time_intervals: list[Identifier] = field(default_factory=list)


def _expand(value: object) -> object:
    return {"to": value} if isinstance(value, str) else value


TargetOrName = Annotated[Target, Before(_expand, "the name of a receiver, or a mapping with `to` and more")]


class Audience(Model):
    """Who is told, by severity: a receiver's name or a Target; `any` takes every other severity, unknown ones too."""

    others: ClassVar[Any] = TargetOrName

    def targets(self) -> Iterator[tuple[str, Target]]:
        """The severities and their targets, in the order of the file."""
        yield from self.other.items()


class Service(Audience):
    """A service's alerts: those with the label `service` equal to its name, or those of `match`."""

    match: list[MatcherText] = field(default_factory=list)


def _minute(text: str) -> str:
    minute(text)
    return text


class Maintenance(Model):
    """A dated window in which alerts are not told.

    `start` and `end`: "YYYY-MM-DD HH:MM" on the clock of `location`; whole minutes, `end` excluded.
    `services` and `namespaces`: of this team, default all. `severities`: default all but the worst and what pages.
    """

    name: Identifier
    start: Annotated[str, After(_minute)]
    end: Annotated[str, After(_minute)]
    location: Location
    services: list[LabelValue] | None = None
    namespaces: list[LabelValue] | None = None
    severities: list[str] | None = None

    def check(self) -> None:
        """It ends after it starts."""
        if minute(self.start) >= minute(self.end):
            raise Fault("ends before it starts", "`end` later than `start`", "swap or correct the two")


_MINUTE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}")


def minute(text: str) -> datetime.datetime:
    """`2026-12-01 22:00` as a local time without a zone; Fault where it is none."""
    try:
        if not _MINUTE.fullmatch(text):
            raise ValueError
        return datetime.datetime.fromisoformat(text)
    except ValueError:
        raise Fault(
            "is not a date and time",
            '"YYYY-MM-DD HH:MM" in quotes, 00:00 to 23:59',
            "the zone is given once, as `location`",
        ) from None


class Native(Model):
    """Alertmanager's own YAML, where the catalog's words are not enough; validated like everything else.

    `routes_before` are asked before all generated routes, `routes_after` after them; the rest is added.
    """

    routes_before: list[Any] = field(default_factory=list)
    routes_after: list[Any] = field(default_factory=list)
    receivers: list[Any] = field(default_factory=list)
    inhibit_rules: list[Any] = field(default_factory=list)
    time_intervals: list[Any] = field(default_factory=list)


class Catalog(Model):
    """What one team's file says."""

    team: Identifier
    receivers: dict[Identifier, Receiver] = field(default_factory=dict)
    timing: dict[str, Timing] = field(default_factory=dict)
    services: dict[LabelValue, Service] = field(default_factory=dict)
    namespaces: dict[LabelValue, Audience] = field(default_factory=dict)
    time_intervals: dict[Identifier, list[Any]] = field(default_factory=dict)
    maintenance: list[Maintenance] = field(default_factory=list[Maintenance])
    native: Native = Native()
