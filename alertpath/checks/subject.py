"""What the checks look at: one configuration and what is known of the place where it runs."""

from __future__ import annotations

import datetime
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, cast, final

from alertpath.alertmanager.config import Config, NamedTimeInterval, Receiver
from alertpath.alertmanager.integrations import Version
from alertpath.alertmanager.matchers import Matcher
from alertpath.alertmanager.paging import Paging, is_page
from alertpath.checks.conditions import Conditions, Undecided, allowed, example, left_over
from alertpath.checks.fates import Fate, fates
from alertpath.checks.siblings import Siblings
from alertpath.documents.places import Place, Spot
from alertpath.documents.problems import Problem
from alertpath.inputs.settings import LabelStandard, Settings
from alertpath.rules import RuleFiles
from alertpath.semantics.budget import Budget, UsedUp
from alertpath.semantics.routing import EffectiveRoute, Router

Data = Mapping[str, object]
DEFAULT_RETENTION: Final = 120 * 3_600_000
"""How long Alertmanager remembers what it has sent, where nothing else is said: --data.retention, in milliseconds."""

_SECONDS: Final = 5.0
"""Of computing, for what the routes before one leave to it."""
_CHAT: Final = frozenset(
    f"{kind}_configs"
    for kind in (
        *("discord", "email", "mattermost", "msteams", "msteamsv2", "rocketchat", "slack", "telegram", "webex"),
        "wechat",
    )
)
TECHNICAL: Final = frozenset(("Watchdog", "InfoInhibitor", "DeadMansSwitch"))
"""Alerts that are meant to reach nobody, or a machine: kube-prometheus' own."""


def is_technical(conditions: Conditions) -> bool:
    """Whether all alerts that fulfil `conditions` are meant to reach nobody, or a machine."""
    names = allowed(tuple(matcher for matcher in conditions if matcher.label == "alertname"))
    return names is not None and bool(names) and TECHNICAL.issuperset(names)


@final
@dataclass(frozen=True)
class Mounts:
    """The Secrets (with their keys; None: not known) and ConfigMaps in the pods; `more`: there may be others."""

    secrets: Mapping[str, frozenset[str] | None]
    config_maps: frozenset[str] = frozenset()
    more: bool = False


@final
@dataclass(frozen=True)
class CatalogService:
    """A service that a catalog names: what its alerts fulfil, and where it stands."""

    conditions: Conditions
    spot: Spot


@final
@dataclass(frozen=True, kw_only=True, eq=False)
class Subject:
    """One configuration to check. What is not known of its surroundings is None, and no check guesses.

    `data` is the configuration as written, `locate` gives the place where a part of it was written, `native` tells
    whether somebody wrote it in Alertmanager's own words, `unwritten` whether nobody did but the operator; `notes` what
    was left out. Where `refusals` keep it from being read, `loaded` is False.
    `paging`: what the catalog says of receivers. `external`: labels that Prometheus puts on every alert.
    `standard` None: nobody has said which labels and severities alerts have, so no check demands any.
    `own_templates`: those of `templates` that do not ship with this project. `files`: where comments may suppress;
    other stacks read those in `shared` too, and may need the comments there.
    """

    config: Config
    locate: Callable[[Place], Spot]
    files: Mapping[str, str]
    shared: frozenset[str] = frozenset()
    data: Data = field(default_factory=dict[str, object])
    native: Callable[[Place], bool] = lambda _: True
    unwritten: Callable[[Place], bool] = lambda _: False
    notes: tuple[str, ...] = ()
    refusals: tuple[Problem, ...] = ()
    loaded: bool = True
    production: bool = False
    alertmanager: Version
    operator: Version | None = None
    standard: LabelStandard | None = None
    severities: tuple[str, ...] = ()
    external: Mapping[str, str] = field(default_factory=dict[str, str])
    paging: Paging | None = None
    templates: Mapping[str, str] | None = None
    own_templates: frozenset[str] = frozenset()
    template_spot: Callable[[str], Spot] | None = None
    mounts: Mounts | None = None
    size: int = 0
    retention: int = DEFAULT_RETENTION
    settings: Settings | None = None
    services: Mapping[str, CatalogService] | None = None
    rules: RuleFiles | None = None
    now: datetime.datetime = field(default_factory=lambda: datetime.datetime.now(datetime.UTC))

    @cached_property
    def router(self) -> Router:
        """Finds the routes of an alert."""
        return Router(self.config)

    @property
    def routes(self) -> tuple[EffectiveRoute, ...]:
        """All routes with what they inherit, children before their parent."""
        return self.router.routes

    @cached_property
    def route_at(self) -> Mapping[Place, EffectiveRoute]:
        """All routes by their place."""
        return {route.place: route for route in self.routes}

    def below(self, route: EffectiveRoute) -> list[EffectiveRoute]:
        """The children of `route`."""
        return [self.route_at[(*route.place, "routes", index)] for index in range(len(route.route.routes))]

    @cached_property
    def receivers(self) -> Mapping[str, Receiver]:
        """The receivers by name."""
        return {receiver.name: receiver for receiver in self.config.receivers}

    @cached_property
    def intervals(self) -> Mapping[str, NamedTimeInterval]:
        """The time intervals by name."""
        return {interval.name: interval for interval in self.config.time_intervals}

    @cached_property
    def critical(self) -> Matcher:
        """Takes the alerts of the worst severity: those that page."""
        return Matcher("severity", "=", self.severities[0] if self.severities else "critical")

    @cached_property
    def knows_critical(self) -> bool:
        """Whether the stack, or a matcher of the configuration, says that alerts have severities."""
        asked = (matcher.label for _, matchers, _ in self.conditions() for matcher in matchers)
        return bool(self.severities) or self.critical.label in asked

    def pages(self, receiver: str) -> bool:
        """Whether this receiver wakes people up."""
        found = self.receivers.get(receiver)
        return found is not None and is_page(receiver, found.integrations, self.paging or {})

    def may_page(self, receiver: str) -> bool:
        """Whether this receiver wakes people up, as far as anybody can know: behind a webhook there may be anything."""
        unknown = self.paging is None and not self.chats(receiver) and not self.silent(receiver)
        return unknown or self.pages(receiver)

    def chats(self, receiver: str) -> bool:
        """Whether all that this receiver does is to write messages."""
        found = self.receivers.get(receiver)
        return found is not None and bool(found.integrations) and _CHAT.issuperset(found.integrations)

    def silent(self, receiver: str) -> bool:
        """Whether this receiver tells nobody."""
        found = self.receivers.get(receiver)
        return found is not None and not found.integrations

    @cached_property
    def has_pages(self) -> bool:
        """Whether any route pages."""
        return any(self.pages(route.receiver) for route in self.routes)

    def technical(self, route: EffectiveRoute) -> bool:
        """Whether `route` takes only alerts that are not for people, such as Watchdog."""
        return is_technical(route.path)

    @cached_property
    def tells_somebody(self) -> bool:
        """Whether any receiver has an integration; a configuration without one is a sketch, or a part of one."""
        return any(receiver.integrations for receiver in self.config.receivers)

    @cached_property
    def fates(self) -> list[Fate]:
        """Where the alerts of the rules can end."""
        return fates(
            self.rules.alerts if self.rules else (),
            self.router,
            self.standard.supplied if self.standard else None,
            self.external,
            pages=self.may_page,
            silent=self.silent,
        )

    def enters(self, route: EffectiveRoute) -> bool:
        """Whether any alert reaches `route` or what is below it; True where that is not known."""
        labels = self._known(lambda: example(route.path))
        if labels is None:
            return False
        matched = self._matched(labels)
        at = bisect_left(matched, route.first)
        if at < len(matched) and matched[at] <= route.index:
            return True
        return self._known(lambda: left_over(route.path, list(self._before(route)), self._spend)) is not None

    def taken(self, route: EffectiveRoute, *more: Matcher) -> Mapping[str, str] | None:
        """Labels of an alert that `route` itself takes and that fulfil `more`; None: there is none, or not known."""
        conditions = (*route.path, *more)
        try:
            labels = example(conditions)
            if labels is None or self.takes(route, labels):
                return labels
            below = self.siblings(route)
            children = [below.conditions[position] for position in below.overlapping(conditions)]
            return left_over(conditions, [*self._before(route), *children], self._spend)
        except Undecided:
            return None

    def takes(self, route: EffectiveRoute, labels: Mapping[str, str]) -> bool:
        """Whether an alert with these labels takes `route` itself."""
        matched = self._matched(labels)
        at = bisect_left(matched, route.index)
        return at < len(matched) and matched[at] == route.index

    def _matched(self, labels: Mapping[str, str]) -> Sequence[int]:
        # The indices of the routes that it takes, in order. Hundreds with `continue` ask for the same.
        key = frozenset(labels.items())
        if key not in self._matches:
            self._matches[key] = [route.index for route in self.router.match(labels)]
        return self._matches[key]

    @cached_property
    def _matches(self) -> dict[frozenset[tuple[str, str]], Sequence[int]]:
        return {}

    @cached_property
    def _budget(self) -> Budget:
        # For all that asks what the routes before one leave to it: what is not known then counts as possible.
        return Budget(_SECONDS)

    def _spend(self, work: int) -> None:
        try:
            self._budget.spend(work)
        except UsedUp:
            raise Undecided("there are too many routes") from None

    def _known(self, ask: Callable[[], dict[str, str] | None]) -> dict[str, str] | None:
        try:
            return ask()
        except Undecided:
            return {}

    def _before(self, route: EffectiveRoute) -> Iterator[Conditions]:
        # What the routes take that are asked before this one or one above it.
        at = route
        while at.parent is not None:
            siblings = self.siblings(at.parent)
            self._spend(1 + cast("int", at.place[-1]) // 4)
            for position in siblings.overlapping(route.path, end=cast("int", at.place[-1])):
                if not at.parent.route.routes[position].continue_:
                    yield siblings.conditions[position]
            at = at.parent

    @cached_property
    def _siblings(self) -> dict[Place, Siblings]:
        return {}

    def siblings(self, parent: EffectiveRoute) -> Siblings:
        """The routes right below `parent`."""
        found = self._siblings.get(parent.place)
        if found is None:
            found = self._siblings[parent.place] = Siblings([route.matchers for route in parent.route.routes])
        return found

    def others(self, route: EffectiveRoute, later: bool = False) -> Iterator[EffectiveRoute]:
        """The routes beside `route`, only those after it if `later`, that can match what it matches."""
        if route.parent is None:
            return
        mine = cast("int", route.place[-1])
        for position in self.siblings(route.parent).overlapping(route.path, mine if later else 0):
            if position != mine:
                yield self.route_at[(*route.place[:-1], position)]

    def integrations(self) -> Iterator[tuple[Place, Receiver, str, Data]]:
        """Each integration of each receiver: its place, receiver, list (`slack_configs`) and fields."""
        for index, receiver in enumerate(self.config.receivers):
            for name, entries in receiver.integrations.items():
                for at, entry in enumerate(entries):
                    yield ("receivers", index, name, at), receiver, name, entry

    def regexes(self) -> Iterator[tuple[Place, Matcher]]:
        """Each matcher with a regex: its place, and the matcher as somebody wrote it.

        Alertmanager anchors the regexes of `match_re` before it makes matchers of them.
        """
        for place, matchers, _ in self.conditions():
            old = (*place[:-1], str(place[-1]).replace("matchers", "match_re"))
            written = self._written(old)
            for matcher in matchers:
                if matcher.op == "=~" and matcher.value == f"^(?:{written.get(matcher.label)})$":
                    yield (*old, matcher.label), replace(matcher, value=str(written[matcher.label]))
                elif matcher.op in ("=~", "!~"):
                    yield place, matcher

    def _written(self, place: Place) -> Data:
        found: Any = self.data
        for part in place:
            try:
                found = found[part]
            except (KeyError, IndexError, TypeError):
                return {}
        return found

    def conditions(self) -> Iterator[tuple[Place, Conditions, Conditions]]:
        """Each set of matchers in the file: its place, the matchers, and those that hold there beside them."""
        for route in self.routes:
            above = route.parent.path if route.parent else ()
            yield (*route.place, "matchers"), route.route.matchers, above
        for index, rule in enumerate(self.config.inhibit_rules):
            yield ("inhibit_rules", index, "source_matchers"), rule.source, ()
            yield ("inhibit_rules", index, "target_matchers"), rule.target, ()
