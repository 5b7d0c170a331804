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
from alertpath.diff.conditions.independent_routes import Hearing, Part, Parts
from alertpath.diff.deliveries.inhibition import InhibitionChange, inhibition_changes
from alertpath.diff.deliveries.notifications import Deliveries
from alertpath.diff.deliveries.silenced_pages import judged
from alertpath.diff.deliveries.verdicts import KINDS, Change, Judge
from alertpath.semantics.label_sets import EVERY, Values, Where, condition
from alertpath.semantics.routing import EffectiveRoute, effective_routes

_MOST_ALTERNATIVES: Final = 8
_MANY: Final = 16
"""Of more classes, those of independent routes are told one by one, not in all their combinations."""
_MOST_TOGETHER: Final = 4
"""So few independent routes are told together if that can be listed."""
_MOST_LISTED: Final = 20_000


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


def diff(old: Config, new: Config, paging: Paging = NOTHING_SAID, since: date | None = None) -> Difference:
    """What `new` does differently from `old`. Raises InvalidInput: in too many ways to list.

    `since`: the first day, in UTC, whose hours count; default: today.
    """
    deliveries = Deliveries(paging, since)
    lists = [_entries(config, deliveries) for config in (old, new)]
    judge = Judge(deliveries)
    changes = _merged(_changes(lists[0], lists[1], judge))
    changes.sort(key=lambda change: (KINDS.index(change.kind), _sort_key(change.where)))
    inhibition = inhibition_changes(old.inhibit_rules, new.inhibit_rules)
    return Difference(tuple(changes), judged(inhibition, old, new, paging), tuple(_general(old, new)))


def _changes(old: Sequence[Entry], new: Sequence[Entry], judge: Judge) -> list[Change]:
    def together(few: int) -> list[Change]:
        found = differences(old, new, judge.audible, _MOST_ALTERNATIVES, few)
        return [change for one in found for change in judge.changes(one)]

    def of(part: Part, few: int) -> list[Change]:
        found = differences(part.old, part.new, judge.audible, _MOST_ALTERNATIVES, few)
        changes = [change for one in found for change in judge.changes(one, apart=True, told=part.told)]
        return [replace(change, varies=max(1, change.varies)) for change in changes] if part.wide else changes

    def one_by_one() -> Iterator[Change]:
        for part, wider in parts:
            try:
                yield from of(part, _MOST_LISTED)
            except TooMany:
                yield from of(wider or part, 0)

    if not any(entry.anchor is not None for entries in (old, new) for entry in entries):
        return together(0)
    try:
        return together(_MANY)
    except TooMany as error:
        walked = error.walked
    parts = Parts(old, new, Hearing(judge.audible, judge.pages, judge.reached))
    if not parts.layers or (walked and parts.layers <= _MOST_TOGETHER):
        return together(0)
    try:
        return list(one_by_one())
    except TooMany:
        return together(0)


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
    # Classes that fare alike and differ in the values of one label alone become one, until there are none.
    alike: dict[tuple[object, ...], tuple[Change, set[_Sets]]] = {}
    for change in changes:
        same = (change.kind, change.before, change.after, change.besides, change.proven, change.varies)
        alike.setdefault(same, (change, set()))[1].add(change.where.labels)
    return [replace(change, where=Where(sets)) for change, wheres in alike.values() for sets in united(wheres)]


def united(wheres: set[_Sets]) -> set[_Sets]:
    """Fewer sets of label sets that are the same ones together: those that differ in one label become one."""
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
