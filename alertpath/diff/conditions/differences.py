"""Every class of label sets for which two decision lists emit something else, as a diagram and as a list.

The walk asks for one label after the other, in an order found once. It ends where nothing can differ any more, and
does the same thing once: the diagram's nodes are shared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, final

from alertpath.diff.conditions.aligned import BOTH, END, NEW, OLD, Entry, Item, laid_over
from alertpath.diff.conditions.remaining import Cell, Chain, Chains, named_values
from alertpath.diff.conditions.value_classes import Atom, Atoms
from alertpath.documents.problems import InvalidInput, Problem
from alertpath.semantics.label_sets import EVERY, Condition, Values, overlap

_FEW: Final = 4
"""So few values are looked into one by one; of more, all at once."""
_MOST_CLASSES: Final = 20_000
_MOST_NODES: Final = 100_000
_MOST_CELLS: Final = 2_000_000
_LITTLE: Final = 20
"""A walk with few classes may take this part of the nodes and new cells of another one."""
_TOO_MANY: Final = Problem(
    "the two configurations",
    0,
    "",
    "differ in too many ways to list: routes with `continue: true` that ask for unlike labels combine in all ways",
    mend="compare in steps, with some of these routes in each",
)
_NOTHING: Final = frozenset[str]()

SILENT: Final = -1
"""Emitted: nothing that counts here."""
ELSEWHERE: Final = -2
"""Emitted by the new list, once or more often: somebody is told, which itself is no difference to be found here."""
PAGED_ELSEWHERE: Final = -3
"""The same, and somebody is newly woken up."""

Emitted = tuple[int, ...]


@final
@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """What one list emits and the other does not, and whether they may both emit something audible besides."""

    old: Emitted
    new: Emitted
    besides: bool


@final
@dataclass(frozen=True, slots=True, eq=False)
class Rest:
    """One list has ended, having emitted `leaf`'s; what the other one does is in `node`, as if it had emitted none."""

    leaf: Leaf
    node: Node


@final
@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """What is found depends on a label: its values, whether it is proven that there are any, and what is found."""

    label: str
    edges: tuple[tuple[Values, bool, Node], ...]


Node = Leaf | Rest | Branch


@final
@dataclass(frozen=True, slots=True)
class Found:
    """One class. `proven`: that it is not empty. `besides` as in Leaf.

    `alternatives`: None, or what the class emits in all of its many parts, in addition to `old` and `new`.
    """

    where: tuple[tuple[str, Values], ...]
    proven: bool
    old: Emitted
    new: Emitted
    besides: bool
    alternatives: frozenset[Leaf] | None = None


class TooMany(InvalidInput):
    """Two lists differ in too many ways. `walked`: all of them were found, but they are more than shall be listed."""

    def __init__(self, *, walked: bool) -> None:
        super().__init__([_TOO_MANY])
        self.walked: Final = walked


def differences(
    old: Sequence[Entry], new: Sequence[Entry], audible: Callable[[int], bool], most: int = 8, few: int = 0
) -> list[Found]:
    """Every class of label sets for which the lists emit something else.

    Classes do not overlap. `audible`: whether what an entry emits is heard by anybody. Where one list does one thing
    and the other more than `most`, they stay together in one class, which may then hold label sets that do not differ;
    so do neighbours where there would be more than 20,000 classes. `few`: no more classes than these, and little time;
    0: any number. Raises TooMany: it is too much to walk, or to list.
    """
    walk = _Walk(old, new, audible, little=bool(few))
    node = walk.solve(walk.start, BOTH, (), (), False)
    return list(_Listing(node, audible, most, few).classes(node)) if node else []


@final
class _Walk:
    def __init__(
        self, old: Sequence[Entry], new: Sequence[Entry], audible: Callable[[int], bool], *, little: bool
    ) -> None:
        self._audible: Final = audible
        self._known: Final[dict[tuple[Chain, int, Emitted, Emitted, bool], Node | None]] = {}
        self._leaves: Final[dict[tuple[Emitted, Emitted, bool], Leaf]] = {}
        self._branches: Final[dict[tuple[str, tuple[tuple[Values, bool, int], ...]], Branch]] = {}
        self._wanted: Final[dict[tuple[Cell, str], frozenset[str] | None]] = {}
        items = laid_over(old, new)
        self._chains: Final = Chains(items)
        self.start: Final = self._chains.start
        self._most_cells: Final = self._chains.cells + _MOST_CELLS // _LITTLE if little else _MOST_CELLS
        self._most_nodes: Final = _MOST_NODES // _LITTLE if little else _MOST_NODES
        self._order: Final = self._labels_in_order(items)

    def _labels_in_order(self, items: Sequence[Item]) -> list[tuple[str, int]]:
        # Those first by which the lists fall apart into the fewest new cells.
        seen: dict[str, set[str | int]] = {label: set() for label in self._chains.names}
        costs = dict.fromkeys(self._chains.names, 0)
        for item in reversed(items):
            for label, known in seen.items():
                asked = self._asked(item.conditions, label)
                known |= asked or _NOTHING
                costs[label] += len(known if asked is None else asked)
        for label in costs:
            wanted = self._values_of_differing(self.start, label)
            if wanted is not None:
                costs[label] = min(costs[label], len(wanted) * len(items))
        return [(label, self._chains.bit(label)) for label in sorted(costs, key=lambda label: costs[label])]

    def _asked(self, conditions: tuple[Condition, ...], label: str) -> frozenset[str | int] | None:
        # The only words, or groups of regexes, for which these conditions can hold; None: for any.
        if (named := named_values(conditions, label)) is not None:
            return named
        groups = self._chains.vocabularies[label].groups
        found = (groups.get(c.regex) for c in conditions if c.label == label and c.positive and c.words is None)
        return next((frozenset((group,)) for group in found if group is not None), None)

    def solve(self, chain: Chain, alive: int, old: Emitted, new: Emitted, besides: bool) -> Node | None:
        """What is found in a chain for the lists `alive`, after they emitted `old` and `new`; None: no difference."""
        chain, alive, old, new, besides, ended = self._advanced(chain, alive, old, new, besides)
        if ended:
            rest = self.solve(chain, alive, (), (), False)
            leaf = self._leaf(old, new, besides)
            if isinstance(rest, Leaf):
                return self._joined(leaf, rest)
            if rest is None and not _counts(old, new):
                return None
            return Rest(leaf, rest) if rest else leaf
        if chain is None or (alive == BOTH and not chain.differs and not self._silencing(old, new, besides)):
            if alive == BOTH and not _counts(old, new):
                return None
            return self._leaf(old, new, besides or chain is not None)
        key = (chain, alive, old, new, besides)
        if key not in self._known:
            if self._chains.cells > self._most_cells or len(self._known) > self._most_nodes:
                raise TooMany(walked=False)
            label = next(label for label, bit in self._order if chain.labels & bit)
            self._known[key] = self._branched(label, chain, alive, old, new, besides)
        return self._known[key]

    def _silencing(self, old: Emitted, new: Emitted, besides: bool) -> bool:
        # Whether nobody would be told any more, unless what follows in both lists tells somebody.
        return not besides and any(map(self._audible, old)) and not any(map(self._audible, new))

    def _joined(self, leaf: Leaf, rest: Leaf) -> Leaf | None:
        old, new, besides = leaf.old, leaf.new, leaf.besides
        for side, emitted in ((OLD, rest.old), (NEW, rest.new)):
            for emits in emitted:
                old, new, besides = self._emit(side, emits, old, new, besides)
        return self._leaf(old, new, besides) if _counts(old, new) else None

    def _leaf(self, old: Emitted, new: Emitted, besides: bool) -> Leaf:
        return self._leaves.setdefault((old, new, besides), Leaf(old, new, besides))

    def _emit(self, side: int, emits: int, old: Emitted, new: Emitted, besides: bool) -> tuple[Emitted, Emitted, bool]:
        if emits < 0:
            return old, new if emits == SILENT else _elsewhere(emits, new), besides
        if side == OLD:
            if emits not in new:
                return tuple(sorted((*old, emits))), new, besides
            new = _without(new, emits)
        else:
            if emits not in old:
                return old, tuple(sorted((*new, emits))), besides
            old = _without(old, emits)
        return old, new, besides or self._audible(emits)

    def _advanced(
        self, chain: Chain, alive: int, old: Emitted, new: Emitted, besides: bool
    ) -> tuple[Chain, int, Emitted, Emitted, bool, bool]:
        # Past all entries at the front that always hold. Last: whether just one of both lists has ended.
        chains = self._chains
        while chain and not chain.conditions:
            item, sides = chain.item, chain.sides
            for side, emits in zip((OLD, NEW), item.emits, strict=True):
                if sides & ~chain.quiet & side:
                    old, new, besides = self._emit(side, emits, old, new, besides)
            chain = chain.next
            if item.target == END:
                if sides == alive:
                    return None, alive, old, new, besides, False
                return chains.of_one_side(chain, alive & ~sides), alive & ~sides, old, new, besides, True
            chain = chains.quieted(chain, sides, item.above, alive)
            if sides == alive:
                while chain and chain.item.place < item.target:
                    chain = chain.next
            else:
                chain = chains.without_until(chain, sides, item.target)
        return chain, alive, old, new, besides, False

    def _branched(self, label: str, chain: Cell, alive: int, old: Emitted, new: Emitted, besides: bool) -> Node | None:
        chains = self._chains
        values: dict[str, Node | None]
        wanted = self._values_of_differing(chain, label) if alive == BOTH and not old and not new else None
        if wanted is not None:
            values = {
                value: self.solve(chains.with_value(chain, label, value, alive), alive, old, new, besides)
                for value in wanted
            }
            return self._branch(label, values, [])
        taken = Atoms(chains, label, chain, alive, undecided=alive == BOTH and not old and not new)
        values = {value: self.solve(rest, alive, old, new, besides) for value, rest in taken.words.items()}
        atoms = [(atom, self.solve(atom.rest, alive, old, new, besides)) for atom in taken.atoms]
        return self._branch(label, values, atoms)

    def _values_of_differing(self, chain: Chain, label: str) -> frozenset[str] | None:
        # The only values with which anything can differ; None: any may, or more than a few.
        cells: list[Cell] = []
        while chain and chain.differs and (chain, label) not in self._wanted:
            cells.append(chain)
            chain = chain.next
        found = self._wanted[chain, label] if chain and chain.differs else _NOTHING
        for index, cell in enumerate(reversed(cells)):
            if found is not None and cell.unlike:
                named = named_values(cell.conditions, label)
                found = None if named is None or len(named | found) > _FEW else found | named
            if cell.shared or index == len(cells) - 1:
                self._wanted[cell, label] = found
        return found

    def _branch(self, label: str, values: dict[str, Node | None], atoms: list[tuple[Atom, Node | None]]) -> Node | None:
        if len({id(node) for _, node in atoms}) == 1 and len(atoms) > 1:
            atoms = [(Atom(EVERY, True, None, frozenset(values)), atoms[0][1])]
        edges: list[tuple[Values, bool, Node]] = []
        covered = set[str]()
        for atom, node in atoms:
            if node:
                like = {word for word in atom.words if values[word] is node}
                covered |= like
                unlike = frozenset(u for u in atom.values.unlike if all(overlap(u, r) for r in atom.values.like))
                edges.append((Values(None, atom.words - like, atom.values.like, unlike), atom.proven, node))
        by_node: dict[int, tuple[Node, set[str]]] = {}
        for value, node in values.items():
            if node and value not in covered:
                by_node.setdefault(id(node), (node, set()))[1].add(value)
        edges[:0] = [(Values(frozenset(words)), True, node) for node, words in by_node.values()]
        if not edges:
            return None
        if len(edges) == 1 and edges[0][0] == EVERY and edges[0][1]:
            return edges[0][2]
        key = (label, tuple((values, proven, id(node)) for values, proven, node in edges))
        return self._branches.setdefault(key, Branch(label, tuple(edges)))


def _counts(old: Emitted, new: Emitted) -> bool:
    # Whether there is anything but what is a difference elsewhere.
    return bool(old) or any(emits >= 0 for emits in new)


def _elsewhere(emits: int, new: Emitted) -> Emitted:
    # Once is enough; the lower one says more.
    if new and new[0] < 0:
        return (min(emits, new[0]), *new[1:])
    return (emits, *new)


def _without(emitted: Emitted, emits: int) -> Emitted:
    at = emitted.index(emits)
    return emitted[:at] + emitted[at + 1 :]


@final
class _Listing:
    # Lists a diagram's classes.

    def __init__(self, root: Node, audible: Callable[[int], bool], most: int, few: int) -> None:
        self._audible: Final = audible
        self._most: Final = most
        self._leaves: Final[dict[Node, frozenset[Leaf]]] = {}
        self._paths: Final[dict[Node, int]] = {}
        self._coarse = 0
        count = self._classes(root, {})
        if few and count > few:
            raise TooMany(walked=True)
        while count > _MOST_CLASSES:
            self._coarse = max(2, 4 * self._coarse)
            count = self._classes(root, {})

    def _classes(self, node: Node, known: dict[Node, int]) -> int:
        # How many classes there are below a node, where those with up to `_coarse` paths are one.
        if isinstance(node, Leaf):
            return 1
        if node not in known:
            below = [node.node] if isinstance(node, Rest) else [below for _, _, below in node.edges]
            count = sum(self._classes(each, known) for each in below)
            if not self._coarse:
                self._paths[node] = count
            known[node] = 1 if self._paths[node] <= self._coarse else count
        return known[node]

    def classes(self, node: Node, where: tuple[tuple[str, Values], ...] = (), proven: bool = True) -> Iterator[Found]:
        match node:
            case Leaf():
                yield Found(where, proven, node.old, node.new, node.besides)
            case Branch():
                if self._paths[node] <= self._coarse:
                    yield Found(where, proven, (), (), False, self._below(node))
                    return
                for values, sure, below in node.edges:
                    yield from self.classes(below, (*where, (node.label, values)), proven and sure)
            case Rest():
                first = node.leaf
                leaves = self._below(node.node)
                if len(leaves) > self._most:
                    yield Found(where, proven, first.old, first.new, first.besides, leaves)
                    return
                for found in self.classes(node.node, where, proven):
                    if found.alternatives is not None:
                        yield Found(found.where, found.proven, first.old, first.new, first.besides, found.alternatives)
                        continue
                    if both := self._both(first, Leaf(found.old, found.new, found.besides)):
                        yield Found(found.where, found.proven, both.old, both.new, both.besides)

    def _both(self, first: Leaf, then: Leaf) -> Leaf | None:
        # What is emitted in all; None: the same on both sides.
        old, new = list(first.old), list(first.new)
        same = False
        for ours, others, emitted in ((old, new, then.old), (new, old, then.new)):
            for emits in emitted:
                if emits in others:
                    others.remove(emits)
                    same = same or self._audible(emits)
                else:
                    ours.append(emits)
        besides = first.besides or then.besides or same
        return Leaf(tuple(sorted(old)), tuple(sorted(new)), besides) if old or new else None

    def _below(self, node: Node) -> frozenset[Leaf]:
        if node not in self._leaves:
            match node:
                case Leaf():
                    found = frozenset([node])
                case Branch():
                    found = frozenset[Leaf]().union(*(self._below(below) for _, _, below in node.edges))
                case Rest():
                    first = node.leaf
                    both = {self._both(first, leaf) for leaf in self._below(node.node)}
                    found = frozenset((first, *(leaf for leaf in both if leaf)))
            self._leaves[node] = found
        return self._leaves[node]
