"""Where the alerts of rules can end, as far as their labels are known from the rule.

What the rule does not say may come from its expression: a label that the standard calls supplied can have any value.
So "no page" is said only where no value of those labels leads to one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, final

from alertpath.checks.conditions import Conditions
from alertpath.rules import Alert
from alertpath.semantics.routing import EffectiveRoute, Router

_NEVER: Final = 1 << 30


@final
@dataclass(frozen=True, slots=True)
class Fate:
    """What can become of an alert: `pages` and `told` say whether it can page, and reach anybody but the default."""

    alert: Alert
    severity: str
    pages: bool
    told: bool
    receiver: str


@final
@dataclass(slots=True)
class _Vague:
    # Routes that ask for labels that are not known, by what else they ask for: the first that pages, and tells anybody.
    first_page: int = _NEVER
    first_told: int = _NEVER


def templated(value: str) -> bool:
    """Whether Prometheus computes this label when the alert fires."""
    return "{{" in value


def fates(
    alerts: Iterable[Alert],
    router: Router,
    supplied: Collection[str] | None,
    external: Mapping[str, str],
    *,
    pages: Callable[[str], bool],
    silent: Callable[[str], bool],
) -> list[Fate]:
    """The fates of `alerts`.

    `supplied`: labels that an alert may have although its rule does not say so; None: any. `external`: labels of
    every alert.
    `pages` and `silent` say of a receiver whether it may wake people up, and whether it tells nobody.
    """
    return list(_Teller(router, pages, silent).tell(alerts, supplied, external))


@final
class _Teller:
    def __init__(self, router: Router, pages: Callable[[str], bool], silent: Callable[[str], bool]) -> None:
        self._router: Final = router
        self._pages: Final = pages
        self._silent: Final = silent
        self._asked: Final = {matcher.label for route in router.routes for matcher in route.path}
        self._vague: dict[frozenset[str], dict[Conditions, _Vague]] = {}
        self._answers: dict[tuple[frozenset[str], tuple[tuple[str, str], ...]], tuple[bool, bool, str]] = {}

    def tell(
        self, alerts: Iterable[Alert], given: Collection[str] | None, external: Mapping[str, str]
    ) -> Iterator[Fate]:
        supplied = self._asked - {"alertname"} if given is None else self._asked.intersection(given)
        for alert in alerts:
            labels = {**external, **alert.labels, "alertname": alert.name}
            known = {name: value for name, value in labels.items() if name in self._asked and not templated(value)}
            unknown = {name for name in supplied if name not in labels}
            unknown |= {name for name, value in labels.items() if name in self._asked and templated(value)}
            demanded = {name: value for name in unknown if (value := alert.of_expression(name))}
            pages, told, receiver = self._answer({**known, **demanded}, frozenset(unknown - demanded.keys()))
            if demanded and not (pages and told):
                # An aggregation may have dropped the label that the expression demands.
                without = self._answer(known, frozenset(unknown - demanded.keys()))
                pages, told = pages or without[0], told or without[1]
            yield Fate(alert, alert.labels.get("severity", ""), pages, told, receiver)

    def _answer(self, known: Mapping[str, str], unknown: frozenset[str]) -> tuple[bool, bool, str]:
        key = (unknown, tuple(sorted(known.items())))
        if (found := self._answers.get(key)) is None:
            found = self._answers[key] = self._ask(known, unknown)
        return found

    def _ask(self, known: Mapping[str, str], unknown: frozenset[str]) -> tuple[bool, bool, str]:
        routes = self._router.match(known)
        receiver = routes[0].receiver
        if unknown and any(matcher.label in unknown for route in routes for matcher in route.path):
            # They take it for want of a label: where the alert has it, any other route may.
            routes = [
                route
                for route in self._router.routes
                if all(matcher.label in unknown or matcher.matches(known) for matcher in route.path)
            ]
        pages = any(self._pages(route.receiver) for route in routes)
        told = any(map(self._tells, routes))
        last = routes[-1].index if routes[-1].onward == len(self._router.routes) else _NEVER
        for conditions, vague in self._open(unknown).items() if unknown else ():
            if min(vague.first_page, vague.first_told) < last and all(m.matches(known) for m in conditions):
                pages = pages or vague.first_page < last
                told = told or vague.first_told < last
        return pages, told, receiver

    def _open(self, unknown: frozenset[str]) -> dict[Conditions, _Vague]:
        found = self._vague.get(unknown)
        if found is None:
            found = self._vague[unknown] = {}
            for route in self._router.routes:
                rest = tuple(matcher for matcher in route.path if matcher.label not in unknown)
                if len(rest) == len(route.path):
                    continue
                vague = found.setdefault(rest, _Vague())
                if self._pages(route.receiver):
                    vague.first_page = min(vague.first_page, route.index)
                if self._tells(route):
                    vague.first_told = min(vague.first_told, route.index)
        return found

    def _tells(self, route: EffectiveRoute) -> bool:
        return route is not self._router.routes[-1] and not self._silent(route.receiver)
