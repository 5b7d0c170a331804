"""Which firing alerts keep an alert silent, exactly as Alertmanager's inhibition rules decide it.

A label of `equal` that both alerts lack counts as equal. An alert that fulfils both sides of a rule is not inhibited
by others that do, itself included. Source: Alertmanager 0.34.2, inhibit/inhibit.go and inhibit/cache.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import Final, final

from alertpath.alertmanager.config import Config, InhibitRule
from alertpath.alertmanager.matchers import Matcher
from alertpath.semantics.routing import literals

Labels = Mapping[str, str]


@final
@dataclass(frozen=True, slots=True)
class Inhibited:
    """A firing alert `source` keeps another one silent by a rule, which stands at `index` among the rules."""

    index: int
    rule: InhibitRule
    source: Labels


@final
@dataclass(frozen=True, slots=True)
class Unequal:
    """A label of `equal` that two alerts do not share: its value on the source and on the target, "" where absent."""

    name: str
    source: str
    target: str


@final
@dataclass(frozen=True, slots=True)
class Spared:
    """Why by a rule an alert `source` does not keep another one silent, for one of these reasons, in this order.

    `target`: the first matcher of the target side that fails, whatever the source. `failed`: that of the source side.
    `unequal`: labels that are not equal. None of them: both alerts fulfil both sides.
    """

    index: int
    rule: InhibitRule
    source: Labels
    target: Matcher | None = None
    failed: Matcher | None = None
    unequal: tuple[Unequal, ...] = ()


def spared(config: Config, labels: Labels, firing: Iterable[Labels]) -> Iterator[Spared]:
    """For each rule and firing alert that does not silence an alert with these labels, why; once for a rule that is not
    for this alert.
    """
    alerts = list(firing)
    for index, rule in enumerate(config.inhibit_rules):
        if target := _failing(rule.target, labels):
            yield Spared(index, rule, {}, target)
            continue
        for source in alerts:
            if failed := _failing(rule.source, source):
                yield Spared(index, rule, source, failed=failed)
                continue
            pairs = ((name, source.get(name, ""), labels.get(name, "")) for name in rule.equal)
            unequal = tuple(Unequal(*pair) for pair in pairs if pair[1] != pair[2])
            if unequal or (fulfils(rule.source, labels) and fulfils(rule.target, source)):
                yield Spared(index, rule, source, unequal=unequal)


def _failing(matchers: Sequence[Matcher], labels: Labels) -> Matcher | None:
    return next((matcher for matcher in matchers if not matcher.matches(labels)), None)


@final
class Sources:
    """A configuration's rules, filed by a value that they demand of a source, so that an alert is compared with few."""

    def __init__(self, config: Config) -> None:
        values: dict[str, set[str]] = {}
        for rule in config.inhibit_rules:
            for label, demanded in _demands(rule):
                values.setdefault(label, set()).update(demanded)
        self._anywhere: Final[list[tuple[int, InhibitRule]]] = []
        self._filed: Final[dict[str, dict[str, list[tuple[int, InhibitRule]]]]] = {}
        for index, rule in enumerate(config.inhibit_rules):
            # By the label of most different values, which leaves the fewest rules under each.
            label, demanded = max(_demands(rule), key=lambda demand: len(values[demand[0]]), default=("", None))
            if demanded is None:
                self._anywhere.append((index, rule))
                continue
            for value in demanded:
                self._filed.setdefault(label, {}).setdefault(value, []).append((index, rule))

    def of(self, alert: Labels) -> Iterator[tuple[int, InhibitRule]]:
        """The rules of which an alert is a source, with their index."""
        few = (filed.get(alert.get(label, ""), ()) for label, filed in self._filed.items())
        return (entry for entry in chain(self._anywhere, *few) if fulfils(entry[1].source, alert))


@final
class Inhibitor:
    """Answers for one configuration and one set of firing alerts, of which inhibited ones inhibit too.

    `sources`: those of the configuration, where there are many such sets.
    """

    def __init__(self, config: Config, firing: Iterable[Labels], sources: Sources | None = None) -> None:
        sources = sources or Sources(config)
        # By rule and by the values of its `equal`, so that an answer does not ask every firing alert.
        found: dict[int, tuple[InhibitRule, dict[tuple[str, ...], list[Labels]]]] = {}
        for alert in firing:
            for index, rule in sources.of(alert):
                found.setdefault(index, (rule, {}))[1].setdefault(_equal(rule, alert), []).append(alert)
        self._sources: Final = sorted(found.items(), key=itemgetter(0))

    def inhibiting(self, labels: Labels) -> tuple[Inhibited, ...]:
        """All that keeps an alert with these labels silent, by rule, then in the order of firing; (): nothing."""
        found: list[Inhibited] = []
        for index, (rule, sources) in self._sources:
            if not fulfils(rule.target, labels):
                continue
            both = fulfils(rule.source, labels)
            for source in sources.get(_equal(rule, labels), ()):
                if not (both and fulfils(rule.target, source)):
                    found.append(Inhibited(index, rule, source))
        return tuple(found)


def inhibiting(config: Config, labels: Labels, firing: Iterable[Labels]) -> tuple[Inhibited, ...]:
    """All that keeps an alert with these labels silent while the alerts `firing` fire; (): nothing."""
    return Inhibitor(config, firing).inhibiting(labels)


def inhibits(rule: InhibitRule, source: Labels, target: Labels) -> bool:
    """Whether by this rule an alert `source` that fires keeps an alert `target` silent."""
    return (
        fulfils(rule.target, target)
        and fulfils(rule.source, source)
        and _equal(rule, source) == _equal(rule, target)
        and not (fulfils(rule.source, target) and fulfils(rule.target, source))
    )


def fulfils(matchers: Sequence[Matcher], labels: Labels) -> bool:
    """Whether an alert with these labels fulfils all matchers."""
    return all(matcher.matches(labels) for matcher in matchers)


def _equal(rule: InhibitRule, labels: Labels) -> tuple[str, ...]:
    return tuple(labels.get(name, "") for name in rule.equal)


def _demands(rule: InhibitRule) -> Iterator[tuple[str, frozenset[str]]]:
    # The labels of which a source must have one of a few values.
    for matcher in rule.source:
        if (demanded := literals(matcher)) is not None:
            yield matcher.label, demanded
