"""Alertmanager's configuration as types; `config` reads, judges and writes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import final

from alertpath.alertmanager import matchers
from alertpath.alertmanager.integration_fields import ASSUMED, Version
from alertpath.alertmanager.matchers import Matcher
from alertpath.alertmanager.time_intervals import TimeInterval
from alertpath.documents.go_yaml import Form

Data = Mapping[str, object]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One node of the routing tree. Durations in milliseconds; None: inherited from the parent.

    `matchers` are kept in Alertmanager's order. `group_by` () groups by nothing, ("...",) by all labels.
    """

    receiver: str | None = None
    matchers: tuple[Matcher, ...] = ()
    group_by: tuple[str, ...] | None = None
    group_wait: int | None = None
    group_interval: int | None = None
    repeat_interval: int | None = None
    mute_time_intervals: tuple[str, ...] = ()
    active_time_intervals: tuple[str, ...] = ()
    continue_: bool = False
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    routes: tuple[Route, ...] = ()

    def __post_init__(self) -> None:
        if len(self.matchers) > 1:
            object.__setattr__(self, "matchers", matchers.in_order(self.matchers))


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class InhibitRule:
    """While an alert fulfils `source`, alerts that fulfil `target` and agree on the labels `equal` are silent."""

    source: tuple[Matcher, ...] = ()
    target: tuple[Matcher, ...] = ()
    equal: tuple[str, ...] = ()
    name: str = ""

    def __post_init__(self) -> None:
        for side in ("source", "target"):
            object.__setattr__(self, side, matchers.in_order(getattr(self, side)))


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class NamedTimeInterval:
    """A name for intervals; a moment lies in it that lies in any of them."""

    name: str
    intervals: tuple[TimeInterval, ...] = ()


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """A name and what is notified: for each integration's list (`slack_configs`) its entries, as in YAML."""

    name: str
    integrations: Mapping[str, Sequence[Data]] = field(default_factory=dict[str, Sequence[Data]])
    labels: Mapping[str, str] = field(default_factory=dict[str, str])

    def to_mapping(self) -> dict[str, object]:
        """The receiver as in YAML."""
        labels = {"labels": self.labels} if self.labels else {}
        return {"name": self.name, **labels, **self.integrations}


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A whole configuration. `global_`, `tracing` and `event_recorder` are as in YAML.

    `forms` is what the text that was read has, and the configuration has no more: `validate` judges it.
    `alertmanager`: the version that reads it, which decides what some of it means.
    """

    route: Route
    receivers: tuple[Receiver, ...] = ()
    inhibit_rules: tuple[InhibitRule, ...] = ()
    time_intervals: tuple[NamedTimeInterval, ...] = ()
    templates: tuple[str, ...] = ()
    global_: Data = field(default_factory=dict[str, object])
    tracing: Data = field(default_factory=dict[str, object])
    event_recorder: Data = field(default_factory=dict[str, object])
    forms: tuple[Form, ...] = field(default=(), compare=False, repr=False)
    alertmanager: Version = field(default=ASSUMED, compare=False, repr=False)

    def sections(self) -> list[tuple[str, Data]]:
        """The sections that are as in YAML and not empty, by their names there."""
        sections = (("global", self.global_), ("tracing", self.tracing), ("event_recorder", self.event_recorder))
        return [(name, section) for name, section in sections if section]
