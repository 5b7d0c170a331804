"""Claims: no alert belongs to two services."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import final

from alertpath.alertmanager.matchers import Matcher
from alertpath.documents.problems import Problem
from alertpath.inputs.catalog import Service
from alertpath.inputs.consistency.audiences import service_matchers
from alertpath.inputs.consistency.names import Named
from alertpath.inputs.sources import Sources
from alertpath.semantics.automata import Undecided
from alertpath.semantics.label_sets import EVERY, condition


@final
@dataclass(frozen=True)
class _Claim:
    """What a service says is its own. `words`: the values that it can demand of a label, where they are few."""

    service: str
    matchers: Mapping[str, Sequence[Matcher]]
    words: Mapping[str, frozenset[str]]
    at: Named

    def __str__(self) -> str:
        return " and ".join(str(matcher) for each in self.matchers.values() for matcher in each)


def check(sources: Sources) -> Iterator[Problem]:
    """Every pair of services that claim the same alerts: those that agree on the labels that both speak of.

    Services that speak of no common label are left alone: whether an alert carries both labels cannot be known here.
    """
    plain: dict[str, _Claim] = {}
    special: list[_Claim] = []
    for source in sources.catalogs:
        for name, service in source.catalog.services.items():
            claim = _claim(name, service, Named(source.document, ("services", name)))
            if service.match:
                special.append(claim)
            else:
                plain.setdefault(name, claim)
    filed: dict[tuple[str, ...], _Filed] = {}
    for claim in plain.values():
        _file(filed, claim)
    for claim in special:
        near = (other for each in filed.values() for other in each.near(claim))
        for other in near:
            if other.service != claim.service and _meet(claim, other):
                first = f"{other.at.document.file}:{other.at.document.line(other.at.place)}"
                yield claim.at.document.problem(
                    claim.at.place,
                    f"claims the same alerts as the service {other.service}",
                    value=f"{claim}; {other}",
                    allowed="each alert claimed by one service",
                    mend=f"correct `match` here or in {first}",
                )
        _file(filed, claim)


def _claim(name: str, service: Service, at: Named) -> _Claim:
    if not service.match:
        return _Claim(name, {"service": service_matchers(name, service)}, {"service": frozenset((name,))}, at)
    by_label: dict[str, list[Matcher]] = defaultdict(list)
    for matcher in service_matchers(name, service):
        by_label[matcher.label].append(matcher)
    words = {label: few for label, each in by_label.items() if (few := _words(each)) is not None}
    return _Claim(name, by_label, words, at)


@final
class _Filed:
    """Claims that speak of the same labels, by the words that they demand of each: most pairs need no comparison."""

    def __init__(self, labels: Sequence[str]) -> None:
        self._all: list[_Claim] = []
        self._by_word: dict[str, dict[str, list[_Claim]]] = {label: defaultdict(list) for label in labels}
        self._wordless: dict[str, list[_Claim]] = {label: [] for label in labels}

    def add(self, claim: _Claim) -> None:
        self._all.append(claim)
        for label, by_word in self._by_word.items():
            if (words := claim.words.get(label)) is None:
                self._wordless[label].append(claim)
            for word in words or ():
                by_word[word].append(claim)

    def near(self, claim: _Claim) -> Sequence[_Claim]:
        """Those that may claim the same alerts, by the label that leaves the fewest."""
        shared = self._by_word.keys() & claim.matchers.keys()
        return min((self._agreeing(claim, label) for label in shared), key=len, default=())

    def _agreeing(self, claim: _Claim, label: str) -> Sequence[_Claim]:
        if (words := claim.words.get(label)) is None:
            return self._all
        found = self._wordless[label] + [other for word in words for other in self._by_word[label].get(word, ())]
        return found if len(words) == 1 else list({id(other): other for other in found}.values())


def _file(filed: dict[tuple[str, ...], _Filed], claim: _Claim) -> None:
    labels = tuple(sorted(claim.matchers))
    if labels not in filed:
        filed[labels] = _Filed(labels)
    filed[labels].add(claim)


def _words(matchers: Sequence[Matcher]) -> frozenset[str] | None:
    found: frozenset[str] | None = None
    for matcher in matchers:
        demanded = condition(matcher)
        if demanded.positive and demanded.words is not None:
            found = demanded.words if found is None else found & demanded.words
    return found


def _meet(one: _Claim, other: _Claim) -> bool:
    shared = one.matchers.keys() & other.matchers.keys()
    try:
        return bool(shared) and all(_possible([*one.matchers[label], *other.matchers[label]]) for label in shared)
    except Undecided:
        return False


def _possible(matchers: Sequence[Matcher]) -> bool:
    values = EVERY
    for matcher in matchers:
        values = values.narrowed(condition(matcher))
    return not values.empty()
