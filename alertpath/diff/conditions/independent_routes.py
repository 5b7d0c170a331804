"""Two decision lists that differ by many independent routes, taken apart into pairs of lists that differ by few.

A route with `continue` (and all below it) is a block: it emits, but keeps no later entry from being asked. So what two
lists emit differently is the sum of what they do with the blocks of each part alone, and with everything else.
Blocks that can take the same alert would combine in all ways, so each is in another part, unless an alert may move from
one to the other.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final, final

from alertpath.diff.conditions.aligned import Entry, aligned
from alertpath.diff.conditions.differences import ELSEWHERE, PAGED_ELSEWHERE, SILENT
from alertpath.diff.conditions.overlaps import named_values
from alertpath.semantics.label_sets import Condition, overlap

_MOST_BLOCKS: Final = 500
"""Each is compared with each."""
_NOBODY: Final = frozenset[Hashable]()
_Reaching = dict[Hashable, set[int]]


@final
@dataclass(frozen=True, slots=True)
class Hearing:
    """What is known of what an entry emits: whether anybody hears it, how many it wakes up, and whom it reaches."""

    audible: Callable[[int], bool]
    pages: Callable[[int], int]
    reached: Callable[[int], frozenset[Hashable]]


@final
@dataclass(frozen=True, slots=True)
class Part:
    """Two lists to compare.

    `told`: the new configuration tells somebody of every alert, be it by another part. `wide`: what is found may hold
    label sets that do not differ.
    """

    old: list[Entry]
    new: list[Entry]
    told: bool
    wide: bool = False


@final
@dataclass(frozen=True, slots=True)
class _Unit:
    # A block of each list with the same conditions, or (the other is empty) one of either.
    old: range
    new: range
    conditions: tuple[Condition, ...]


@final
class Parts:
    """What two lists differ by, in parts. `layers`: how many there are of blocks that differ; 0: it cannot be parted.

    The classes of two parts may overlap: what happens to a label set is all that its classes say.
    """

    def __init__(self, old: Sequence[Entry], new: Sequence[Entry], hearing: Hearing) -> None:
        self._old: Final = _reachable(old)
        self._new: Final = _reachable(new)
        self._hearing: Final = hearing
        self._partner: Final = aligned(self._old, self._new)
        self._told: Final = all(hearing.audible(entry.emits) for entry in self._new)
        units = list(self._units())
        self._alike: Final = [unit for unit in units if self._is_alike(unit)]
        unlike = [unit for unit in units if not self._is_alike(unit)]
        self._rest: Final = tuple(
            frozenset(range(len(entries))) - set(chain.from_iterable(blocks))
            for entries, blocks in (
                (self._old, [unit.old for unit in units]),
                (self._new, [unit.new for unit in units]),
            )
        )
        mates = frozenset(self._partner.get(index, -1) for index in self._rest[0])
        self._same_flow: Final = mates == self._rest[1]
        """Whether what is in no block is asked alike in both lists, so that each block is reached alike."""
        groups, self._kept = self._together(unlike) if len(unlike) <= _MOST_BLOCKS else ([], unlike)
        self._parted: Final = list(chain.from_iterable(groups))
        self._paging_less: Final = [unit for unit in self._parted if self._may_page_less(unit)]
        self._layers: Final = self._layered(groups)
        self.layers: Final = len(self._layers)

    def __iter__(self) -> Iterator[tuple[Part, Part | None]]:
        """Each part, and one to take where that is too much to list."""
        for layer in self._layers:
            yield self._of_layer(layer), None
        if everything_else := self._everything_else(wide=False):
            yield everything_else, self._everything_else(wide=True)

    def _units(self) -> Iterator[_Unit]:
        mates = {block[-1]: block for block in _blocks(self._new)}
        for block in _blocks(self._old):
            mate = mates.pop(self._partner.get(block[-1], -1), range(0))
            yield _Unit(block, mate, self._old[block[-1]].conditions)
        for block in mates.values():
            yield _Unit(range(0), block, self._new[block[-1]].conditions)

    def _is_alike(self, unit: _Unit) -> bool:
        return len(unit.old) == len(unit.new) and all(
            self._partner.get(one) == other and self._old[one].emits == self._new[other].emits
            for one, other in zip(unit.old, unit.new, strict=True)
        )

    def _layered(self, groups: Iterable[list[_Unit]]) -> list[list[_Unit]]:
        # Blocks of one layer never take the same alert, but for those that must be together.
        layers: list[list[_Unit]] = []
        for group in groups:
            for layer in layers:
                if not any(_meet(one, other) for one in group for other in layer):
                    layer += group
                    break
            else:
                layers.append(list(group))
        return layers

    def _together(self, units: Sequence[_Unit]) -> tuple[list[list[_Unit]], list[_Unit]]:
        # Which blocks must be in one part, and which in that for everything else: those that emit the very same, so
        # that it is no difference where an alert goes from one to the other, and those of which one reaches whom the
        # other reaches no longer.
        sets = _DisjointSets(len(units) + 1)
        rest = len(units)
        homes = [dict.fromkeys(range(len(entries)), rest) for entries in (self._old, self._new)]
        for number, unit in enumerate(units):
            homes[0] |= dict.fromkeys(unit.old, number)
            homes[1] |= dict.fromkeys(unit.new, number)
        first: dict[int, int] = {}
        for entries, home in zip((self._old, self._new), homes, strict=True):
            for index, entry in enumerate(entries):
                sets.join(home[index], first.setdefault(entry.emits, home[index]))
        gives, takes = self._given_and_taken(units)
        for whom, givers in gives.items():
            for one in givers:
                for other in takes.get(whom, ()):
                    if rest in (one, other) or _meet(units[one], units[other]):
                        sets.join(one, other)
        groups: dict[int, list[_Unit]] = {}
        for number, unit in enumerate(units):
            groups.setdefault(sets.find(number), []).append(unit)
        kept = groups.pop(sets.find(rest), [])
        return list(groups.values()), kept

    def _given_and_taken(self, units: Sequence[_Unit]) -> tuple[_Reaching, _Reaching]:
        # By whom is reached: the numbers of blocks, or of the rest, that may do so in one list alone.
        gives: _Reaching = {}
        takes: _Reaching = {}
        rest = len(units)
        blocks = [(unit.old, unit.new) for unit in units]
        for number, (old, new) in enumerate((*blocks, tuple(map(sorted, self._rest)))):
            before, after = (
                self._reached(entries, indices) for entries, indices in ((self._old, old), (self._new, new))
            )
            for found, whom in ((gives, before - after), (takes, after - before)):
                for each in whom:
                    found.setdefault(each, set()).add(number)
        for unit in units:
            # What is around a block that is in one list alone may emit in the other list.
            for found, entries, block in ((gives, self._old, unit.new), (takes, self._new, unit.old)):
                around = entries[-1:] if block and not (unit.old and unit.new) else []
                for each in _NOBODY.union(*(self._hearing.reached(entry.emits) for entry in around)):
                    found.setdefault(each, set()).add(rest)
        return gives, takes

    def _reached(self, entries: Sequence[Entry], indices: Iterable[int]) -> frozenset[Hashable]:
        return _NOBODY.union(*(self._hearing.reached(entries[index].emits) for index in indices))

    def _emitted(self, unit: _Unit, *, new: bool) -> list[int]:
        return [self._new[index].emits for index in unit.new] if new else [self._old[i].emits for i in unit.old]

    def _of_layer(self, layer: Sequence[_Unit]) -> Part:
        mine = [frozenset(chain.from_iterable(blocks)) for blocks in ([u.old for u in layer], [u.new for u in layer])]
        old, new = (dict.fromkeys(rest, SILENT) for rest in self._rest)
        known = self._told or not any(map(self._may_silence, layer))
        if not known:
            # Whether anybody else is told tells a loss from a move.
            old |= {index: SILENT for unit in self._alike for index in unit.old}
            new = {index: self._elsewhere(entry) for index, entry in enumerate(self._new)}
        old |= {index: self._old[index].emits for index in mine[0]}
        new |= {index: self._new[index].emits for index in mine[1]}
        return Part(_kept(self._old, old), _kept(self._new, new), known)

    def _may_silence(self, unit: _Unit) -> bool:
        # Whether it may tell somebody in the old list, and in the new one nobody.
        if not any(map(self._hearing.audible, self._emitted(unit, new=False))):
            return False
        after = self._emitted(unit, new=True)
        return not self._same_flow or not after or not all(map(self._hearing.audible, after))

    def _elsewhere(self, entry: Entry) -> int:
        return ELSEWHERE if self._hearing.audible(entry.emits) else SILENT

    def _everything_else(self, *, wide: bool) -> Part | None:
        # What is in no block, and the blocks that it needs: because they keep what is above them from emitting, or to
        # know whether anybody is told instead. `wide`: as if those did not match that are the same in both lists.
        same = self._same_flow and all(
            self._old[one].emits == self._new[other].emits
            for one, other in self._partner.items()
            if one in self._rest[0]
        )
        needed = [unit for unit in self._parted if not same or self._kept or self._is_inside(unit)]
        if same and not needed and not self._kept:
            return None
        old = {index: self._old[index].emits for index in self._rest[0]}
        new = {index: self._new[index].emits for index in self._rest[1]}
        for unit in needed:
            old |= dict.fromkeys(unit.old, SILENT)
            new |= {index: self._instead(unit, index) for index in unit.new}
        alike = [unit for unit in self._alike if not (self._same_flow and self._told) or self._is_inside(unit)]
        wide = wide and self._same_flow
        for units in (self._kept, () if wide else alike):
            for unit in units:
                old |= {index: self._old[index].emits for index in unit.old}
                new |= {index: self._new[index].emits for index in unit.new}
        return Part(_kept(self._old, old), _kept(self._new, new), self._told, wide)

    def _is_inside(self, unit: _Unit) -> bool:
        return bool(unit.old and self._old[unit.old[-1]].above) or bool(unit.new and self._new[unit.new[-1]].above)

    def _instead(self, unit: _Unit, index: int) -> int:
        # A page here makes up for one that is gone elsewhere only where this block paged nobody before, whatever the
        # alert, and where no other block may page less than before.
        pages = self._hearing.pages
        emits = self._new[index].emits
        more = pages(emits) and not any(map(pages, self._emitted(unit, new=False)))
        if more and not any(other is not unit and _meet(other, unit) for other in self._paging_less):
            return PAGED_ELSEWHERE
        return self._elsewhere(self._new[index])

    def _may_page_less(self, unit: _Unit) -> bool:
        pages = self._hearing.pages
        before = [pages(emits) for emits in self._emitted(unit, new=False)]
        after = [pages(emits) for emits in self._emitted(unit, new=True)]
        same = [self._partner.get(index) for index in unit.old] == list(unit.new)
        return any(before) and not (same and all(one <= other for one, other in zip(before, after, strict=True)))


@final
class _DisjointSets:
    # Numbers below `count`, each by itself until it is joined with others.

    def __init__(self, count: int) -> None:
        self._above: Final = list(range(count))

    def find(self, number: int) -> int:
        while self._above[number] != number:
            self._above[number] = number = self._above[self._above[number]]
        return number

    def join(self, one: int, other: int) -> None:
        self._above[self.find(one)] = self.find(other)


def _reachable(entries: Sequence[Entry]) -> list[Entry]:
    # Those up to the first that takes everything.
    end = next((i for i, entry in enumerate(entries) if not entry.conditions and entry.anchor is None), len(entries))
    return _kept(entries, {index: entry.emits for index, entry in enumerate(entries[: end + 1])})


def _blocks(entries: Sequence[Entry]) -> Iterator[range]:
    # The entries of each route with `continue` that is below no other one, with all below it.
    first = list(range(len(entries)))
    for index, entry in enumerate(entries):
        for above in entry.above:
            first[above] = min(first[above], index)
    index = len(entries) - 1
    while index >= 0:
        if entries[index].anchor == index:
            yield range(first[index], index + 1)
            index = first[index]
        index -= 1


def _kept(entries: Sequence[Entry], emits: dict[int, int]) -> list[Entry]:
    # The entries with these indices, emitting that.
    kept = sorted(emits)
    place = {index: at for at, index in enumerate(kept)}
    before = [0]
    for index in range(len(entries)):
        before.append(before[-1] + (index in place))
    return [
        replace(
            entries[index],
            emits=emits[index],
            anchor=None if (anchor := entries[index].anchor) is None else before[anchor + 1] - 1,
            above=tuple(place[above] for above in entries[index].above if above in place),
        )
        for index in kept
    ]


def _meet(one: _Unit, other: _Unit) -> bool:
    # Whether both may take the same alert; True also where that is not known.
    for label in {condition.label for condition in one.conditions}:
        mine, others = named_values(one.conditions, label), named_values(other.conditions, label)
        if mine is not None and others is not None and mine.isdisjoint(others):
            return False
        if any(not overlap(a, b) for a in _regexes(one, label) for b in _regexes(other, label)):
            return False
    return True


def _regexes(unit: _Unit, label: str) -> list[str]:
    return [c.regex for c in unit.conditions if c.label == label and c.positive and c.words is None]
