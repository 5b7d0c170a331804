"""Which of many routes can take an alert that fulfils some conditions, without comparing with each of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, final

from alertpath.alertmanager import Route
from alertpath.checks.conditions import Conditions, allowed, by_label, possible


@final
class Siblings:
    """The routes below one route; a position is one's place in their list."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self.routes: Final = routes
        values = [
            {label: found for label, some in by_label(route.matchers).items() if (found := allowed(some)) is not None}
            for route in routes
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

    def overlapping(self, conditions: Conditions, start: int = 0) -> Iterator[int]:
        """The positions, from `start` on, of those that can match where `conditions` hold, in order."""
        mine = tuple(matcher for matcher in conditions if matcher.label == self._label)
        values = allowed(mine) if mine else None
        candidates: Sequence[int] = range(start, len(self.routes))
        if values is not None:
            candidates = sorted({*self._others, *(at for value in values for at in self._by_value.get(value, ()))})
        for position in candidates:
            if position >= start and possible((*conditions, *self.routes[position].matchers)):
                yield position
