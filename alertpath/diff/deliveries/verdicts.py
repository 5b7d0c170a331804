"""What it means for people that an alert takes other routes: a class of alerts, and its kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, final

from alertpath.diff.conditions.differences import PAGED_ELSEWHERE, SILENT, Emitted, Found
from alertpath.diff.deliveries.notifications import Deliveries, Delivery
from alertpath.semantics.automata import Undecided
from alertpath.semantics.label_sets import Where

Kind = Literal["lost", "newly pages", "moved", "changed", "timing", "new", "regrouped", "nobody"]
"""
lost         a page no longer goes out, or nobody is told any more; what is told at no hour is not told
newly pages  somebody is woken up who was not
moved        somebody else is told, or one of several no longer is
changed      the same are told in another way: texts, resolved messages, labels
timing       the same are told at other times: waits, mute and active hours
new          somebody is told in addition
regrouped    the same, but under another route key, group labels or receiver name: what fires is notified again
nobody       nobody is told, before and after; the receivers, which tell nobody, are others
"""

KINDS: Final[tuple[Kind, ...]] = (*("lost", "newly pages", "moved", "changed", "timing", "new", "regrouped", "nobody"),)
"""Worst first."""


@final
@dataclass(frozen=True, slots=True)
class Change:
    """A class of alerts that fares differently.

    `before`, `after`: what happens to its alerts in one configuration alone; what happens in both is left out, and
    `besides` says whether there may be such. `differing`: names of what is not the same, such as `group_wait` or
    `slack.channel`. `proven`: that there are such alerts. `orphans`: open incidents (of INCIDENTS) get no resolve.
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
class Judge:
    """Says what a class of differences means for people."""

    def __init__(self, deliveries: Deliveries) -> None:
        self._of: Final = deliveries.of
        self._keyed: Final = deliveries.keyed
        self._known: Final[dict[tuple[Emitted, Emitted, bool], Change | None]] = {}

    def audible(self, emits: int) -> bool:
        """Whether what a route emits is heard by anybody."""
        return not self._delivery(emits).silent if emits >= 0 else emits < SILENT

    def pages(self, emits: int) -> int:
        """How many are woken up by it."""
        return self._delivery(emits).paged

    def reached(self, emits: int) -> frozenset[object]:
        """Whom it reaches."""
        delivery = self._delivery(emits)
        return frozenset(() if delivery.silent else ((each.integration, each.address) for each in delivery.endpoints))

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

    def _delivery(self, emits: int) -> Delivery:
        return self._of[self._keyed[emits][0]]

    def _judged(self, old: Emitted, new: Emitted, besides: bool) -> Change | None:
        before, after = ([self._delivery(emits) for emits in side if emits >= 0] for side in (old, new))
        rekeyed: list[Delivery] = []
        for delivery in list(before):
            if delivery in after:
                before.remove(delivery)
                after.remove(delivery)
                rekeyed += [] if delivery.silent else [delivery]
        told, tells = ([delivery for delivery in side if not delivery.silent] for side in (before, after))
        orphans = bool(self._incidents(old) - self._incidents(new))
        if not told and not tells:
            if rekeyed:
                same = tuple(sorted(rekeyed, key=lambda delivery: delivery.receiver))
                return Change("regrouped", Where(), same, same, ("route",), besides, orphans=orphans)
            return _nobody(before, after, besides)
        # Only what somebody hears counts.
        besides = besides or bool(rekeyed) or any(emits < 0 for emits in new)
        kind = _kind(told, tells, besides, paged=PAGED_ELSEWHERE in new)
        before, after = _said(before, tells, besides), _said(after, told, besides)
        alone = len(before) == len(after) == 1 and before[0].endpoints and after[0].endpoints
        differing = before[0].differing(after[0]) if alone else ()
        return Change(kind, Where(), tuple(before), tuple(after), differing, besides, orphans=orphans)

    def _incidents(self, emitted: Emitted) -> set[tuple[object, ...]]:
        # What finds an open incident again: where it is, and the key of the alert's group.
        found: set[tuple[object, ...]] = set()
        for emits in emitted:
            if emits >= 0 and not (delivery := self._delivery(emits)).silent:
                group = (self._keyed[emits][1], frozenset(delivery.group_by))
                found.update((each.integration, each.address, group) for each in delivery.endpoints if each.resolves)
        return found


def _nobody(before: Sequence[Delivery], after: Sequence[Delivery], besides: bool) -> Change | None:
    # Between receivers that tell nobody, only their names matter.
    old, new = (Counter(delivery.receiver for delivery in side) for side in (before, after))
    if not (old - new and new - old):
        return None
    return Change("nobody", Where(), tuple(before), tuple(after), ("receiver",), besides)


def _said(side: Sequence[Delivery], other: Sequence[Delivery], besides: bool) -> list[Delivery]:
    # What of a side is worth saying. What tells nobody is so where nobody else is told, or its receiver was.
    names = {delivery.receiver for delivery in other if delivery.endpoints}
    told = [delivery for delivery in side if not delivery.silent or delivery.receiver in names]
    return told if told or besides else list(side)


def _kind(before: Sequence[Delivery], after: Sequence[Delivery], besides: bool, *, paged: bool) -> Kind:
    old, new = ([endpoint for delivery in side for endpoint in delivery.endpoints] for side in (before, after))
    pages = sum(endpoint.pages for endpoint in new) - sum(endpoint.pages for endpoint in old)
    if pages + paged < 0 or (old and not new and not besides):
        return "lost"
    if pages > 0:
        return "newly pages"
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
