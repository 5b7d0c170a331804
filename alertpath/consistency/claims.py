"""Claims: no alert belongs to two services."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import final

from alertpath.consistency.audiences import service_matchers
from alertpath.consistency.naming import Named
from alertpath.label_sets import EVERY, condition
from alertpath.matchers import Matcher
from alertpath.problems import Problem
from alertpath.regexes import Undecided
from alertpath.sources import Sources


@final
@dataclass(frozen=True)
class _Claim:
    service: str
    matchers: Mapping[str, Sequence[Matcher]]
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
            by_label: dict[str, list[Matcher]] = defaultdict(list)
            for matcher in service_matchers(name, service):
                by_label[matcher.label].append(matcher)
            claim = _Claim(name, by_label, Named(source.document, ("services", name)))
            if service.match:
                special.append(claim)
            else:
                plain.setdefault(name, claim)
    for index, claim in enumerate(special):
        others = [*plain.values(), *special[:index]] if "service" in claim.matchers else special[:index]
        for other in others:
            if other.service != claim.service and _meet(claim, other):
                first = f"{other.at.document.file}:{other.at.document.line(other.at.place)}"
                yield claim.at.document.problem(
                    claim.at.place,
                    f"claims the same alerts as the service {other.service}",
                    value=f"{claim}; {other}",
                    allowed="each alert claimed by one service",
                    mend=f"correct `match` here or in {first}",
                )


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
