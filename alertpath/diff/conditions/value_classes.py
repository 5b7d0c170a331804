"""The values of a label that no condition names, taken apart by the regexes that they match."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, final

from alertpath.diff.conditions.remaining import Chain, Chains, Split
from alertpath.semantics.automata import Undecided
from alertpath.semantics.label_sets import Condition, Values, find
from alertpath.semantics.regexes import matches

_NOTHING: Final = frozenset[str]()


@final
@dataclass(frozen=True, slots=True, eq=False)
class Atom:
    """Values for which the same remains of a chain. `proven`: that there are any that are no words.

    `words`: the words among them, for which something else may remain.
    """

    values: Values
    proven: bool
    rest: Chain
    words: frozenset[str]


@final
class Atoms:
    """Takes the values of a label apart. `words`: what remains of a chain for each; `atoms`: and for all else.

    Atoms do not overlap where something can still differ. `undecided`: neither list has emitted what the other one has
    not.
    """

    def __init__(self, chains: Chains, label: str, chain: Chain, alive: int, *, undecided: bool) -> None:
        self._chains: Final = chains
        self._vocabulary: Final = chains.vocabularies[label]
        self._bit: Final = chains.bit(label)
        self._label: Final = label
        self._alive: Final = alive
        self._undecided: Final = undecided
        self.words: Final[dict[str, Chain]] = {}
        self.atoms: Final[list[Atom]] = []
        self._take(chain, _NOTHING, _NOTHING, self._vocabulary.words)

    def _take(self, chain: Chain, like: frozenset[str], unlike: frozenset[str], words: frozenset[str]) -> None:
        # With the regexes of what differs, all that cannot differ falls away first.
        while self._undecided and (condition := self._hub(chain)):
            regex = frozenset((condition.regex,))
            if _some(like | regex, unlike, _NOTHING)[0]:
                inside = words.intersection(self._vocabulary.matching(condition.regex))
                self._take(self._with(chain, condition, holds=True), like | regex, unlike, inside)
                unlike |= regex
                words -= inside
            chain = self._with(chain, condition, holds=False)
        if self._same(chain):
            self.words.update(dict.fromkeys(words, chain))
            self.atoms.append(Atom(Values(None, _NOTHING, like, unlike), True, chain, words))
        else:
            self._split(self._chains.split(chain, self._label, self._alive), like, unlike, words)

    def _hub(self, chain: Chain) -> Condition | None:
        groups = self._vocabulary.groups
        return next((c for c in self._open(chain, unlike=True) if c.words is None and c.regex not in groups), None)

    def _split(self, split: Split, like: frozenset[str], unlike: frozenset[str], words: frozenset[str]) -> None:
        named = {word: after for word, after in split.words.items() if word in words}
        self.words.update(named)
        by_group: dict[int, set[str]] = {}
        others = set[str]()
        for word in named:
            group = self._vocabulary.group_of.get(word)
            (others if group is None else by_group.setdefault(group, set())).add(word)
        outside = unlike
        for group, chain in split.groups.items():
            inside = frozenset(by_group.pop(group, ()))
            asked, inside = self._group(chain, group, like, unlike, inside)
            outside |= asked
            others |= inside
        others.update(*by_group.values())
        some, value = _some(like, outside, others)
        if some:
            self._decided(split.others, like, outside, frozenset(others), value)

    def _group(
        self, chain: Chain, group: int, like: frozenset[str], unlike: frozenset[str], words: frozenset[str]
    ) -> tuple[frozenset[str], frozenset[str]]:
        # The values that match a regex of the group. Returns what was asked for, and the words that matched none of it.
        if self._same(chain):
            self.atoms.append(Atom(Values(None, _NOTHING, like, unlike), True, chain, words))
            return _NOTHING, _NOTHING
        groups = self._vocabulary.groups
        asked = _NOTHING
        while condition := next((c for c in self._open(chain) if groups.get(c.regex) == group), None):
            regex = frozenset((condition.regex,))
            inside = frozenset(word for word in words if matches(condition.regex, word))
            some, value = _some(like | regex, unlike | asked, inside)
            if some:
                self._decided(self._with(chain, condition, holds=True), like | regex, unlike | asked, inside, value)
                asked |= regex
                words -= inside
            chain = self._with(chain, condition, holds=False)
        return asked, words

    def _decided(
        self, chain: Chain, like: frozenset[str], unlike: frozenset[str], words: frozenset[str], value: str | None
    ) -> None:
        # The values that match `like` and not `unlike`; `value` is one that is no word, None: not proven.
        while (condition := self._next(chain)) is not None:
            regex = frozenset((condition.regex,))
            inside = frozenset(word for word in words if matches(condition.regex, word))
            some, found = _some(like | regex, unlike, inside)
            if some:
                self._decided(self._with(chain, condition, holds=True), like | regex, unlike, inside, found)
                unlike |= regex
                words -= inside
                if value is None or matches(condition.regex, value):
                    some, value = _some(like, unlike, words)
                    if not some:
                        return
            chain = self._with(chain, condition, holds=False)
        self.atoms.append(Atom(Values(None, _NOTHING, like, unlike), value is not None, chain, words))

    def _next(self, chain: Chain) -> Condition | None:
        # The regex to ask for next; None: nothing depends on any more.
        if self._same(chain):
            return None
        first = next(self._open(chain), None)
        return next(self._open(chain, unlike=True), first) if self._undecided else first

    def _same(self, chain: Chain) -> bool:
        # Whether nothing can differ any more.
        return self._undecided and not (chain and chain.differs)

    def _open(self, chain: Chain, *, unlike: bool = False) -> Iterator[Condition]:
        # The conditions on the label, or those of what is not the same in both lists.
        while chain and chain.labels & self._bit:
            if chain.unlike or not unlike:
                yield from (condition for condition in chain.conditions if condition.label == self._label)
            chain = chain.next

    def _with(self, chain: Chain, condition: Condition, *, holds: bool) -> Chain:
        return self._chains.with_regex(chain, condition, holds=holds, alive=self._alive)


def _some(like: frozenset[str], unlike: frozenset[str], none_of: Iterable[str]) -> tuple[bool, str | None]:
    # Whether there may be such values, and one of them; None: not proven.
    try:
        value = find(like, unlike, frozenset(none_of))
    except Undecided:
        return True, None
    return value is not None, value
