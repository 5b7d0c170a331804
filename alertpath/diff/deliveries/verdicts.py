"""What it means for people that an alert takes other routes: a class of alerts, and its kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, final

from alertpath.diff.conditions.differences import PAGED_ELSEWHERE, SILENT, Emitted, Found
from alertpath.diff.deliveries.notifications import Deliveries, Delivery
from alertpath.semantics.label_sets import Class, Where

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
    """Alerts that fare differently: those of any of `classes`.

    `before`, `after`: what happens to its alerts in one configuration alone; what happens in both is left out, and
    `besides` says whether there may be such. `differing`: names of what is not the same, such as `group_wait` or
    `slack.channel`. `proven`: that there are such alerts. `orphans`: open incidents (of INCIDENTS) get no resolve.
    `varies`: 0, or 1 where it is too much to tell what happens to which alert, if anything: `before` and `after` then
    hold all that may, and `kind` is the worst of it.
    `apart`: only what some routes do is said, independently of others; further classes may hold the same alerts, and
    `besides` says whether anybody else is told. `alert`: the labels of one of them.
    """

    kind: Kind
    classes: tuple[Class, ...]
    before: tuple[Delivery, ...]
    after: tuple[Delivery, ...]
    differing: tuple[str, ...] = ()
    besides: bool = False
    proven: bool = True
    orphans: bool = False
    varies: int = 0
    apart: bool = False
    alert: Mapping[str, str] | None = field(default=None, hash=False)

    @property
    def where(self) -> Where:
        """The first of its classes, without regard to exceptions."""
        return self.classes[0].where if self.classes else Where()

    def __contains__(self, labels: Mapping[str, str]) -> bool:
        return any(labels in each for each in self.classes)

    def example(self) -> dict[str, str] | None:
        """The labels of an alert of this class; None: not known."""
        return None if self.alert is None else dict(self.alert)


@final
class Judge:
    """Says what a class of differences means for people."""

    def __init__(self, deliveries: Deliveries) -> None:
        self._of: Final = deliveries.of
        self._keyed: Final = deliveries.keyed
        self._known: Final[dict[tuple[Emitted, Emitted, bool], Change | None]] = {}
        self._outcomes: Final[dict[tuple[Emitted, Emitted, bool], int | None]] = {}
        self._numbers: Final[dict[tuple[object, ...], int]] = {}
        self._incidents: Final[dict[int, frozenset[tuple[object, ...]]]] = {}

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

    def outcome(self, old: Emitted, new: Emitted, besides: bool) -> int | None:
        """A number for what it means that one list alone emits these; None: nothing to anybody."""
        key = (old, new, besides)
        if key not in self._outcomes:
            change = self._change(old, new, besides)
            content = change and (change.kind, change.before, change.after, change.differing, change.orphans)
            self._outcomes[key] = None if content is None else self._numbers.setdefault(content, len(self._numbers))
        return self._outcomes[key]

    def changes(self, found: Found, *, apart: bool = False, told: bool = False) -> Iterator[Change]:
        """`apart` as in Change. `told`: somebody is told of every alert."""
        if found.coarse:
            yield self._worst(found, apart=apart, quiet=SILENT in found.new and not told)
            return
        if change := self._change(found.old, found.new, found.besides or told):
            yield replace(
                change,
                classes=found.classes,
                proven=found.example is not None,
                apart=apart,
                alert=found.example,
            )

    def _worst(self, found: Found, *, apart: bool, quiet: bool) -> Change:
        # The worst that may happen to an alert of a class in which it is not known what happens to which. `quiet`:
        # one of another part may tell nobody of it.
        before, after = (
            tuple(dict.fromkeys(self._delivery(emits) for emits in side if emits >= 0))
            for side in (found.old, found.new)
        )
        told, tells = ([delivery for delivery in side if not delivery.silent] for side in (before, after))
        kind: Kind = "moved" if told else "new" if tells else "nobody"
        if any(delivery.paged for delivery in tells):
            kind = "newly pages"
        if told and (quiet or len(tells) < len(after) or any(delivery.paged for delivery in told)):
            kind = "lost"
        return Change(
            kind,
            found.classes,
            before,
            after,
            besides=True,
            proven=found.example is not None,
            varies=1,
            apart=apart,
            alert=found.example,
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
        orphans = bool(self.incidents(old) - self.incidents(new))
        if not told and not tells:
            if rekeyed:
                same = tuple(sorted(rekeyed, key=lambda delivery: delivery.receiver))
                return Change("regrouped", (), same, same, ("route",), besides, orphans=orphans)
            return _nobody(before, after, besides)
        # Only what somebody hears counts.
        besides = besides or bool(rekeyed) or any(emits < 0 for emits in new)
        kind = _kind(told, tells, besides, paged=PAGED_ELSEWHERE in new)
        before, after = _said(before, tells, besides), _said(after, told, besides)
        alone = len(before) == len(after) == 1 and before[0].endpoints and after[0].endpoints
        differing = before[0].differing(after[0]) if alone else ()
        return Change(kind, (), tuple(before), tuple(after), differing, besides, orphans=orphans)

    def incidents(self, emitted: Emitted) -> set[tuple[object, ...]]:
        """What finds the open incidents of these again: where each is, and the key of the alert's group."""
        found: set[tuple[object, ...]] = set()
        return found.union(*(self._incidents_of(emits) for emits in emitted if emits >= 0))

    def _incidents_of(self, emits: int) -> frozenset[tuple[object, ...]]:
        if emits not in self._incidents:
            delivery = self._delivery(emits)
            group = (self._keyed[emits][1], frozenset(delivery.group_by))
            opened = () if delivery.silent else (each for each in delivery.endpoints if each.resolves)
            self._incidents[emits] = frozenset((each.integration, each.address, group) for each in opened)
        return self._incidents[emits]


def _nobody(before: Sequence[Delivery], after: Sequence[Delivery], besides: bool) -> Change | None:
    # Between receivers that tell nobody, only their names matter.
    old, new = (Counter(delivery.receiver for delivery in side) for side in (before, after))
    if not (old - new and new - old):
        return None
    return Change("nobody", (), tuple(before), tuple(after), ("receiver",), besides)


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
