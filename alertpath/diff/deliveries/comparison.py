"""Two configurations compared: every class of alerts that fares differently, worst first, and nothing else.

What is compared is what happens to alerts, not how it is written: whom they reach and how, grouped by what, when, and
what keeps them silent. Classes are found exactly, for all label sets there can be; where a regex cannot be decided a
class is marked as not proven.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, final

from alertpath.alertmanager.config import Config
from alertpath.alertmanager.paging import NOTHING_SAID, Paging
from alertpath.diff.conditions.aligned import Entry
from alertpath.diff.conditions.differences import PAGED_ELSEWHERE, SILENT, Emitted, Found, TooMany, differences
from alertpath.diff.conditions.independent_routes import Hearing, Part, Parts
from alertpath.diff.deliveries.inhibition import InhibitionChange, inhibition_changes
from alertpath.diff.deliveries.notifications import Deliveries, Delivery
from alertpath.diff.deliveries.silenced_pages import judged
from alertpath.semantics.label_sets import EVERY, Values, Where, condition
from alertpath.semantics.regexes import Undecided
from alertpath.semantics.routing import EffectiveRoute, effective_routes

Kind = Literal["lost", "moved", "changed", "timing", "new", "regrouped"]
"""
lost        a page no longer goes out, or nobody is told any more
moved       somebody else is told, or one of several no longer is
changed     the same are told in another way: texts, resolved messages, labels
timing      the same are told at other times: waits, mute and active hours
new         somebody is told in addition
regrouped   the same, but under another route key, group labels or receiver name: what fires is notified again
"""

KINDS: Final[tuple[Kind, ...]] = ("lost", "moved", "changed", "timing", "new", "regrouped")
"""Worst first."""

_MOST_ALTERNATIVES: Final = 8
_MANY: Final = 16
"""Of more classes, those of independent routes are told one by one, not in all their combinations."""
_MOST_TOGETHER: Final = 4
"""So few independent routes are told together if that can be listed."""
_MOST_LISTED: Final = 20_000


@final
@dataclass(frozen=True, slots=True)
class Change:
    """A class of alerts that fares differently.

    `before`, `after`: what happens to its alerts in one configuration alone; what happens in both is left out, and
    `besides` says whether there may be such. `differing`: names of what is not the same, such as `group_wait` or
    `slack.channel`. `proven`: that there are such alerts. `orphans`: open PagerDuty incidents are never resolved.
    `varies`: 0, or into how many kinds of deliveries the class falls apart by further labels; `before` and `after`
    then hold all of them.
    `apart`: only what some routes do is said, independently of others; further classes may hold the same alerts, and
    `besides` says whether anybody else is told.
    """

    kind: Kind
    where: Where
    before: tuple[Delivery, ...]
    after: tuple[Delivery, ...]
    differing: tuple[str, ...] = ()
    besides: bool = False
    proven: bool = True
    orphans: bool = False
    varies: int = 0
    apart: bool = False

    def example(self) -> dict[str, str] | None:
        """The labels of an alert of this class; None: not known."""
        try:
            return self.where.example()
        except Undecided:
            return None


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


def diff(old: Config, new: Config, paging: Paging = NOTHING_SAID) -> Difference:
    """What `new` does differently from `old`. Raises InvalidInput: in too many ways to list."""
    deliveries = Deliveries(paging)
    lists = [_entries(config, deliveries) for config in (old, new)]
    judge = _Judge(deliveries)
    changes = _merged(_changes(lists[0], lists[1], judge))
    changes.sort(key=lambda change: (KINDS.index(change.kind), _sort_key(change.where)))
    inhibition = inhibition_changes(old.inhibit_rules, new.inhibit_rules)
    return Difference(tuple(changes), judged(inhibition, old, new, paging), tuple(_general(old, new)))


def _changes(old: Sequence[Entry], new: Sequence[Entry], judge: _Judge) -> list[Change]:
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


@final
class _Judge:
    # Says what a class of differences means for people.

    def __init__(self, deliveries: Deliveries) -> None:
        self._of: Final = deliveries.of
        self._keyed: Final = deliveries.keyed
        self._known: Final[dict[tuple[Emitted, Emitted, bool], Change | None]] = {}

    def audible(self, emits: int) -> bool:
        return bool(self._of[self._keyed[emits][0]].endpoints) if emits >= 0 else emits < SILENT

    def pages(self, emits: int) -> int:
        return sum(endpoint.pages for endpoint in self._of[self._keyed[emits][0]].endpoints)

    def reached(self, emits: int) -> frozenset[object]:
        return frozenset((each.integration, each.address) for each in self._of[self._keyed[emits][0]].endpoints)

    def changes(self, found: Found, *, apart: bool = False, told: bool = False) -> Iterator[Change]:
        """`apart` as in Change. `told`: somebody is told of every alert."""
        besides = found.besides or told
        where = Where(tuple(sorted(found.where, key=lambda pair: pair[0])))
        if found.alternatives is None:
            if change := self._change(found.old, found.new, besides):
                yield replace(change, where=where, proven=found.proven, apart=apart)
            return
        by_kind: dict[Kind, list[Change]] = {}
        for leaf in found.alternatives:
            before, after = Counter((*found.old, *leaf.old)), Counter((*found.new, *leaf.new))
            old, new = (tuple(sorted(side.elements())) for side in (before - after, after - before))
            others = besides or leaf.besides or any(map(self.audible, before & after))
            if change := self._change(old, new, others):
                by_kind.setdefault(change.kind, []).append(change)
        for kind, changes in by_kind.items():
            yield Change(
                kind,
                where,
                tuple(dict.fromkeys(delivery for change in changes for delivery in change.before)),
                tuple(dict.fromkeys(delivery for change in changes for delivery in change.after)),
                tuple(sorted({name for change in changes for name in change.differing})),
                any(change.besides for change in changes),
                found.proven,
                any(change.orphans for change in changes),
                len(changes),
                apart,
            )

    def _change(self, old: Emitted, new: Emitted, besides: bool) -> Change | None:
        key = (old, new, besides)
        if key not in self._known:
            self._known[key] = self._judged(old, new, besides)
        return self._known[key]

    def _judged(self, old: Emitted, new: Emitted, besides: bool) -> Change | None:
        # Only what somebody hears counts.
        before, after = (
            [self._of[self._keyed[e][0]] for e in side if e >= 0 and self.audible(e)] for side in (old, new)
        )
        rekeyed: list[Delivery] = []
        for delivery in list(before):
            if delivery in after:
                before.remove(delivery)
                after.remove(delivery)
                rekeyed.append(delivery)
        if not before and not after:
            if not rekeyed:
                return None
            same = tuple(sorted(rekeyed, key=lambda delivery: delivery.receiver))
            return Change("regrouped", Where(), same, same, ("route",), besides, orphans=_orphans(same))
        besides = besides or bool(rekeyed) or any(emits < 0 for emits in new)
        kind = _kind(before, after, besides, paged=PAGED_ELSEWHERE in new)
        differing = before[0].differing(after[0]) if len(before) == len(after) == 1 else ()
        orphans = kind == "regrouped" and _orphans(before)
        return Change(kind, Where(), tuple(before), tuple(after), differing, besides, orphans=orphans)


def _kind(before: Sequence[Delivery], after: Sequence[Delivery], besides: bool, *, paged: bool) -> Kind:
    old, new = ([endpoint for delivery in side for endpoint in delivery.endpoints] for side in (before, after))
    if sum(endpoint.pages for endpoint in old) > sum(endpoint.pages for endpoint in new) + paged:
        return "lost"
    if old and not new and not besides:
        return "lost"
    reached, reaches = (Counter((e.integration, e.address) for e in side) for side in (old, new))
    if reached - reaches:
        return "moved"
    if reaches - reached:
        return "new"
    for timing in (False, True):
        left, right = (Counter(_tellings(side, timing=timing)) for side in (before, after))
        if left != right:
            return "timing" if timing else "changed"
    return "regrouped"


def _tellings(deliveries: Iterable[Delivery], *, timing: bool) -> Iterator[tuple[object, ...]]:
    # What each endpoint gets, and when; by which route does not matter.
    for one in deliveries:
        when = (one.group_wait, one.group_interval, one.repeat_interval, one.hours) if timing else ()
        for endpoint in one.endpoints:
            yield endpoint, one.labels, when


def _orphans(deliveries: Iterable[Delivery]) -> bool:
    return any(endpoint.integration == "pagerduty" for delivery in deliveries for endpoint in delivery.endpoints)


_Sets = tuple[tuple[str, Values], ...]


def _merged(changes: Iterable[Change]) -> list[Change]:
    # Classes that fare alike and differ in the values of one label alone become one, until there are none.
    alike: dict[tuple[object, ...], tuple[Change, set[_Sets]]] = {}
    for change in changes:
        same = (change.kind, change.before, change.after, change.besides, change.proven, change.varies)
        alike.setdefault(same, (change, set()))[1].add(change.where.labels)
    return [replace(change, where=Where(sets)) for change, wheres in alike.values() for sets in _united(wheres)]


def _united(wheres: set[_Sets]) -> set[_Sets]:
    before = -1
    while len(wheres) > 1 and len(wheres) != before:
        before = len(wheres)
        for label in {label for sets in wheres for label, _ in sets}:
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
    if (name := "resolve_timeout") and old.global_.get(name, "5m") != new.global_.get(name, "5m"):
        yield f"global.{name}"
    for name, one, other in (
        ("tracing", old.tracing, new.tracing),
        ("event_recorder", old.event_recorder, new.event_recorder),
    ):
        if one != other:
            yield name
