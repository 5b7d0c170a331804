"""Which of many conjunctions of conditions some label sets may fulfil, without asking each of them.

A conjunction is filed under the words that it demands of its most telling label: the one of most different words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from heapq import merge
from typing import Final, final

from alertpath.semantics.label_sets import Condition
from alertpath.semantics.remainder import Conditions, Inside, meets


@final
class Overlaps:
    """Finds places in `conditions`, a list of conjunctions."""

    def __init__(self, conditions: Sequence[Conditions]) -> None:
        self._conditions: Final = conditions
        named = [_named(each) for each in conditions]
        distinct: dict[str, set[str]] = {}
        for each in named:
            for label, words in each.items():
                distinct.setdefault(label, set()).update(words)
        self._files: Final[dict[str, dict[str, list[int]]]] = {}
        self._filed: Final[dict[str, list[int]]] = {}
        self._others: Final[list[int]] = []
        for place, each in enumerate(named):
            label = max(each, key=lambda name: len(distinct[name]), default=None)
            if label is None:
                self._others.append(place)
                continue
            file = self._files.setdefault(label, {})
            for word in each[label]:
                file.setdefault(word, []).append(place)
            self._filed.setdefault(label, []).append(place)

    def overlapping(self, inside: Inside) -> list[int]:
        """The places, in order, of those that label sets inside may fulfil."""
        return [place for place in self.candidates(inside) if meets(inside, self._conditions[place])]

    def candidates(self, inside: Inside) -> Iterable[int]:
        """The same without a look at each; so there may be more."""
        lists = [self._others]
        for label, file in self._files.items():
            values = inside.get(label)
            if values is None or values.one_of is None:
                lists.append(self._filed[label])
            elif len(values.one_of) == 1:
                lists.append(file.get(next(iter(values.one_of)), []))
            else:
                lists.append(sorted({place for word in values.one_of for place in file.get(word, ())}))
        return merge(*lists) if len(lists) > 1 else lists[0]


def _named(conditions: Sequence[Condition]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for each in conditions:
        if each.positive and each.words is not None:
            found[each.label] = found[each.label] & each.words if each.label in found else each.words
    return found


def named_values(conditions: Sequence[Condition], label: str) -> frozenset[str] | None:
    """The only values that these conditions leave to a label, without regard to regexes; None: they name none."""
    return _named(conditions).get(label)
