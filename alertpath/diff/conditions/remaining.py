"""What remains of two decision lists, laid over each other, once the values of some labels are known: chains of cells.

Where no entry of one list alone remains, nothing can differ. Equal chains are the same object, so that what does not
ask for a label is shared by all of its values and walked once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, final

from alertpath.diff.conditions.aligned import BOTH, END, NEW, OLD, Item
from alertpath.diff.conditions.vocabulary import Vocabulary
from alertpath.semantics.label_sets import Condition

_NOTHING: Final = frozenset[str]()


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
@dataclass(slots=True)
class Split:
    """What remains of a chain by a label's value: for words that conditions name, for groups of regexes, and else.

    No condition on the label is left for a word, those by the group's regexes for a group, and for all those by regexes
    that are in no group.
    """

    others: Chain
    words: dict[str, Chain] = field(default_factory=dict[str, Chain])
    groups: dict[int, Chain] = field(default_factory=dict[int, Chain])

    def copy(self) -> Split:
        """The same again, to be changed."""
        return Split(self.others, dict(self.words), dict(self.groups))


@final
class Chains:
    """Makes chains, each only once. `start`: that of the items with which all begins."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.names: Final[list[str]] = []
        """Labels by the number of their bit."""
        self._bits: Final[dict[str, int]] = {}
        self._cells: Final[dict[tuple[int, int, int, tuple[Condition, ...], int], Cell]] = {}
        self._sided: Final[dict[tuple[Cell, int], Chain]] = {}
        self._quiet: Final[dict[tuple[Cell, int, frozenset[int]], Cell]] = {}
        self._split: Final[dict[tuple[Cell, str], Split]] = {}
        self._last: Final[dict[tuple[str, str], int]] = {}
        by_label: dict[str, set[Condition]] = {}
        for item in items:
            for condition in item.conditions:
                by_label.setdefault(condition.label, set()).add(condition)
                self._last[condition.label, condition.regex] = item.place
        self.vocabularies: Final = {label: Vocabulary(conditions) for label, conditions in by_label.items()}
        chain: Chain = None
        for item in reversed(items):
            if all(named_values(item.conditions, condition.label) != _NOTHING for condition in item.conditions):
                chain = self.cell(item, item.sides, 0, item.conditions, chain)
        self.start: Final = chain

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return len(self._cells)

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

    def split(self, chain: Chain, label: str, alive: int) -> Split:
        """What remains by the label's value."""
        bit = self.bit(label)
        cells: list[Cell] = []
        while chain and chain.labels & bit and (chain, label) not in self._split:
            cells.append(chain)
            chain = chain.next
        found = self._split[chain, label].copy() if chain and chain.labels & bit else Split(chain)
        for index, cell in enumerate(reversed(cells)):
            self._put_before(cell, label, found, alive)
            if cell.shared or index == len(cells) - 1:
                self._split[cell, label] = found.copy()
        return found

    def _put_before(self, cell: Cell, label: str, found: Split, alive: int) -> None:
        # Puts `cell` in front of what remains, wherever it may hold.
        vocabulary = self.vocabularies[label]
        words, groups = found.words, found.groups

        def add(value: str) -> None:
            if (open_ := _open(cell.conditions, label, value)) is not None:
                words[value] = self.changed(cell, open_, self._of_word(found, label, value, alive), alive)

        named = named_values(cell.conditions, label)
        if named is not None:
            for value in named:
                add(value)
            return
        asked = [condition for condition in cell.conditions if condition.label == label]
        for condition in asked:
            for value in condition.words or ():
                words[value] = self._of_word(found, label, value, alive)
        positive = [condition.regex for condition in asked if condition.positive]
        for value in vocabulary.matching(positive[0]) if positive else tuple(words):
            if value in words:
                add(value)
        possible = {vocabulary.groups[regex] for regex in positive if regex in vocabulary.groups}
        if len(possible) > 1:
            return
        negative = {vocabulary.groups[c.regex] for c in asked if c.words is None and c.regex in vocabulary.groups}
        for group in possible or (groups.keys() | negative):
            open_ = _open_in(cell.conditions, label, vocabulary, group)
            groups[group] = self.changed(cell, open_, groups.get(group, found.others), alive)
        if not possible:
            open_ = _open_in(cell.conditions, label, vocabulary, None)
            found.others = self.changed(cell, open_, found.others, alive)

    def _of_word(self, found: Split, label: str, value: str, alive: int) -> Chain:
        if value in found.words:
            return found.words[value]
        group = self.vocabularies[label].group_of.get(value)
        chain = found.others if group is None else found.groups.get(group, found.others)
        return self.with_value(chain, label, value, alive)

    def with_regex(self, chain: Chain, condition: Condition, *, holds: bool, alive: int) -> Chain:
        """What remains where a value matches the regex of `condition`, or does not."""
        bit = self.bit(condition.label)
        last = self._last[condition.label, condition.regex]
        cells: list[Cell] = []
        while chain and chain.labels & bit and chain.item.place <= last:
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


def _open_in(
    conditions: tuple[Condition, ...], label: str, vocabulary: Vocabulary, group: int | None
) -> tuple[Condition, ...]:
    # Those that are open for values that no word is, in a group of regexes or (None) in no group.
    return tuple(
        c
        for c in conditions
        if c.label != label or (c.words is None and vocabulary.groups.get(c.regex, group) == group)
    )


def _open(conditions: tuple[Condition, ...], label: str, value: str) -> tuple[Condition, ...] | None:
    # Those on other labels; None: the value fails one on this.
    for condition in conditions:
        if condition.label == label and not condition.allows(value):
            return None
    return tuple(condition for condition in conditions if condition.label != label)
