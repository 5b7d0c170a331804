"""Classes of alerts that fare differently for one reason, together: who was told and who is, and what differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, final

from alertpath.alertmanager.config import GROUP_BY_ALL
from alertpath.diff.deliveries.comparison import fewer
from alertpath.diff.deliveries.notifications import Delivery
from alertpath.diff.deliveries.verdicts import Change
from alertpath.diff.words.delivery import Detail, details, told
from alertpath.output.alert_classes import listed, quoted
from alertpath.semantics.label_sets import Class

Pair = tuple[Delivery, Delivery]

_FEW: Final = 200
"""So many classes of one reason are put together where their values allow; more would take long."""


@final
@dataclass(frozen=True, slots=True)
class Cause:
    """One reason. `change` is one of its changes, `classes` are those of all of them.

    `overlaps`: some of their alerts are also among those of other reasons, which hold for them too.
    """

    change: Change
    classes: tuple[Class, ...]
    overlaps: bool = False


Common = frozenset[tuple[str, str]]
"""What is said once: names of settings, and how they differ."""

_Key = tuple[tuple[object, ...], frozenset[object], object, object]
_NO_PARTS: Final = frozenset[object]()


def causes(changes: Iterable[Change], common: Common, heading: Callable[[Change], str]) -> list[Cause]:
    """The reasons in the order of the changes, without what is `common` to all of them.

    `heading`: under which a change is told; what is told under others has another reason.
    """
    found: dict[_Key, list[Change]] = {}
    for change in changes:
        found.setdefault(_key(change, common, heading(change)), []).append(change)
    alone = {(key[0], *parts): key for key in found if len(parts := _parts_of(key)) == 1}
    overlapping: set[_Key] = set()
    for key in [key for key in found if len(_parts_of(key)) > 1]:
        homes = [alone.get((key[0], part)) for part in _parts_of(key)]
        if all(homes):
            # Several things happen to these alerts, each of which happens to others alone.
            some = found.pop(key)
            for home in filter(None, homes):
                found[home] += some
                overlapping.add(home)
    return [Cause(some[0], _together(some), key in overlapping) for key, some in found.items()]


def common_to(changes: Iterable[Change]) -> Common:
    """What differs alike from each delivery before to the one after, where they differ in more than that."""
    pairs = {
        pair
        for change in changes
        if not change.varies and change.kind != "nobody" and not rekeyed(change)
        for pair in paired(change.before, change.after)[0]
    }
    found = [
        frozenset((detail.name, words) for detail, words in differing(*pair) if _general(detail)) for pair in pairs
    ]
    # One reason is no other's.
    if len({_part(*pair, frozenset()) for pair in pairs}) < 2:
        return frozenset()
    return frozenset(one for one in found[0] if all(one in some for some in found))


def _general(detail: Detail) -> bool:
    return not detail.minor and detail.name != "integration"


def differing(before: Delivery, after: Delivery) -> Iterator[tuple[Detail, str]]:
    """What the two do differently, and how that is said where it holds for many."""
    for detail in details(before, after):
        words = " -> ".join((detail.before, detail.after))
        if detail.name == "group_by":
            words = _labels(before, after) or words
        yield detail, words


def _labels(before: Delivery, after: Delivery) -> str:
    # What else it is grouped by, whatever it was; "": it is grouped by all labels, or by others.
    old, new = set(before.group_by), set(after.group_by)
    if GROUP_BY_ALL in old | new or not old <= new:
        return ""
    return f"also {listed([quoted(label) for label in after.group_by if label not in old])}"


def paired(before: Sequence[Delivery], after: Sequence[Delivery]) -> tuple[list[Pair], list[Delivery], list[Delivery]]:
    """Which deliveries belong together: those of one receiver, and the only ones that are left; and the other ones."""
    old, new = Counter(each.receiver for each in before), Counter(each.receiver for each in after)
    shared = {name for name, count in old.items() if count == new[name]}
    mates = {name: iter([delivery for delivery in after if delivery.receiver == name]) for name in shared}
    pairs = [(delivery, next(mates[delivery.receiver])) for delivery in before if delivery.receiver in shared]
    gone = [delivery for delivery in before if delivery.receiver not in shared]
    come = [delivery for delivery in after if delivery.receiver not in shared]
    if len(gone) == len(come) == 1:
        return [*pairs, (gone[0], come[0])], [], []
    return pairs, gone, come


def rekeyed(change: Change) -> bool:
    """Whether the very same deliveries are only reached by another route key."""
    return change.kind == "regrouped" and change.before == change.after


def _key(change: Change, common: Common, heading: str) -> _Key:
    flags = (heading, change.kind, change.besides, change.proven, change.orphans, change.varies, change.apart)
    if change.varies:
        sides = (frozenset(map(told, change.before)), frozenset(map(told, change.after)))
        return (flags, _NO_PARTS, sides, change.differing)
    if rekeyed(change):
        return (flags, _NO_PARTS, "route", frozenset(map(told, change.before)))
    pairs, gone, come = paired(change.before, change.after)
    parts = frozenset(part for part in (_part(*pair, common) for pair in pairs) if part)
    return (flags, parts, frozenset(map(told, gone)), frozenset(map(told, come)))


def _parts_of(key: _Key) -> frozenset[object]:
    # Each of which may be told alone; what has no counterpart is told together.
    _, parts, gone, come = key
    return parts if not gone and not come else _NO_PARTS


def _part(before: Delivery, after: Delivery, common: Common) -> tuple[object, ...]:
    found = ((detail.name, words) for detail, words in differing(before, after))
    left = tuple(pair for pair in found if pair not in common)
    same = told(before) == told(after)
    return () if same and not left else (told(before), told(after), left)


def _together(changes: Sequence[Change]) -> tuple[Class, ...]:
    classes = tuple(dict.fromkeys(one for change in changes for one in change.classes))
    if len(classes) == 1 or len(classes) > _FEW:
        return classes
    first = {one: number for number, one in enumerate(classes)}
    return tuple(sorted(fewer(classes), key=lambda one: first.get(one, len(classes))))
