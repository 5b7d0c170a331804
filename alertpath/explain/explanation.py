"""What happens to one alert, and why: which routes it is asked by, who is told, when, and what keeps it silent.

The tree is walked as Alertmanager walks it, so that what is told is what was compared. Silences that people made in
Alertmanager are not known here. Source: Alertmanager 0.34.2, dispatch/route.go, notify/notify.go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, cast, final

from alertpath.alertmanager.config import Config, InhibitRule, Receiver, Route
from alertpath.alertmanager.destinations import destination
from alertpath.alertmanager.integration_defaults import completed
from alertpath.alertmanager.matchers import Matcher
from alertpath.alertmanager.paging import wakes
from alertpath.configurations.loaded import Loaded
from alertpath.documents.places import Place
from alertpath.documents.redaction import redact
from alertpath.explain.hints import hints
from alertpath.semantics.inhibition import Inhibited, Inhibitor, Spared, fulfils, spared
from alertpath.semantics.intervals import Calendar, Silence
from alertpath.semantics.routing import EffectiveRoute, Labels, effective_routes, literals

INHERITABLE: Final = ("receiver", "group_by", "group_wait", "group_interval", "repeat_interval")
"""What a route has from the nearest route above it that says it, or else by default."""


@final
@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A route that was asked. `failed`: the first of its matchers that fails; None: it matches.

    `below`: the routes below it that were asked in turn, in order: up to the first that matches without `continue`.
    """

    place: Place
    route: Route
    failed: Matcher | None
    below: tuple[Asked, ...] = ()

    @property
    def taken(self) -> bool:
        """Whether the alert goes to it: it matches, and none below it does."""
        return self.failed is None and not any(one.failed is None for one in self.below)

    def ends(self) -> Iterator[Asked]:
        """The routes that the alert takes, in Alertmanager's order."""
        if self.taken:
            yield self
        for one in self.below:
            yield from one.ends()

    def walk(self) -> Iterator[Asked]:
        """It and all that were asked below it."""
        yield self
        for one in self.below:
            yield from one.walk()


@final
@dataclass(frozen=True, slots=True)
class Endpoint:
    """One integration of a receiver (`slack`), where it sends in words, and whether that wakes people up.

    `resolved`: whether it tells of resolved alerts too.
    """

    integration: str
    words: str
    pages: bool
    resolved: bool


@final
@dataclass(frozen=True, slots=True)
class Hours:
    """A time interval that a route names: whether the moment lies in it, and the zones that it is written in."""

    kind: Literal["mute", "active"]
    name: str
    inside: bool
    zones: tuple[str, ...]
    place: Place


@final
@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """A route that the alert takes. `endpoints`: (): the receiver tells nobody.

    `inherited`: settings (as in INHERITABLE) that the route does not say itself, with the place of the route that
    does; None: Alertmanager's default.
    """

    route: EffectiveRoute
    receiver_place: Place
    endpoints: tuple[Endpoint, ...]
    inherited: Mapping[str, Place | None]
    group_labels: Labels
    group_key: str
    hours: tuple[Hours, ...]
    silence: Silence | None

    @property
    def pages(self) -> bool:
        """Whether it wakes people up."""
        return any(endpoint.pages for endpoint in self.endpoints)


@final
@dataclass(frozen=True, slots=True)
class Threat:
    """An inhibition rule that could silence the alert: another alert need only fire that fulfils the rule's `source`,
    has the labels `equal` (an empty value: lacks it) and, unless it is empty, does not fulfil all of `unless`.
    """

    index: int
    rule: InhibitRule
    equal: Labels
    unless: tuple[Matcher, ...]


@final
@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """What happens to an alert with these `labels`, none of them empty, at `moment`.

    `firing`: how many other alerts were said to fire; None: nothing is known of others. `inhibited`: what silences it,
    `spared`: why the rest does not.
    """

    loaded: Loaded
    labels: Labels
    moment: datetime
    root: Asked
    taken: tuple[Taken, ...]
    firing: int | None
    inhibited: tuple[Inhibited, ...]
    spared: tuple[Spared, ...]
    threats: tuple[Threat, ...]
    hints: tuple[str, ...]


def explain(loaded: Loaded, labels: Labels, moment: datetime, firing: Sequence[Labels] | None = None) -> Explanation:
    """What happens to an alert with these labels at that moment, which has a zone, while the alerts `firing` fire."""
    config = loaded.config
    others = [loaded.complete(each) for each in firing or ()]
    present = loaded.complete({name: value for name, value in labels.items() if value})
    root = _ask(config.route, ("route",), present)
    effective = {route.place: route for route in effective_routes(config.route)}
    calendar = Calendar(config)
    missing = dict.fromkeys(one.failed.label for one in root.walk() if one.failed and one.failed.label not in present)
    return Explanation(
        loaded=loaded,
        labels=present,
        moment=moment,
        root=root,
        taken=tuple(_taken(loaded, effective[end.place], present, calendar, moment) for end in root.ends()),
        firing=None if firing is None else len(firing),
        inhibited=Inhibitor(config, others).inhibiting(present),
        spared=() if firing is None else tuple(spared(config, present, others)),
        threats=tuple(_threats(config, present)),
        hints=hints(config, labels, tuple(missing)),
    )


def _ask(route: Route, place: Place, labels: Labels) -> Asked:
    for matcher in route.matchers:
        if not matcher.matches(labels):
            return Asked(place, route, matcher)
    below: list[Asked] = []
    for number, child in enumerate(route.routes):
        below.append(_ask(child, (*place, "routes", number), labels))
        if below[-1].failed is None and not child.continue_:
            break
    return Asked(place, route, None, tuple(below))


def _taken(loaded: Loaded, route: EffectiveRoute, labels: Labels, calendar: Calendar, moment: datetime) -> Taken:
    config = loaded.config
    number, receiver = next(each for each in enumerate(config.receivers) if each[1].name == route.receiver)
    return Taken(
        route=route,
        receiver_place=("receivers", number),
        endpoints=tuple(_endpoints(receiver, loaded)),
        inherited=_inherited(route),
        group_labels=route.group_labels(labels),
        group_key=route.group_key(labels),
        hours=tuple(_hours(config, route, calendar, moment)),
        silence=calendar.silence(route.route, moment),
    )


def _endpoints(receiver: Receiver, loaded: Loaded) -> Iterator[Endpoint]:
    for name, entries in receiver.integrations.items():
        kind = name.removesuffix("_configs")
        for entry in entries:
            words = redact(destination(name, cast("Mapping[str, Any]", entry)))
            resolved = bool(completed(name, entry, loaded.config.global_).get("send_resolved"))
            yield Endpoint(kind, words, wakes(name, receiver.name, loaded.paging), resolved)


def _inherited(route: EffectiveRoute) -> dict[str, Place | None]:
    found: dict[str, Place | None] = {}
    for name in INHERITABLE:
        at: EffectiveRoute | None = route
        while at is not None and getattr(at.route, name) in (None, ""):
            at = at.parent
        if at is not route:
            found[name] = at.place if at is not None else None
    return found


def _hours(config: Config, route: EffectiveRoute, calendar: Calendar, moment: datetime) -> Iterator[Hours]:
    numbers = {named.name: number for number, named in enumerate(config.time_intervals)}
    kinds: tuple[tuple[Literal["mute", "active"], tuple[str, ...]], ...]
    kinds = (("mute", route.mute), ("active", route.active))
    for kind, names in kinds:
        for name in names:
            named = config.time_intervals[numbers[name]]
            zones = tuple(dict.fromkeys(part.location or "UTC" for part in named.intervals))
            yield Hours(kind, name, calendar.inside(name, moment), zones, ("time_intervals", numbers[name]))


def _threats(config: Config, labels: Labels) -> Iterator[Threat]:
    for index, rule in enumerate(config.inhibit_rules):
        if not fulfils(rule.target, labels):
            continue
        equal = {name: labels.get(name, "") for name in rule.equal}
        # What a source has in common with this alert must not keep it from being one.
        if not fulfils([matcher for matcher in rule.source if matcher.label in equal], labels):
            continue
        unless: tuple[Matcher, ...] = ()
        if fulfils(rule.source, labels):
            # Then only a source that is no target itself inhibits.
            unless = tuple(m for m in rule.target if m.label not in equal and not _implied(m, rule.source))
            if not unless:
                continue
        yield Threat(index, rule, equal, unless)


def _implied(matcher: Matcher, others: Sequence[Matcher]) -> bool:
    # Whether whoever fulfils the others fulfils it, as far as values that are written out say so.
    for other in others:
        values = literals(other) if other.label == matcher.label else None
        if other == matcher or (values is not None and all(matcher.matches({matcher.label: v}) for v in values)):
            return True
    return False
