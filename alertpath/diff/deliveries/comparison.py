"""Two configurations compared: every class of alerts that fares differently, worst first, and nothing else.

What is compared is what happens to alerts, not how it is written: whom they reach and how, grouped by what, when, and
what keeps them silent. Classes are found exactly, for all label sets there can be; where a regex cannot be decided a
class is marked as not proven.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, final

from alertpath.alertmanager import durations
from alertpath.alertmanager.config import Config
from alertpath.alertmanager.paging import NOTHING_SAID, Paging
from alertpath.diff.conditions.aligned import Entry
from alertpath.diff.conditions.differences import TooMany, differences
from alertpath.diff.conditions.independent_routes import Hearing, Parts
from alertpath.diff.deliveries.inhibition import InhibitionChange, inhibition_changes
from alertpath.diff.deliveries.notifications import Deliveries
from alertpath.diff.deliveries.silenced_pages import judged
from alertpath.diff.deliveries.verdicts import KINDS, Change, Judge
from alertpath.semantics.budget import Budget
from alertpath.semantics.label_sets import EVERY, Class, Values, Where, condition
from alertpath.semantics.routing import EffectiveRoute, effective_routes

_MANY: Final = 16
"""Of more classes, those of independent routes are told one by one, not in all their combinations."""


@final
@dataclass(frozen=True, slots=True)
class Difference:
    """All that two configurations do differently. `changes` are sorted, worst first.

    `general` names settings that are not about some alerts: `templates`, `global.resolve_timeout`.
    """

    changes: tuple[Change, ...]
    inhibition: tuple[InhibitionChange, ...]
    general: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.changes or self.inhibition or self.general)


def diff(
    old: Config,
    new: Config,
    paging: Paging = NOTHING_SAID,
    since: date | None = None,
    budget: Budget | None = None,
) -> Difference:
    """What `new` does differently from `old`.

    `since`: the first day, in UTC, whose hours count; default: today. `budget`: how much may be computed before classes
    are told coarsely; None: the usual one.
    """
    deliveries = Deliveries(paging, since)
    lists = [_entries(config, deliveries) for config in (old, new)]
    judge = Judge(deliveries)
    changes = _merged(_changes(lists[0], lists[1], judge, budget or Budget()))
    changes.sort(key=lambda change: (KINDS.index(change.kind), _sort_key(change.where)))
    inhibition = inhibition_changes(old.inhibit_rules, new.inhibit_rules)
    return Difference(tuple(changes), judged(inhibition, old, new, paging), tuple(_general(old, new)))


def _changes(old: Sequence[Entry], new: Sequence[Entry], judge: Judge, budget: Budget) -> list[Change]:
    def together(most: int | None) -> list[Change]:
        found = differences(old, new, judge.outcome, judge.audible, budget, most, judge.incidents)
        return [change for one in found for change in judge.changes(one)]

    if not any(entry.anchor is not None for entries in (old, new) for entry in entries):
        return together(None)
    try:
        return together(_MANY)
    except TooMany:
        pass
    parts = Parts(old, new, Hearing(judge.audible, judge.pages, judge.reached))
    # Where nobody hears anything, only all routes together say which receivers an alert has.
    if not parts.layers or not any(judge.audible(entry.emits) for entry in (*old, *new)):
        return together(None)
    changes: list[Change] = []
    for part, _ in parts:
        found = differences(part.old, part.new, judge.outcome, judge.audible, budget, keys=judge.incidents)
        changes += [change for one in found for change in judge.changes(one, apart=True, told=part.told)]
    return changes


def _entries(config: Config, deliveries: Deliveries) -> list[Entry]:
    routes = effective_routes(config.route)
    numbers = deliveries.number(config, routes)
    return [
        Entry(
            tuple(dict.fromkeys(map(condition, route.path))),
            number,
            None if route.onward == len(routes) else route.onward - 1,
            tuple(_above(route)),
        )
        for route, number in zip(routes, numbers, strict=True)
    ]


def _above(route: EffectiveRoute) -> Iterator[int]:
    above = route.parent
    while above:
        yield above.index
        above = above.parent


_Sets = tuple[tuple[str, Values], ...]


def _merged(changes: Iterable[Change]) -> list[Change]:
    # Those of a change's classes that differ in the values of one label alone become one, until there are none.
    return [replace(change, classes=fewer(change.classes)) for change in changes]


def fewer(classes: tuple[Class, ...]) -> tuple[Class, ...]:
    """The same label sets in fewer classes: those that differ in one label become one."""
    if len(classes) == 1:
        return classes
    by_exceptions: dict[tuple[Where, ...], set[_Sets]] = {}
    for one in classes:
        by_exceptions.setdefault(one.exceptions, set()).add(one.where.labels)
    found = [Class(Where(sets), but) for but, wheres in by_exceptions.items() for sets in _united(wheres)]
    return tuple(sorted(found, key=lambda one: _sort_key(one.where)))


def _united(wheres: set[_Sets]) -> set[_Sets]:
    before = -1
    while len(wheres) > 1 and len(wheres) != before:
        before = len(wheres)
        for label in sorted({label for sets in wheres for label, _ in sets}):
            groups: dict[_Sets, list[Values]] = {}
            for sets in wheres:
                others = tuple(pair for pair in sets if pair[0] != label)
                groups.setdefault(others, []).append(dict(sets).get(label, EVERY))
            wheres = {
                tuple(sorted((*others, *(((label, values),) if values != EVERY else ())), key=lambda pair: pair[0]))
                for others, sets in groups.items()
                for values in _union(sets)
            }
    return wheres


def _union(sets: Iterable[Values]) -> list[Values]:
    found: list[Values] = []
    for values in sorted(sets, key=lambda values: values.one_of is None):
        for index, other in enumerate(found):
            if (both := other.united(values)) is not None:
                found[index] = both
                break
        else:
            found.append(values)
    return found


def _sort_key(where: Where) -> list[tuple[str, list[str], list[str]]]:
    return [
        (label, sorted(values.one_of or values.like)[:5], sorted(values.none_of)[:5]) for label, values in where.labels
    ]


def _general(old: Config, new: Config) -> Iterator[str]:
    if old.templates != new.templates:
        yield "templates"
    if _resolve_timeout(old) != _resolve_timeout(new):
        yield "global.resolve_timeout"
    for name, one, other in (
        ("tracing", old.tracing, new.tracing),
        ("event_recorder", old.event_recorder, new.event_recorder),
    ):
        if one != other:
            yield name


def _resolve_timeout(config: Config) -> int:
    return durations.parse(str(config.global_.get("resolve_timeout", "5m")))
