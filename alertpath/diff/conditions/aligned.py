"""Two decision lists laid over each other.

A decision list is what `routing` makes of a tree: conditions in order, each with what it emits and where it goes on.
An entry that stands in both lists is one entry of both together.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, final

from alertpath.semantics.label_sets import Condition

OLD: Final = 1
NEW: Final = 2
BOTH: Final = 3
"""Sides: of the lists in which an entry stands, or that are not at their end yet."""

END: Final = 1 << 60
"""A place beyond every list."""


@final
@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a decision list. `anchor`, `above`: indices in its own list.

    `conditions` must all hold; `emits` stands for what it does then (equal numbers: the same).
    `anchor`: the last entry that is left out after a match; None: all are. `above`: the entries around this one, which
    emit nothing once this one has, but still end what they end.
    """

    conditions: tuple[Condition, ...]
    emits: int
    anchor: int | None = None
    above: tuple[int, ...] = ()


@final
class Item:
    """An entry of either list, or one with the same conditions of each, at its place in the order of both together."""

    __slots__ = ("above", "conditions", "emits", "place", "sides", "target")

    def __init__(self, place: int, sides: int, entry: Entry, new: Entry | None = None) -> None:
        self.place: Final = place
        self.sides: Final = sides
        self.conditions: Final = entry.conditions
        self.emits: Final = (entry.emits, (new or entry).emits)
        """What it emits in the old and in the new list."""
        self.target = END
        self.above: frozenset[int] = frozenset()


def laid_over(old: Sequence[Entry], new: Sequence[Entry]) -> list[Item]:
    """The entries of both lists in one order that keeps the order of each; one item where both ask the same."""
    partner = aligned(old, new)
    items: list[Item] = []
    where: tuple[list[int], list[int]] = ([], [])
    following = 0
    for index, entry in enumerate(old):
        mate = partner.get(index)
        if mate is not None:
            for alone in range(following, mate):
                where[1].append(len(items))
                items.append(Item(len(items), NEW, new[alone]))
            following = mate + 1
            where[1].append(len(items))
        where[0].append(len(items))
        items.append(Item(len(items), OLD, entry) if mate is None else Item(len(items), BOTH, entry, new[mate]))
    for alone in range(following, len(new)):
        where[1].append(len(items))
        items.append(Item(len(items), NEW, new[alone]))
    for entries, places in ((new, where[1]), (old, where[0])):
        for index, entry in enumerate(entries):
            item = items[places[index]]
            item.target = END if entry.anchor is None else places[entry.anchor] + 1
            item.above = frozenset(places[above] for above in entry.above)
    return items


def aligned(old: Sequence[Entry], new: Sequence[Entry]) -> dict[int, int]:
    """Old to new indices of the entries that ask the same and go on alike, as many as there are without crossing."""
    partner = _aligned(old, new)
    _part(old, new, partner)
    return partner


def _aligned(old: Sequence[Entry], new: Sequence[Entry]) -> dict[int, int]:
    # As many entries with the same conditions as there can be without crossing, from old to new indices.
    first, second = ([frozenset(entry.conditions) for entry in entries] for entries in (old, new))
    shorter = min(len(first), len(second))
    begin = next((index for index in range(shorter) if first[index] != second[index]), shorter)
    rest = shorter - begin
    end = next((index for index in range(rest) if first[-1 - index] != second[-1 - index]), rest)
    partner = {index: index for index in range(begin)}
    partner |= {len(old) - 1 - index: len(new) - 1 - index for index in range(end)}
    numbered = {key: begin + index for index, key in enumerate(_numbered(second[begin : len(second) - end]))}
    pairs = [
        (begin + index, numbered[key])
        for index, key in enumerate(_numbered(first[begin : len(first) - end]))
        if key in numbered
    ]
    partner.update(_longest(pairs))
    return partner


def _numbered(asked: Iterable[frozenset[Condition]]) -> Iterable[tuple[frozenset[Condition], int]]:
    seen: dict[frozenset[Condition], int] = {}
    for conditions in asked:
        count = seen[conditions] = seen.get(conditions, 0) + 1
        yield conditions, count


def _longest(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    # The longest selection in which both numbers rise; the first ones rise already.
    ends: list[int] = []
    tails: list[int] = []
    before: list[int] = []
    for number, (_, second) in enumerate(pairs):
        at = bisect_left(ends, second)
        before.append(tails[at - 1] if at else -1)
        if at == len(ends):
            ends.append(second)
            tails.append(number)
        else:
            ends[at], tails[at] = second, number
    found: list[tuple[int, int]] = []
    number = tails[-1] if tails else -1
    while number >= 0:
        found.append(pairs[number])
        number = before[number]
    return found


def _part(old: Sequence[Entry], new: Sequence[Entry], partner: dict[int, int]) -> None:
    # Entries that go on elsewhere, or are inside others, are not the same.
    for index in sorted(partner, reverse=True):
        one, other = old[index], new[partner[index]]
        if one.anchor is None and other.anchor is None:
            continue
        same = (
            one.anchor is not None
            and partner.get(one.anchor) == other.anchor
            and [partner.get(above) for above in one.above] == list(other.above)
        )
        if not same:
            del partner[index]
