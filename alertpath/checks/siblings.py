"""Which of many routes can take an alert that fulfils some conditions, without comparing with each of them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from itertools import islice
from typing import Final, final

from alertpath.checks.conditions import Conditions, allowed, by_label, possible
from alertpath.semantics.label_sets import condition
from alertpath.semantics.remainder import meets, within


@final
class Siblings:
    """Routes by their conditions; a position is one's place in their list."""

    def __init__(self, conditions: Sequence[Conditions]) -> None:
        self.conditions: Final = conditions
        # First what names values: it fails most often.
        self._asked: Final = [sorted(map(condition, each), key=lambda one: not one.positive) for each in conditions]
        values = [
            {label: found for label, some in by_label(each).items() if (found := allowed(some)) is not None}
            for each in conditions
        ]
        distinct: dict[str, set[str]] = {}
        for each in values:
            for label, found in each.items():
                distinct.setdefault(label, set()).update(found)
        # The label that tells most of them apart.
        self._label: Final = max(distinct, key=lambda label: len(distinct[label]), default="")
        self._by_value: Final[dict[str, list[int]]] = {}
        self._others: Final[list[int]] = []
        for position, each in enumerate(values):
            if self._label not in each:
                self._others.append(position)
            for value in each.get(self._label, ()):
                self._by_value.setdefault(value, []).append(position)

    def overlapping(self, conditions: Conditions, start: int = 0, end: int | None = None) -> Iterator[int]:
        """The positions, from `start` up to, without, `end`, of those that can match where `conditions` hold."""
        inside = within({}, map(condition, conditions))
        if inside is None:
            return
        mine = tuple(matcher for matcher in conditions if matcher.label == self._label)
        values = allowed(mine) if mine else None
        end = len(self.conditions) if end is None else end
        candidates: Iterable[int] = range(start, end)
        if values is not None:
            lists = (self._others, *(self._by_value.get(value, []) for value in values))
            candidates = merge(*(islice(each, bisect_left(each, start), bisect_left(each, end)) for each in lists))
        before = -1
        for position in candidates:
            if position == before:
                continue
            before = position
            if meets(inside, self._asked[position]) and possible((*conditions, *self.conditions[position])):
                yield position
