"""What Alertmanager itself does with alerts under two configurations, and which kind of difference that is.

Routes, receivers' contents, hours and inhibition come from the oracle; nothing here is computed by alertpath but the
reading of a matcher's text, to find label sets worth asking about.
"""

from __future__ import annotations

import itertools
import json
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import yaml

from alertpath.alertmanager.config import Config, Route
from alertpath.alertmanager.matchers import Matcher
from tests.oracle import Match, Oracle

Labels = dict[str, str]

_PAGING: Final = ("pagerduty", "opsgenie", "victorops")
_INCIDENTS: Final = ("pagerduty", "opsgenie", "victorops")
# What says whom a message reaches; all else is how it is made.
_ADDRESS: Final = {
    "slack": ("channel", "api_url", "api_url_file", "app_token", "app_token_file", "app_url"),
    "pagerduty": ("routing_key", "routing_key_file", "service_key", "service_key_file", "url"),
    "opsgenie": ("api_key", "api_key_file", "api_url", "responders"),
    "email": ("to", "smarthost"),
    "webhook": ("url", "url_file"),
}


def _moments() -> list[datetime]:
    found = [datetime(year, month, 1, tzinfo=UTC) for year in (2026, 2027, 2028) for month in range(1, 13)]
    weeks = [datetime(2026, month, 9, tzinfo=UTC) for month in (1, 7)]
    return [
        *(week + timedelta(minutes=30 * half) for week in weeks for half in range(7 * 48)),
        *(first + timedelta(hours=hour) for first in found for hour in range(-96, 48, 3)),
    ]


MOMENTS: Final = _moments()


class Told(NamedTuple):
    """What becomes of an alert: who is told, and the receivers that take it and tell nobody, now or ever."""

    telling: Counter[Telling]
    silent: Counter[str]
    incidents: frozenset[tuple[str, str]]
    """Where an incident is opened that a resolved alert closes, and the key by which it is found."""

    def keyed(self) -> set[tuple[object, ...]]:
        """The same for any alert of the same routes: the labels that it is grouped by, whether it has them or not."""
        return {(one.address, one.group[1:]) for one in self.telling if one.address[0] in _INCIDENTS}


class Telling(NamedTuple):
    """One integration that is told of an alert, in the order in which differences weigh."""

    address: tuple[str, str]
    content: str
    timing: tuple[object, ...]
    group: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class View:
    """A configuration that the oracle has loaded. `handle` stands for it there."""

    handle: int
    data: Mapping[str, Any]
    hours: Mapping[str, int]
    endpoints: Mapping[str, Sequence[tuple[tuple[str, str], str]]]
    """By receiver: address and content of each of its integrations."""


def _endpoints(receiver: Mapping[str, Any]) -> list[tuple[tuple[str, str], str]]:
    found: list[tuple[tuple[str, str], str]] = []
    own = {key: value for key, value in receiver["labels"].items() if key != "name"}
    for name, entries in receiver.items():
        kind = name.removesuffix("_configs")
        for entry in entries if name.endswith("_configs") else ():
            address = {key: entry.get(key) for key in _ADDRESS.get(kind, ())}
            content = {**entry, "labels of the receiver": own}
            found.append(((kind, json.dumps(address)), json.dumps(content, sort_keys=True)))
    return found


class Views:
    """Asks the oracle; what does not depend on the mutated part is asked once."""

    def __init__(self, oracle: Oracle) -> None:
        self._oracle: Final = oracle
        self._hours: Final[dict[str, dict[str, int]]] = {}

    def load(self, text: str) -> View | None:
        """The configuration as Alertmanager has it; None: it refuses it."""
        loaded = self._oracle.load(text)
        if not loaded.accepted:
            return None
        data = yaml.load(self._oracle.show(loaded.handle), Loader=yaml.CSafeLoader)
        key = json.dumps([data.get("time_intervals"), data.get("mute_time_intervals")])
        if key not in self._hours:
            names = [i["name"] for k in ("time_intervals", "mute_time_intervals") for i in data.get(k) or ()]
            answers = self._oracle.intervals(loaded.handle, MOMENTS) if names else []
            self._hours[key] = {
                name: sum(1 << number for number, inside in enumerate(answers) if name in inside) for name in names
            }
        endpoints = {one["name"]: _endpoints(one) for one in data["receivers"]}
        return View(loaded.handle, data, self._hours[key], endpoints)

    def like(self, view: View, texts: Iterable[str]) -> list[View | None]:
        """Configurations that differ from that of `view` by their routes alone."""
        loaded = self._oracle.load_all(texts)
        return [replace(view, handle=each.handle) if each.accepted else None for each in loaded]

    def drop(self, *views: View) -> None:
        """Forgets them."""
        self._oracle.drop(*(view.handle for view in views))

    def told(self, view: View, alerts: Sequence[Labels]) -> list[Told]:
        """For each label set everybody who is told, how, when and in which group."""
        return self.told_all([(view, alerts)])[0]

    def told_all(self, asked: Sequence[tuple[View, Sequence[Labels]]]) -> list[list[Told]]:
        """The same for many configurations, each with its label sets."""
        answers = self._oracle.match_all([(view.handle, alerts) for view, alerts in asked])
        return [self._told(view, answer) for (view, _), answer in zip(asked, answers, strict=True)]

    def _told(self, view: View, answer: Iterable[Iterable[Match]]) -> list[Told]:
        found: list[Told] = []
        hours: dict[tuple[tuple[str, ...], tuple[str, ...]], int] = {}
        known: dict[tuple[object, ...], list[Telling]] = {}
        for matches in answer:
            told: Counter[Telling] = Counter()
            silent: Counter[str] = Counter()
            incidents: set[tuple[str, str]] = set()
            for match in matches:
                named = (match.mute, match.active)
                if named not in hours:
                    hours[named] = self._notifies(view, *named)
                if not hours[named] or not view.endpoints[match.receiver]:
                    silent[match.receiver] += 1
                    continue
                timing = (match.group_wait, match.group_interval, match.repeat_interval, hours[named])
                group_by = "..." if match.group_by_all else match.group_by
                group = (match.receiver, match.key, group_by)
                labels = str(sorted(match.labels.items()))
                key = (timing, group, labels)
                if key not in known:
                    known[key] = [
                        Telling(address, content + labels, timing, group)
                        for address, content in view.endpoints[match.receiver]
                    ]
                told.update(known[key])
                incidents.update(
                    (str(one.address), match.group_key)
                    for one in known[key]
                    if one.address[0] in _INCIDENTS and '"send_resolved": true' in one.content
                )
            found.append(Told(told, silent, frozenset(incidents)))
        return found

    @staticmethod
    def _notifies(view: View, mute: Iterable[str], active: tuple[str, ...]) -> int:
        found = (1 << len(MOMENTS)) - 1
        if active:
            found = 0
            for name in active:
                found |= view.hours[name]
        for name in mute:
            found &= ~view.hours[name]
        return found

    def silent(self, view: View, sources: Sequence[Labels], targets: Sequence[Labels]) -> list[list[bool]]:
        """For each source alone, which targets it keeps silent."""
        return [[answer.muted for answer in self._oracle.inhibit(view.handle, [source], targets)] for source in sources]


def kind(old_fate: Told, new_fate: Told) -> str | None:
    """What a difference means, worst first; None: there is none."""
    before, after = old_fate.telling, new_fate.telling
    if before == after:
        gone, come = old_fate.silent - new_fate.silent, new_fate.silent - old_fate.silent
        return "nobody" if gone and come else None
    pages = [sum(n for one, n in told.items() if one.address[0] in _PAGING) for told in (before, after)]
    if pages[1] < pages[0] or (before and not after):
        return "lost"
    if pages[1] > pages[0]:
        return "newly pages"
    old, new = (_first(told, 1) for told in (before, after))
    if old - new:
        return "moved"
    if new - old:
        return "new"
    for count, name in ((2, "changed"), (3, "timing")):
        # A kind of its own only where the same integrations are told.
        if _first(before, count) != _first(after, count):
            return name
    return "regrouped"


def _first(told: Counter[Telling], count: int) -> Counter[tuple[object, ...]]:
    found: Counter[tuple[object, ...]] = Counter()
    for one, number in told.items():
        found[one[:count]] += number
    return found


def label_sets(configs: Sequence[Config], chance: random.Random, most: int) -> list[Labels]:
    """Label sets worth asking about: all combinations of values that matchers name, of others and of none.

    Where there would be more than `most`, these: for each path through the trees what fulfils it, each with one label
    otherwise, and random ones.
    """
    values = _values([m for c in configs for m in _matchers(c)])
    for label in (label for c in configs for rule in c.inhibit_rules for label in rule.equal):
        values.setdefault(label, ["", "unheard-of", "this"])
    product = 1
    for some in values.values():
        product *= len(some)
    if product <= most:
        return [_without_empty(zip(values, one, strict=True)) for one in itertools.product(*values.values())]
    found: dict[str, Labels] = {}
    for path in (path for c in configs for path in _paths(c.route)):
        fits = _fitting(path, values)
        for label, some in values.items():
            for value in some:
                one = _without_empty({**fits, label: value}.items())
                found[json.dumps(one, sort_keys=True)] = one
    ready = list(found.values())
    chance.shuffle(ready)
    ready = ready[: most * 2 // 3]
    while len(ready) < most:
        ready.append(_without_empty((label, chance.choice(some)) for label, some in values.items()))
    return ready


def _without_empty(pairs: Iterable[tuple[str, str]]) -> Labels:
    return {label: value for label, value in pairs if value}


def _matchers(config: Config) -> Iterator[Matcher]:
    for path in _paths(config.route):
        yield from path
    for rule in config.inhibit_rules:
        yield from (*rule.source, *rule.target)


def _paths(route: Route, above: tuple[Matcher, ...] = ()) -> Iterator[tuple[Matcher, ...]]:
    path = (*above, *route.matchers)
    yield path
    for child in route.routes:
        yield from _paths(child, path)


def _values(matchers: Iterable[Matcher]) -> dict[str, list[str]]:
    found: dict[str, dict[str, None]] = {}
    for matcher in matchers:
        some = found.setdefault(matcher.label, {"": None, "unheard-of": None})
        if matcher.op in ("=", "!="):
            some[matcher.value] = None
        else:
            some.update(dict.fromkeys(_examples(matcher.value)))
    return {label: list(some) for label, some in sorted(found.items())}


def _examples(regex: str) -> list[str]:
    # Texts that a regex may be about: its alternatives with what may be repeated left out, or there once.
    plain = regex.replace("(", "").replace(")", "")
    found = [word for word in plain.split("|") if re.fullmatch(r"[\w-]+", word)]
    for word in plain.split("|"):
        few = re.sub(r"\[0-9\][+*]?", "7", re.sub(r"\.[*+]", "", word))
        found += [few, few.replace("7", "") + "x"]
    return list(dict.fromkeys(found))


def _fitting(path: Iterable[Matcher], values: Mapping[str, Sequence[str]]) -> Labels:
    found: dict[str, list[str]] = {}
    for matcher in path:
        some = found.get(matcher.label, list(values[matcher.label]))
        found[matcher.label] = [value for value in some if matcher.matches({matcher.label: value})]
    return {label: some[-1] if some else "" for label, some in found.items()}
