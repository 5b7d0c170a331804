"""Two decision lists walked as one, to find every class of label sets that they decide differently.

A decision list is what `routing` makes of a tree: conditions in order, each with what it emits and where it goes on.
Both lists are laid over each other: an entry that stands in both is one entry, and where no entry of one list alone
remains, nothing can differ. What remains of the list once the values of some labels are known is a chain of cells;
equal chains are the same object, so that what does not ask for a label is shared by all of its values and walked once.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, final

from alertpath.label_sets import Condition

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


@final
class Cell:
    """An item with the conditions that are still open, and what follows; made by `Chains.cell` alone.

    `sides`: the lists for which it counts; `quiet`: those for which it emits nothing.
    `labels`: the bits of all labels that it and what follows ask for. `unlike`: whether it is not the same for both
    lists; `differs`: whether it or something that follows is.
    `followed`, `shared`: one cell, several cells are in front of it.
    """

    __slots__ = ("conditions", "differs", "followed", "item", "labels", "next", "quiet", "shared", "sides", "unlike")

    def __init__(
        self, item: Item, sides: int, quiet: int, conditions: tuple[Condition, ...], following: Cell | None, labels: int
    ) -> None:
        self.item: Final = item
        self.sides: Final = sides
        self.quiet: Final = quiet
        self.conditions: Final = conditions
        self.next: Final = following
        self.labels: Final = labels
        self.unlike: Final = sides != BOTH or quiet in (OLD, NEW) or (not quiet and item.emits[0] != item.emits[1])
        self.differs: Final = self.unlike or bool(following and following.differs)
        self.followed = False
        self.shared = False


Chain = Cell | None


@final
class Chains:
    """Makes chains, each only once."""

    def __init__(self) -> None:
        self.names: Final[list[str]] = []
        """Labels by the number of their bit."""
        self._bits: Final[dict[str, int]] = {}
        self._cells: Final[dict[tuple[int, int, int, tuple[Condition, ...], int], Cell]] = {}
        self._sided: Final[dict[tuple[Cell, int], Chain]] = {}
        self._quiet: Final[dict[tuple[Cell, int, frozenset[int]], Cell]] = {}
        self._split: Final[dict[tuple[Cell, str], tuple[dict[str, Chain], Chain]]] = {}

    def bit(self, label: str) -> int:
        """The bit of a label."""
        if label not in self._bits:
            self._bits[label] = 1 << len(self.names)
            self.names.append(label)
        return self._bits[label]

    def cell(
        self, item: Item, sides: int, quiet: int, conditions: tuple[Condition, ...], following: Chain, alive: int = BOTH
    ) -> Cell:
        """The cell with these parts. After what always holds and ends all lists nothing follows."""
        if not conditions and item.target == END and sides == alive:
            following = None
        key = (item.place, sides, quiet, conditions, id(following))
        if (found := self._cells.get(key)) is not None:
            return found
        labels = following.labels if following else 0
        for condition in conditions:
            labels |= self.bit(condition.label)
        if following:
            following.shared = following.followed  # This is a new cell, so the second one.
            following.followed = True
        found = self._cells[key] = Cell(item, sides, quiet, conditions, following, labels)
        return found

    def changed(self, cell: Cell, conditions: tuple[Condition, ...], following: Chain, alive: int) -> Cell:
        """`cell` with other conditions and another following."""
        if conditions == cell.conditions and following is cell.next:
            return cell
        return self.cell(cell.item, cell.sides, cell.quiet, conditions, following, alive)

    def of_one_side(self, chain: Chain, side: int) -> Chain:
        """What counts for one list alone."""
        cells: list[Cell] = []
        while chain and (chain, side) not in self._sided:
            cells.append(chain)
            chain = chain.next
        result = self._sided[chain, side] if chain else None
        for cell in reversed(cells):
            if cell.sides & side:
                result = self.cell(cell.item, side, cell.quiet & side, cell.conditions, result, side)
            self._sided[cell, side] = result
        return result

    def without_until(self, chain: Chain, side: int, target: int) -> Chain:
        """The chain without what counts for `side` before the place `target`."""
        cells: list[Cell] = []
        while chain and chain.item.place < target:
            cells.append(chain)
            chain = chain.next
        for cell in reversed(cells):
            if sides := cell.sides & ~side:
                chain = self.cell(cell.item, sides, cell.quiet & sides, cell.conditions, chain)
        return chain

    def quieted(self, chain: Chain, side: int, places: frozenset[int], alive: int) -> Chain:
        """The chain with the items at these places emitting nothing for `side`."""
        last = max(places, default=-1)
        cells: list[Cell] = []
        while chain and chain.item.place <= last and (chain, side, places) not in self._quiet:
            cells.append(chain)
            chain = chain.next
        if chain and chain.item.place <= last:
            chain = self._quiet[chain, side, places]
        for cell in reversed(cells):
            quiet = cell.quiet | (side & cell.sides) if cell.item.place in places else cell.quiet
            found = self.cell(cell.item, cell.sides, quiet, cell.conditions, chain, alive)
            chain = self._quiet[cell, side, places] = found
        return chain

    def with_value(self, chain: Chain, label: str, value: str, alive: int) -> Chain:
        """What remains where the label has this value."""
        bit = self.bit(label)
        cells: list[Cell] = []
        while chain and chain.labels & bit:
            cells.append(chain)
            chain = chain.next
        for cell in reversed(cells):
            open_ = _open(cell.conditions, label, value)
            if open_ is not None:
                chain = self.changed(cell, open_, chain, alive)
        return chain

    def split(self, chain: Chain, label: str, alive: int) -> tuple[dict[str, Chain], Chain]:
        """What remains for each value that a condition on the label names, and for all others.

        For all others conditions by regexes on that label are still open.
        """
        bit = self.bit(label)
        cells: list[Cell] = []
        while chain and chain.labels & bit and (chain, label) not in self._split:
            cells.append(chain)
            chain = chain.next
        values: dict[str, Chain] = {}
        others = chain
        if chain and chain.labels & bit:
            known, others = self._split[chain, label]
            values = dict(known)
        for index, cell in enumerate(reversed(cells)):
            others = self._before(cell, label, values, others, alive)
            if cell.shared or index == len(cells) - 1:
                self._split[cell, label] = (dict(values), others)
        return values, others

    def _before(self, cell: Cell, label: str, values: dict[str, Chain], others: Chain, alive: int) -> Chain:
        # Puts `cell` in front of what remains: in `values` itself, and returns it for other values.
        asked = [condition for condition in cell.conditions if condition.label == label]
        named = named_values(cell.conditions, label)
        if named is not None:
            for value in named:
                if (open_ := _open(cell.conditions, label, value)) is not None:
                    following = values[value] if value in values else self.with_value(others, label, value, alive)
                    values[value] = self.changed(cell, open_, following, alive)
            return others
        for condition in asked:
            for value in condition.words or ():
                if value not in values:
                    values[value] = self.with_value(others, label, value, alive)
        for value, following in values.items():
            if (open_ := _open(cell.conditions, label, value)) is not None:
                values[value] = self.changed(cell, open_, following, alive)
        open_ = tuple(c for c in cell.conditions if c.label != label or c.words is None)
        return self.changed(cell, open_, others, alive)

    def with_regex(self, chain: Chain, condition: Condition, *, holds: bool, alive: int) -> Chain:
        """What remains where a value matches the regex of `condition`, or does not."""
        bit = self.bit(condition.label)
        cells: list[Cell] = []
        while chain and chain.labels & bit:
            cells.append(chain)
            chain = chain.next
        for cell in reversed(cells):
            open_: list[Condition] = []
            for other in cell.conditions:
                if other.label != condition.label or other.regex != condition.regex:
                    open_.append(other)
                elif other.positive != holds:
                    break
            else:
                chain = self.changed(cell, tuple(open_), chain, alive)
        return chain


def named_values(conditions: tuple[Condition, ...], label: str) -> frozenset[str] | None:
    """The only values that these conditions leave to a label, without regard to regexes; None: they name none."""
    found: frozenset[str] | None = None
    for condition in conditions:
        if condition.label == label and condition.positive and condition.words is not None:
            found = condition.words if found is None else found & condition.words
    return found


def _open(conditions: tuple[Condition, ...], label: str, value: str) -> tuple[Condition, ...] | None:
    # Those on other labels; None: the value fails one on this.
    for condition in conditions:
        if condition.label == label and not condition.allows(value):
            return None
    return tuple(condition for condition in conditions if condition.label != label)


def laid_over(old: Sequence[Entry], new: Sequence[Entry]) -> list[Item]:
    """The entries of both lists in one order that keeps the order of each; one item where both ask the same."""
    partner = _aligned(old, new)
    _part(old, new, partner)
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
