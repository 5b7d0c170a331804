"""Random configurations and invariants, and by trying every alert, minute and source whether each of them holds."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, Final

from alertpath.alertmanager import config as alertmanager
from alertpath.alertmanager import durations
from alertpath.alertmanager.config import Config, InhibitRule, NamedTimeInterval, Receiver, Route
from alertpath.alertmanager.matchers import Matcher, parse
from alertpath.alertmanager.time_intervals import Range, TimeInterval, TimeRange
from alertpath.configurations import loaded
from alertpath.configurations.loaded import Loaded
from alertpath.documents.problems import InvalidInput
from alertpath.expectations.areas import Area
from alertpath.expectations.invariants import Invariant
from alertpath.expectations.proof import Broken, Prover, Unproven
from alertpath.semantics.intervals import inside
from alertpath.semantics.label_sets import condition

SINCE: Final = date(2026, 12, 1)
NAMES: Final = ("severity", "service", "team")
VALUES: Final = ("", "a", "b", "ab")
REGEXES: Final = ("a|b", "a.*", ".*b", ".+", ".*", "", "[ab]+", "a{1,2}", "(?i)a", "[^a]", "a.*b", "b.*|c", "|c+")
TEXTS: Final = ["".join(text) for size in range(5) for text in itertools.product("abcA", repeat=size)]
ZONES: Final = ("", "Asia/Seoul", "Europe/Berlin", "America/New_York")
DESTINATIONS: Final = {"page": "PagerDuty", "chat": "Slack #a", "same": "Slack #a", "hook": "webhook http://h/..."}
RECEIVERS: Final = (
    Receiver(name="page", integrations={"pagerduty_configs": [{"routing_key_file": "/k"}]}),
    Receiver(name="chat", integrations={"slack_configs": [{"channel": "#a", "api_url_file": "/s"}]}),
    Receiver(name="same", integrations={"slack_configs": [{"channel": "#a", "api_url_file": "/s"}]}),
    Receiver(name="hook", integrations={"webhook_configs": [{"url": "http://h/x"}]}),
    Receiver(name="nobody"),
)
_HOURS: Final = (
    *(datetime(2026, 12, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in range(24 * 400)),
    *(datetime(year, month, 1, tzinfo=UTC) + timedelta(hours=hour)
      for year in range(2028, 2032) for month in (1, 7, 12) for hour in range(24 * 8)),
)  # fmt: skip


def _interval(chance: random.Random) -> TimeInterval:
    start, end = sorted(chance.sample(range(25), 2))
    days = sorted(chance.sample(range(7), 2))
    return TimeInterval(
        times=(TimeRange(start * 60, end * 60),) if chance.random() < 0.7 else None,
        weekdays=(Range(*days),) if chance.random() < 0.5 else None,
        days_of_month=(Range(1, 7),) if chance.random() < 0.1 else None,
        months=(Range(3, 9),) if chance.random() < 0.1 else None,
        years=(Range(*chance.choice(((2020, 2024), (2026, 2027), (2028, 2030)))),) if chance.random() < 0.1 else None,
        location=chance.choice(ZONES),
    )


def _opposite() -> list[tuple[TimeInterval, ...]]:
    # Hours that fill a week together.
    day = TimeInterval(times=(TimeRange(480, 1200),), location="Europe/Berlin")
    night = TimeInterval(times=(TimeRange(0, 480), TimeRange(1200, 1440)), location="Europe/Berlin")
    return [
        (day,),
        (night,),
        (TimeInterval(weekdays=(Range(1, 5),)),),
        (TimeInterval(weekdays=(Range(6, 6), Range(0, 0))),),
    ]


_CHANCE: Final = random.Random(3)
POOL: Final[list[tuple[TimeInterval, ...]]] = [*_opposite(), *((_interval(_CHANCE),) for _ in range(8))]


@cache
def _bits(index: int) -> tuple[bool, ...]:
    return tuple(inside(POOL[index], at, moved=True) for at in _HOURS)


def _matcher(chance: random.Random, names: Sequence[str] = NAMES) -> Matcher:
    if chance.random() < 0.6:
        return Matcher(chance.choice(names), chance.choice(("=", "=", "=", "!=")), chance.choice(VALUES))
    return Matcher(chance.choice(names), chance.choice(("=~", "=~", "!~")), chance.choice(REGEXES))


def _some(chance: random.Random, *counts: int) -> tuple[Matcher, ...]:
    return tuple(_matcher(chance) for _ in range(chance.choice(counts)))


def _route(chance: random.Random, depth: int, hours: Sequence[str]) -> Route:
    below = chance.choice((0, 0, 1, 2)) if depth else 0
    mute, active = (tuple(chance.sample(hours, int(chance.random() < 0.25))) for _ in range(2))
    return Route(
        receiver=chance.choice((None, *(receiver.name for receiver in RECEIVERS), "page", "chat")),
        matchers=_some(chance, 0, 1, 1, 2),
        group_by=chance.choice((None, None, (), ("...",), ("service",), ("service", "severity"))),
        group_wait=chance.choice((None, None, 0, 60_000)),
        repeat_interval=chance.choice((None, None, 3_600_000)),
        mute_time_intervals=mute,
        active_time_intervals=active,
        continue_=chance.random() < 0.4,
        routes=tuple(_route(chance, depth - 1, hours) for _ in range(below)),
    )


@dataclass(frozen=True, slots=True)
class Pair:
    """A configuration, the same read anew, an invariant, and which of POOL are the configuration's intervals."""

    config: Config
    loaded: Loaded
    invariant: Invariant
    hours: Mapping[str, int]


def pair(chance: random.Random) -> Pair:
    """A random one."""
    hours = {f"h{number}": index for number, index in enumerate(chance.sample(range(len(POOL)), 3))}
    if chance.random() < 0.3:
        hours = {"h0": 0, "h1": 1, "h2": chance.randrange(2, len(POOL))}
    names = tuple(hours)
    config = Config(
        route=Route(
            receiver=chance.choice(("page", "chat", "nobody", "hook")),
            routes=tuple(_route(chance, 2, names) for _ in range(chance.randrange(6))),
        ),
        receivers=RECEIVERS,
        inhibit_rules=tuple(_rule(chance) for _ in range(chance.choice((0, 0, 0, 1, 2)))),
        time_intervals=tuple(NamedTimeInterval(name=name, intervals=POOL[index]) for name, index in hours.items()),
    )
    read = loaded.of_text(alertmanager.dump(config), "am.yaml")
    return Pair(read.config, read, _invariant(chance, names), hours)


def _rule(chance: random.Random) -> InhibitRule:
    equal = tuple(chance.sample(NAMES, chance.choice((0, 1, 1, 2))))
    return InhibitRule(source=_some(chance, 0, 1, 2), target=_some(chance, 0, 1, 1, 2), equal=equal)


def _invariant(chance: random.Random, hours: Sequence[str]) -> Invariant:
    while True:
        said: dict[str, Any] = {"name": "n", **_words(chance)}
        if alerts := _some(chance, 0, 1, 1, 2):
            said["alerts"] = list(map(str, alerts))
        if chance.random() < 0.3:
            said["except"] = [list(map(str, _some(chance, 1, 2))) for _ in range(chance.choice((1, 1, 2)))]
        if chance.random() < 0.3:
            said["at"] = {chance.choice(("in", "outside_of")): chance.sample(hours, chance.choice((1, 2)))}
        try:
            return Invariant.valid(said, "invariants.yaml")
        except InvalidInput:
            continue


def _words(chance: random.Random) -> dict[str, Any]:
    names = [receiver.name for receiver in RECEIVERS]
    found: dict[str, Any] = {}
    for _ in range(chance.choice((1, 1, 2))):
        match chance.choice(("pages", "told", "receivers", "destinations", "inhibited", "once", "waits", "group_by")):
            case ("pages" | "told") as word:
                found[word] = chance.choice(("always", "always", "sometimes", "never"))
            case "receivers":
                found["receivers"] = _names(chance, names)
            case "destinations":
                found["destinations"] = _names(chance, sorted(set(DESTINATIONS.values())))
            case "inhibited":
                found["inhibited"] = "never"
            case "once":
                found["notified_once"] = True
            case "waits":
                word = chance.choice(("group_wait", "repeat_interval"))
                found[word] = {chance.choice(("at_most", "at_least")): chance.choice(("30s", "1m", "2h", "4h"))}
            case _:
                word = chance.choice(("exactly", "includes", "excludes"))
                found["group_by"] = {word: chance.sample(("service", "severity"), 1)}
    if "inhibited" not in found or chance.random() < 0.5:
        allowed = {"only_by": list(map(str, _some(chance, 1, 2)))}
        found["inhibited"] = chance.choice(("allowed", "allowed", allowed, "never"))
        if chance.random() < 0.2 and len(found) > 1:
            del found["inhibited"]
    return found


def _names(chance: random.Random, names: Sequence[str]) -> dict[str, list[str]]:
    word = chance.choice(("exactly", "includes", "only", "only", "excludes"))
    count = chance.choice((2, 3, 4)) if word == "only" else 1
    return {word: chance.sample(names, min(count, len(names)))}


def proved(one: Pair) -> tuple[list[Broken], list[Unproven]]:
    """What the prover says."""
    invariant = one.invariant
    area = Area.of(
        [condition(parse(text)) for text in invariant.alerts],
        [[condition(parse(text)) for text in some] for some in invariant.except_],
    )
    found = list(Prover(one.loaded, SINCE).prove(area, invariant.promise(None), invariant.at))
    return [each for each in found if isinstance(each, Broken)], [each for each in found if isinstance(each, Unproven)]


def tried(one: Pair) -> frozenset[str]:
    """The words of the invariant that do not hold, by trying every alert, hour and source that can matter."""
    return frozenset(_Brute(one).broken())


class _Brute:
    def __init__(self, one: Pair) -> None:
        self.one = one
        config, invariant = one.config, one.invariant
        self.alerts = list(map(parse, invariant.alerts))
        self.exceptions = [list(map(parse, some)) for some in invariant.except_]
        self.promise = invariant.promise(None)
        inhibited = self.promise.get("inhibited")
        self.allowed: list[Matcher] | None = None
        if inhibited is not None and inhibited.only_by not in (["never"], ["allowed"]):
            self.allowed = list(map(parse, inhibited.only_by))
        self.any_source = inhibited is not None and inhibited.only_by == ["allowed"]
        matchers = [*self.alerts, *(m for some in self.exceptions for m in some), *(self.allowed or ())]
        for _, route in alertmanager.walk(config.route):
            matchers += route.matchers
        for rule in config.inhibit_rules:
            matchers += [*rule.source, *rule.target]
        self.values = {name: list(_representatives([m for m in matchers if m.label == name])) for name in NAMES}
        names = list(one.hours)
        bits = [_bits(one.hours[name]) for name in names]
        self.hours = [
            frozenset(n for n, b in zip(names, row, strict=True) if b) for row in set(zip(*bits, strict=True))
        ]
        at = invariant.at
        if at is not None:
            self.hours = [hour for hour in self.hours if bool(hour & set(at.names)) == (at.inside is not None)]

    def broken(self) -> Iterator[str]:
        promise = self.promise
        areas = [labels for labels in self._label_sets() if self._is_meant(labels)]
        for labels in areas if self.hours else ():
            routes = list(_walked(self.one.config.route, labels))
            yield from self._by_routes(routes)
        demands = [*self._demands()]
        if self.hours and not self.any_source and ("inhibited" in promise or demands) and self._is_silenced(areas):
            yield "inhibited" if "inhibited" in promise else demands[0]

    def _demands(self) -> Iterator[str]:
        for word in ("pages", "told"):
            if self.promise.get(word) in ("always", "sometimes"):
                yield word
        for word in ("receivers", "destinations"):
            if (names := self.promise.get(word)) and (names.exactly or names.includes):
                yield word

    def _label_sets(self) -> Iterator[dict[str, str]]:
        for values in itertools.product(*self.values.values()):
            yield {name: value for name, value in zip(self.values, values, strict=True) if value}

    def _is_meant(self, labels: Mapping[str, str]) -> bool:
        return _fulfils(self.alerts, labels) and not any(_fulfils(some, labels) for some in self.exceptions)

    def _by_routes(self, routes: Sequence[_Inherited]) -> Iterator[str]:
        at_all: list[_Inherited] = []
        telling = [[r for r in routes if _is_told(r.route, hour)] for hour in self.hours]
        for some in telling:
            at_all += [r for r in some if r not in at_all]
        promise = self.promise
        for word, counts in (("pages", lambda r: r == "page"), ("told", lambda r: r != "nobody")):
            told = [any(counts(r.receiver) for r in some) for some in telling]
            match promise.get(word):
                case "always" if not all(told):
                    yield word
                case "sometimes" if not any(told):
                    yield word
                case "never" if any(told):
                    yield word
                case _:
                    pass
        for word in ("receivers", "destinations"):
            if (names := promise.get(word)) is None:
                continue
            for some in telling:
                called = {r.receiver for r in some}
                everybody = called - {"nobody"}
                if word == "destinations":
                    called = everybody = {DESTINATIONS[name] for name in everybody}
                only = names.exactly if names.exactly is not None else names.only
                missed = not set(names.exactly or names.includes) <= called or called & set(names.excludes)
                if missed or (only is not None and not everybody <= set(only)):
                    yield word
        if promise.get("notified_once"):
            for some in telling:
                whom = [DESTINATIONS[r.receiver] for r in some if r.receiver != "nobody"]
                if len(whom) != len(set(whom)):
                    yield "notified_once"
        for r in at_all:
            if r.receiver == "nobody":
                continue
            for word, value in (("group_wait", r.group_wait), ("repeat_interval", r.repeat_interval)):
                if bounds := promise.get(word):
                    low, high = (
                        durations.parse(text or other)
                        for text, other in ((bounds.at_least, "0s"), (bounds.at_most, "1y"))
                    )
                    if not low <= value <= high:
                        yield word
            if (grouping := promise.get("group_by")) is not None:
                everything = "..." in r.group_by
                if grouping.exactly is not None:
                    wrong = set(grouping.exactly) != set(r.group_by)
                else:
                    wrong = any(not everything and each not in r.group_by for each in grouping.includes)
                    wrong |= any(everything or each in r.group_by for each in grouping.excludes)
                if wrong:
                    yield "group_by"

    def _is_silenced(self, areas: Iterable[Mapping[str, str]]) -> bool:
        everything = list(self._label_sets())
        targets = list(areas)
        for rule in self.one.config.inhibit_rules:
            sources: set[tuple[tuple[str, ...], bool]] = set()
            for each in everything:
                if _fulfils(rule.source, each) and (self.allowed is None or not _fulfils(self.allowed, each)):
                    sources.add((tuple(each.get(name, "") for name in rule.equal), _fulfils(rule.target, each)))
            for each in targets:
                if _fulfils(rule.target, each):
                    equal = tuple(each.get(name, "") for name in rule.equal)
                    if (equal, False) in sources or ((equal, True) in sources and not _fulfils(rule.source, each)):
                        return True
        return False


@dataclass(frozen=True, slots=True)
class _Inherited:
    route: Route
    receiver: str
    group_wait: int
    repeat_interval: int
    group_by: tuple[str, ...]


_ROOT: Final = _Inherited(Route(), "", 30_000, 4 * 3_600_000, ())


def _walked(route: Route, labels: Mapping[str, str], above: _Inherited = _ROOT) -> list[_Inherited]:
    # As tests.exact.test_routing.tree_walk, with what is inherited.
    if not _fulfils(route.matchers, labels):
        return []
    here = _Inherited(
        route,
        route.receiver or above.receiver,
        above.group_wait if route.group_wait is None else route.group_wait,
        above.repeat_interval if route.repeat_interval is None else route.repeat_interval,
        above.group_by if route.group_by is None else tuple(route.group_by),
    )
    found: list[_Inherited] = []
    for child in route.routes:
        matches = _walked(child, labels, here)
        found += matches
        if matches and not child.continue_:
            break
    return found or [here]


def _is_told(route: Route, hour: frozenset[str]) -> bool:
    if hour.intersection(route.mute_time_intervals):
        return False
    return not route.active_time_intervals or bool(hour.intersection(route.active_time_intervals))


def _fulfils(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
    return all(matcher.matches(labels) for matcher in matchers)


def _representatives(matchers: Sequence[Matcher]) -> Iterator[str]:
    # Two values of each kind that any of the matchers tells apart, for labels that must, or must not, be equal.
    seen: dict[tuple[bool, ...], int] = {}
    for text in TEXTS:
        kind = tuple(matcher.matches({matcher.label: text}) for matcher in matchers)
        kind = (*kind, not text)
        seen[kind] = seen.get(kind, 0) + 1
        if seen[kind] <= 2:
            yield text
