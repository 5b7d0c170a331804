"""Whether a promise holds for all label sets of a kind of alerts, all minutes of ten years, whatever else fires.

Each way to break it is a set of alerts: those that a route emits which tells whom it must not, those that end at a
route while nobody is told who must be, those for which another alert can exist that keeps them silent. It is empty,
which proves the promise, or has an example, which breaks it.
Sources: Alertmanager 0.34.2, dispatch/route.go, inhibit/inhibit.go, notify/mute.go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Final, Literal, final
from zoneinfo import ZoneInfo

from alertpath.alertmanager import durations
from alertpath.alertmanager.config import GROUP_BY_ALL, InhibitRule
from alertpath.alertmanager.destinations import destination
from alertpath.alertmanager.matchers import Matcher, parse
from alertpath.alertmanager.paging import is_page
from alertpath.alertmanager.time_intervals import TimeInterval
from alertpath.configurations.loaded import Loaded
from alertpath.diff.deliveries.notifications import Deliveries
from alertpath.documents.places import Place
from alertpath.expectations.areas import Area, Routes, named, with_name
from alertpath.expectations.invariants import ALLOWED, NEVER, WAITS, At, Bounds, Inhibited, Labels, Names, Promise
from alertpath.semantics.automata import Undecided
from alertpath.semantics.budget import Budget, UsedUp
from alertpath.semantics.hours import NO_MINUTES, Minutes, hours, of_route, span
from alertpath.semantics.inhibition import inhibits
from alertpath.semantics.intervals import find
from alertpath.semantics.label_sets import Class, Condition, condition
from alertpath.semantics.remainder import Conditions, Excluded
from alertpath.semantics.routing import EffectiveRoute
from alertpath.semantics.times import parse as parse_moment

_TEN_YEARS: Final = 3_653
_MOST: Final = 20
"""So many ways to break a promise are told."""
_ROUNDS: Final = 200
_SECONDS: Final = 5.0
Alert = Mapping[str, str]


@final
@dataclass(frozen=True, slots=True)
class Broken:
    """A word of a promise, what `happens` instead, and an alert for which it does.

    `at`: a minute at which it does; None: any will do. `firing`: the alert that keeps it silent. `blamed`: the place of
    the route or inhibition rule. `kind`: alerts of which it is said, all of them if `whole`; None: not known in words.
    """

    word: str
    happens: str
    labels: Alert
    at: datetime | None
    firing: Alert | None
    blamed: Place
    kind: Class | None
    whole: bool


@final
@dataclass(frozen=True, slots=True)
class Unproven:
    """A word of a promise that is not known to hold, and why; `place`: the route or inhibition rule."""

    word: str
    why: str
    place: Place
    kind: Class | None


@final
@dataclass(frozen=True, slots=True)
class _Demand:
    # That one of the routes whose receiver `counts` tells of the alert, at every minute or (`sometimes`) at some.
    word: str
    missing: str
    counts: Callable[[str], bool]
    sometimes: bool = False


@final
class Prover:
    """Proves promises of one configuration. `since`: the first day, in UTC, whose minutes count."""

    def __init__(self, loaded: Loaded, since: date | None = None) -> None:
        config = loaded.config
        self._loaded: Final = loaded
        self._config: Final = config
        self._since: Final = since or datetime.now(UTC).date()
        self._all: Final = Minutes(((0, span(self._since).all_days & ((1 << (_TEN_YEARS + 2)) - 1)),))
        self._routes: Final = Routes(config)
        self._destinations: Final[Mapping[str, frozenset[str]]] = {
            receiver.name: frozenset(
                destination(name, each) for name, entries in receiver.integrations.items() for each in entries
            )
            for receiver in config.receivers
        }
        self._waking: Final = frozenset(
            receiver.name
            for receiver in config.receivers
            if is_page(receiver.name, [n for n, entries in receiver.integrations.items() if entries], loaded.paging)
        )
        self._hours: Final[dict[tuple[tuple[str, ...], tuple[str, ...]], Minutes]] = {}

    def minutes(self, at: At | None) -> Minutes:
        """The minutes of the next ten years that `at` means."""
        if at is None:
            return self._all
        of = (*find(self._config, at.names), *at.intervals())
        inside = hours(of, (), self._since, self._config.alertmanager).told
        return self._all & inside if at.inside is not None else self._all - inside

    def prove(self, area: Area, promise: Promise, at: At | None) -> Iterator[Broken | Unproven]:
        """What breaks the promise, or may: nothing means that it holds."""
        yield from _Proof(self, area, promise, at).run()

    # What is known of the configuration, for a proof.

    @property
    def routes(self) -> Routes:
        """Its routes."""
        return self._routes

    @property
    def rules(self) -> Sequence[InhibitRule]:
        """Its inhibition rules."""
        return self._config.inhibit_rules

    def tells(self, receiver: str) -> bool:
        """Whether it tells anybody."""
        return bool(self._destinations.get(receiver))

    def wakes(self, receiver: str) -> bool:
        """Whether it wakes somebody up."""
        return receiver in self._waking

    def reaches(self, receiver: str) -> frozenset[str]:
        """Its destinations."""
        return self._destinations.get(receiver, frozenset())

    def told_in(self, route: EffectiveRoute) -> Minutes:
        """When the route notifies, in the next ten years."""
        key = (route.active, route.mute)
        if key == ((), ()):
            return self._all
        if key not in self._hours:
            self._hours[key] = of_route(self._config, route.route, self._since).told & self._all
        return self._hours[key]

    @cached_property
    def addresses(self) -> list[list[tuple[object, ...]]]:
        """For each route what it notifies: the addresses of its receiver, one for each integration."""
        deliveries = Deliveries(self._loaded.paging, self._since)
        numbers = deliveries.number(self._config, self._routes.all)
        return [
            [(each.integration, each.address) for each in deliveries.of[deliveries.keyed[number][0]].endpoints]
            for number in numbers
        ]

    @cached_property
    def mentioned(self) -> frozenset[str]:
        """The labels that matter anywhere in it."""
        found = {each.label for path in self._routes.paths for each in path}
        for rule in self.rules:
            found.update(each.label for each in (*rule.source, *rule.target))
            found.update(rule.equal)
        return frozenset(found)

    def moment(self, minutes: Minutes, intervals: Iterable[TimeInterval]) -> datetime | None:
        """An early minute of these, on the clock of the first zone of the intervals; None: they are all minutes."""
        if minutes == self._all:
            return None
        of = span(self._since)
        later = Minutes(tuple((start, days & ~(1 << 2)) for start, days in minutes.runs))  # After today, if any is.
        segments = list(later.segments()) or list(minutes.segments())
        bit, minute = min(((days & -days).bit_length() - 1, start) for start, _, days in segments)
        found = datetime.combine(of.day(bit), time(), UTC) + timedelta(minutes=minute)
        zone = next((each.location for each in intervals if each.location not in ("", "Local", "UTC")), "UTC")
        local = found.astimezone(ZoneInfo(zone))
        try:
            clear = parse_moment(f"{local:%Y-%m-%d %H:%M} {zone}", found) == found
        except ValueError:
            clear = False
        return local if clear else found

    def intervals_of(self, route: EffectiveRoute | None, at: At | None) -> Iterator[TimeInterval]:
        """Those of a route and those that a promise names."""
        if route:
            yield from find(self._config, (*route.active, *route.mute))
        if at:
            yield from (*find(self._config, at.names), *at.intervals())


@final
class _Proof:
    def __init__(self, prover: Prover, area: Area, promise: Promise, at: At | None) -> None:
        self._of: Final = prover
        self._routes: Final = prover.routes
        self._area: Final = area
        self._promise: Final = promise
        self._at: Final = at
        self._minutes: Final = prover.minutes(at)
        self._budget: Final = Budget(_SECONDS)
        self._known: Final[dict[int, dict[str, str] | None]] = {}
        labels = {*area.inside, *(each.label for some in area.outside for each in some.conditions)}
        self._mentioned: Final = prover.mentioned | labels

    def run(self) -> Iterator[Broken | Unproven]:
        near = self._routes.near(self._area)
        demands = list(self._demands())
        yield from self._some(self._refused(near), ("",))
        for demand in demands:
            yield from self._some(self._missed(demand, near), (demand.word,))
        if self._promise.get("notified_once"):
            yield from self._some(self._twice(near), ("notified_once",))
        inhibited: Inhibited | None = self._promise.get("inhibited")
        if inhibited is not ALLOWED and (inhibited or demands):
            word = "inhibited" if inhibited else demands[0].word
            yield from self._some(self._inhibited(inhibited or NEVER, word), (word,))

    def _some(self, found: Iterator[Broken | Unproven], words: Sequence[str]) -> Iterator[Broken | Unproven]:
        count = 0
        try:
            for each in found:
                yield each
                count += isinstance(each, Broken)
                if count >= _MOST:
                    return
        except UsedUp:
            yield Unproven(words[0] or next(iter(self._promise)), "it takes too long to decide", ("route",), None)

    # Who must be told.

    def _demands(self) -> Iterator[_Demand]:
        of, promise = self._of, self._promise
        for word, counts, missing in (
            ("pages", of.wakes, "nobody is woken up"),
            ("told", of.tells, "nobody is told"),
        ):
            when: Literal["always", "sometimes", "never"] | None = promise.get(word)
            if when in ("always", "sometimes"):
                yield _Demand(word, missing, counts, when == "sometimes")
        for word in ("receivers", "destinations"):
            names: Names | None = promise.get(word)
            for name in dict.fromkeys((names.exactly or names.includes) if names else ()):
                counts = self._is(name) if word == "receivers" else self._reaches(name)
                yield _Demand(word, f"{name} is not told", counts)

    def _is(self, name: str) -> Callable[[str], bool]:
        return lambda receiver: receiver == name

    def _reaches(self, name: str) -> Callable[[str], bool]:
        return lambda receiver: name in self._of.reaches(receiver)

    def _missed(self, demand: _Demand, near: Iterable[EffectiveRoute]) -> Iterator[Broken | Unproven]:
        for route in near:
            if demand.counts(route.receiver) and self._enough(self._of.told_in(route), demand):
                continue
            try:
                yield from self._ending(demand, route)
            except Undecided as error:
                yield self._unproven(demand.word, error, route)

    def _enough(self, told: Minutes, demand: _Demand) -> bool:
        return (self._minutes & told) != NO_MINUTES if demand.sometimes else (self._minutes - told) == NO_MINUTES

    def _ending(self, demand: _Demand, route: EffectiveRoute) -> Iterator[Broken]:
        # The alerts that end at the route, without those that an earlier one tells of too.
        ended = self._routes.ended(route, self._area)
        if ended is None:
            return
        area, near = ended
        self._budget.spend(len(near) + 10)
        others = [each for each in self._routes.before(route, near) if demand.counts(each.receiver)]
        enough = [each for each in others if self._enough(self._of.told_in(each), demand)]
        area = area.without(self._routes.excluded(each, area, near) for each in enough)
        for _ in range(_ROUNDS):
            self._budget.spend(len(area.outside) + 10)
            labels = area.example()
            if labels is None:
                return
            telling = [each for each in self._routes.router.match(labels) if demand.counts(each.receiver)]
            missing = self._minutes - _union(map(self._of.told_in, telling))
            if demand.sometimes:
                missing = self._minutes if missing == self._minutes else NO_MINUTES
            if missing != NO_MINUTES:
                yield self._broken(demand.word, demand.missing, labels, missing, route, area)
                return
            area = area.without([self._together(self._needed(telling, demand), area, near)])
        raise Undecided("too many routes tell of it together")

    def _needed(self, telling: Sequence[EffectiveRoute], demand: _Demand) -> list[EffectiveRoute]:
        # Of routes that tell at all minutes together, as few as do.
        needed = list(telling)
        for each in telling:
            rest = [other for other in needed if other is not each]
            if rest and self._enough(_union(map(self._of.told_in, rest)), demand):
                needed = rest
        return needed

    def _together(self, some: Iterable[EffectiveRoute], area: Area, near: Iterable[EffectiveRoute]) -> Excluded:
        parts = [self._routes.excluded(each, area, near) for each in some]
        conditions = dict.fromkeys(each for part in parts for each in part.conditions)
        return Excluded(tuple(conditions), tuple(dict.fromkeys(each for part in parts for each in part.but)))

    # What no route may do.

    def _refused(self, near: Iterable[EffectiveRoute]) -> Iterator[Broken | Unproven]:
        for route in near:
            found = list(self._faults(route))
            told = self._of.told_in(route) & self._minutes if found else NO_MINUTES
            if told == NO_MINUTES:
                continue
            try:
                if part := self._emitted(route):
                    area, labels = part
                    for word, happens in found:
                        yield self._broken(word, happens, labels, told, route, area)
            except Undecided as error:
                for word, _ in found:
                    yield self._unproven(word, error, route)

    def _emitted(self, route: EffectiveRoute) -> tuple[Area, dict[str, str]] | None:
        emitted = self._routes.emitted(route, self._area)
        if emitted is None:
            return None
        area, near = emitted
        self._budget.spend(len(near) + len(area.outside) + 10)
        labels = area.example()
        return (area, labels) if labels is not None else None

    def _faults(self, route: EffectiveRoute) -> Iterator[tuple[str, str]]:
        promise, receiver = self._promise, route.receiver
        if promise.get("pages") == "never" and self._of.wakes(receiver):
            yield "pages", f"{receiver} wakes somebody up"
        tells = self._of.tells(receiver)
        if promise.get("told") == "never" and tells:
            yield "told", f"{receiver} is told"
        names: Names | None = promise.get("receivers")
        if names and (receiver in names.excludes or (tells and _is_beyond(receiver, names))):
            yield "receivers", f"{receiver} is told"
        if names := promise.get("destinations"):
            for each in sorted(self._of.reaches(receiver)):
                if each in names.excludes or _is_beyond(each, names):
                    yield "destinations", f"{each} is told"
        if not tells:
            return
        for word in WAITS:
            bounds: Bounds | None = promise.get(word)
            if bounds and not bounds.allow(value := getattr(route, word)):
                yield word, f"{durations.text(value)}, for {receiver}"
        grouping: Labels | None = promise.get("group_by")
        if grouping and not _is_grouped(route.group_by, grouping):
            yield "group_by", f"{', '.join(route.group_by) or 'nothing'}, for {receiver}"

    # Nobody twice.

    def _twice(self, near: Sequence[EffectiveRoute]) -> Iterator[Broken | Unproven]:
        for route in near:
            told = self._of.told_in(route) & self._minutes
            if told == NO_MINUTES or not self._of.tells(route.receiver):
                continue
            try:
                yield from self._twice_by(route, told)
            except Undecided as error:
                yield self._unproven("notified_once", error, route)

    def _twice_by(self, route: EffectiveRoute, told: Minutes) -> Iterator[Broken]:
        addresses = self._of.addresses[route.index]
        if len(set(addresses)) < len(addresses) and (part := self._emitted(route)):
            happens = f"{route.receiver} tells one destination twice"
            yield self._broken("notified_once", happens, part[1], told, route, part[0])
        if route.onward == len(self._routes.all) or (emitted := self._routes.emitted(route, self._area)) is None:
            return
        area, near = emitted
        self._budget.spend(len(near) + 10)
        for other in near:
            if other.index < route.onward or other.first <= route.index:
                continue
            both = told & self._of.told_in(other)
            shared = set(addresses).intersection(self._of.addresses[other.index])
            if both == NO_MINUTES or not (shared or (route.receiver == other.receiver)):
                continue
            inner = self._routes.emitted(other, area)
            self._budget.spend(len(area.outside) + 10)
            labels = inner[0].example() if inner else None
            if inner and labels is not None:
                whom = f"{other.receiver} is told twice"
                if route.receiver != other.receiver:
                    whom = f"{route.receiver} and {other.receiver} tell the same destination"
                yield self._broken("notified_once", whom, labels, both, other, inner[0])
                return

    # What may keep it silent.

    def _inhibited(self, inhibited: Inhibited, word: str) -> Iterator[Broken | Unproven]:
        if self._minutes == NO_MINUTES:
            return
        allowed = None if inhibited is NEVER else tuple(map(parse, inhibited.only_by))
        for index, rule in enumerate(self._of.rules):
            place: Place = ("inhibit_rules", index)
            self._budget.spend(20)
            try:
                pair = _silenced(rule, self._area, allowed)
            except Undecided as error:
                yield Unproven(word, str(error), place, None)
                continue
            if pair is None:
                continue
            source, target, area = pair
            source, target = (named(each, self._mentioned) for each in (source, target))
            if inhibits(rule, source, target):
                source, target = self._dressed(rule, source, target, allowed)
                minute = self._of.moment(self._minutes, self._of.intervals_of(None, self._at))
                kind = area.as_class()
                yield Broken(word, "another alert keeps it silent", target, minute, source, place, kind, False)

    # How it is told.

    def _broken(
        self, word: str, happens: str, labels: Alert, minutes: Minutes, route: EffectiveRoute, area: Area
    ) -> Broken:
        kind = area.as_class()
        whole = kind is not None and labels in kind and not any(each.but for each in area.outside)
        if kind is not None and labels not in kind:
            kind = None
        minute = self._of.moment(minutes, self._of.intervals_of(route, self._at))
        labels = with_name(named(labels, self._mentioned), lambda dressed: self._is_alike(labels, dressed))
        return Broken(word, happens, labels, minute, None, route.place, kind, whole)

    def _is_alike(self, labels: Alert, other: Alert) -> bool:
        match = self._routes.router.match
        return other in self._area and match(labels) == match(other)

    def _dressed(
        self, rule: InhibitRule, source: dict[str, str], target: dict[str, str], allowed: Sequence[Matcher] | None
    ) -> tuple[dict[str, str], dict[str, str]]:
        def may_be(one: Alert, other: Alert) -> bool:
            barred = allowed is None or not all(each.matches(one) for each in allowed)
            return barred and other in self._area and inhibits(rule, one, other)

        name = {"alertname": "Example"}
        if "alertname" not in {**source, **target} and may_be({**name, **source}, {**name, **target}):
            return {**name, **source}, {**name, **target}
        source = with_name(source, lambda dressed: may_be(dressed, target))
        return source, with_name(target, lambda dressed: may_be(source, dressed))

    def _unproven(self, word: str, error: Undecided, route: EffectiveRoute) -> Unproven:
        area = self._area.narrowed(self._routes.paths[route.index])
        return Unproven(word, str(error), route.place, area.as_class() if area else None)


def _union(some: Iterable[Minutes]) -> Minutes:
    found = NO_MINUTES
    for each in some:
        found |= each
    return found


def _is_beyond(name: str, names: Names) -> bool:
    only = names.exactly if names.exactly is not None else names.only
    return only is not None and name not in only


def _is_grouped(group_by: Sequence[str], wanted: Labels) -> bool:
    everything = GROUP_BY_ALL in group_by
    if wanted.exactly is not None:
        return set(wanted.exactly) == set(group_by)
    if everything:
        return not wanted.excludes
    return set(wanted.includes).issubset(group_by) and not set(wanted.excludes).intersection(group_by)


def _silenced(
    rule: InhibitRule, area: Area, allowed: Sequence[Matcher] | None
) -> tuple[dict[str, str], dict[str, str], Area] | None:
    # A source and a target in the area, of which by this rule the one keeps the other silent, and the targets that have
    # one. Both are sought at once: as labels of the source, of the target, and, for `equal`, of both.
    equal = frozenset(rule.equal)

    def of(side: str, some: Iterable[Condition]) -> Conditions:
        return tuple(Condition(key(side, each.label), each.words, each.regex, each.positive) for each in some)

    def key(side: str, label: str) -> str:
        return f"{'=' if label in equal else side}{label}"

    source, target = (list(map(condition, matchers)) for matchers in (rule.source, rule.target))
    pairs = Area({key("t", label): values for label, values in area.inside.items()})
    pairs = pairs.narrowed((*of("s", source), *of("t", target)))
    if pairs is None:
        return None
    outside = [Excluded(of("t", each.conditions), tuple(of("t", some) for some in each.but)) for each in area.outside]
    outside.append(Excluded((*of("t", source), *of("s", target))))
    if allowed is not None:
        outside.append(Excluded(of("s", map(condition, allowed))))
    labels = pairs.without(outside).example()
    if labels is None:
        return None
    sides = [{name[1:]: value for name, value in labels.items() if name[0] in f"={side}"} for side in "st"]
    inside = {name[1:]: values for name, values in pairs.inside.items() if name[0] in "=t"}
    return sides[0], sides[1], Area(inside, area.outside)
