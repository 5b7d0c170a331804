"""A regex as a finite automaton: nondeterministic, and made deterministic as far as it is asked."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import Final, final

from alertpath.alertmanager.regex_syntax import At, Chars, Choice, Edge, Node, Repeat, Sequence, Text
from alertpath.alertmanager.unicode_tables import LAST, Ranges

_NEWLINE: Final = 10
_WORD: Final = frozenset(map(ord, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"))
# Where the answer of an edge may change from one character to the next.
_EDGE_CUTS: Final = (10, 11, 48, 58, 65, 91, 95, 96, 97, 123)
# What stood before the place that has been reached: members of a set of states beside the states' own numbers.
_AFTER_NOTHING: Final = -1
_AFTER_NEWLINE: Final = -2
_AFTER_WORD: Final = -3


class TooManyStates(Exception):
    """The automaton would have more states than allowed."""


@final
class Automaton:
    """The automaton of a regex's structure, over whole texts.

    A text leads to a set of states: `start`, and one `step` a character. An empty set: no match can follow. Sets are
    made when they are asked for, and kept.
    """

    def __init__(self, node: Node, most_states: int | None = None) -> None:
        """Raises TooManyStates."""
        self._most: Final = most_states
        self._free: list[list[int]] = []
        self._edges: list[list[tuple[At, int]]] = []
        self._moves: list[list[tuple[Ranges, int]]] = []
        self._steps: dict[tuple[frozenset[int], int], frozenset[int]] = {}
        self._cuts: dict[frozenset[int], tuple[int, ...]] = {}
        self._ending: dict[frozenset[int], bool] = {}
        first, self._last = self._state(), self._state()
        self._build(node, first)
        self._has_edges: Final = any(self._edges)
        marks = [_AFTER_NOTHING] if self._has_edges else []
        self.start: Final = frozenset((*self._reached([first]), *marks))

    def accepts(self, states: frozenset[int]) -> bool:
        """Whether the text read so far matches."""
        if (known := self._ending.get(states)) is None:
            known = self._ending[states] = self._last in self._before(states, None)
        return known

    def step(self, states: frozenset[int], char: int) -> frozenset[int]:
        """The states after one more character; empty: no match can follow."""
        key = (states, char)
        if (found := self._steps.get(key)) is None:
            reached = self._reached(
                target
                for state in self._before(states, char)
                if state >= 0
                for ranges, target in self._moves[state]
                if (at := bisect_right(ranges, (char, LAST))) and ranges[at - 1][1] >= char
            )
            if reached and self._has_edges:
                if char == _NEWLINE:
                    reached.add(_AFTER_NEWLINE)
                elif char in _WORD:
                    reached.add(_AFTER_WORD)
            found = self._steps[key] = frozenset(reached)
        return found

    def matches(self, text: str) -> bool:
        """Whether the whole text matches."""
        states = self.start
        for char in text:
            if not states:
                return False
            states = self.step(states, ord(char))
        return self.accepts(states)

    def cuts(self, states: frozenset[int]) -> tuple[int, ...]:
        """The characters at which what comes next may change: from each to the one before the next all is alike."""
        if (found := self._cuts.get(states)) is None:
            points = {0}
            own = [state for state in states if state >= 0]
            for state in self._reached(own, edges=True):
                for ranges, _ in self._moves[state]:
                    points.update(low for low, _ in ranges)
                    points.update(high + 1 for _, high in ranges)
            if self._has_edges:
                points.update(_EDGE_CUTS)
            found = self._cuts[states] = tuple(sorted(points))
        return found

    def _state(self) -> int:
        if self._most is not None and len(self._free) >= self._most:
            raise TooManyStates
        self._free.append([])
        self._edges.append([])
        self._moves.append([])
        return len(self._free) - 1

    def _build(self, root: Node, first: int) -> None:
        # Each node becomes ways from one state to another; nothing leads into the former or out of the latter but
        # what stands around the node.
        todo = [(root, first, self._last)]
        while todo:
            node, begin, end = todo.pop()
            match node:
                case Text(text):
                    for char in text[:-1]:
                        then = self._state()
                        self._moves[begin].append((((ord(char), ord(char)),), then))
                        begin = then
                    self._moves[begin].append((((ord(text[-1]), ord(text[-1])),), end))
                case Chars(ranges):
                    self._moves[begin].append((ranges, end))
                case Edge(at):
                    self._edges[begin].append((at, end))
                case Choice(parts):
                    todo += [(part, begin, end) for part in parts]
                case Sequence(parts):
                    if not parts:
                        self._free[begin].append(end)
                    for index, part in enumerate(parts):
                        then = end if index == len(parts) - 1 else self._state()
                        todo.append((part, begin, then))
                        begin = then
                case Repeat(part, least, most):
                    for _ in range(least):
                        then = self._state()
                        todo.append((part, begin, then))
                        begin = then
                    if most is None:
                        loop = self._state()
                        self._free[begin].append(loop)
                        todo.append((part, loop, loop))
                        begin = loop
                    else:
                        for _ in range(most - least):
                            self._free[begin].append(end)
                            then = self._state()
                            todo.append((part, begin, then))
                            begin = then
                    self._free[begin].append(end)

    def _before(self, states: frozenset[int], char: int | None) -> Iterable[int]:
        # The states that are reached before `char`, or before the end of the text, where that decides about edges.
        if not self._has_edges:
            return states
        first = _AFTER_NOTHING in states
        line_begin = first or _AFTER_NEWLINE in states
        word = (_AFTER_WORD in states) != (char in _WORD)
        holds: dict[At, bool] = {
            "begin": first,
            "end": char is None,
            "line begin": line_begin,
            "line end": char is None or char == _NEWLINE,
            "word edge": word,
            "no word edge": not word,
        }
        found = {state for state in states if state >= 0}
        todo = list(found)
        while todo:
            state = todo.pop()
            for target in (*self._free[state], *(target for at, target in self._edges[state] if holds[at])):
                if target not in found:
                    found.add(target)
                    todo.append(target)
        return found

    def _reached(self, states: Iterable[int], *, edges: bool = False) -> set[int]:
        # These states and those that need no character more; with `edges` also those for which an edge must hold.
        found = set(states)
        todo = list(found)
        while todo:
            state = todo.pop()
            targets = self._free[state]
            if edges:
                targets = [*targets, *(target for _, target in self._edges[state])]
            for target in targets:
                if target not in found:
                    found.add(target)
                    todo.append(target)
        return found
