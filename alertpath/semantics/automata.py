"""Whether a text exists that matches some regexes and not others: finite automata, explored only as far as needed."""

from __future__ import annotations

from collections import deque
from functools import lru_cache
from typing import Final, final

from alertpath.semantics.regex_syntax import LAST, Chars, Choice, Edge, Node, Ranges, Repeat, Sequence, Undecided, parse

_MOST_STATES: Final = 4_000
_DEEP: Final = 2_000


@lru_cache(maxsize=1 << 16)
def automaton(pattern: str) -> Automaton:
    """The automaton of the regex; Undecided where there is none of moderate size."""
    return Automaton(parse(pattern))


@final
class Automaton:
    """A nondeterministic automaton, made deterministic as far as it is asked. States are frozen sets of numbers."""

    def __init__(self, node: Node) -> None:
        self._free: list[list[tuple[str, int]]] = []
        self._moves: list[tuple[Ranges, int] | None] = []
        self._steps: dict[tuple[frozenset[int], int], frozenset[int]] = {}
        self._cuts: dict[frozenset[int], tuple[int, ...]] = {}
        self._ending: dict[frozenset[int], bool] = {}
        self._last: Final = self._state()
        first = self._build(node, self._last)
        self.start: Final = self._closure([first], "begin")
        self._empty: Final = self._last in self._closure([first], "begin end")

    def accepts(self, states: frozenset[int]) -> bool:
        """Whether the text read so far matches."""
        if states is self.start:
            return self._empty
        if (known := self._ending.get(states)) is None:
            known = self._ending[states] = self._last in self._closure(states, "end")
        return known

    def step(self, states: frozenset[int], char: int) -> frozenset[int]:
        """The states after one more character; empty: no match can follow."""
        key = (states, char)
        if (found := self._steps.get(key)) is None:
            reached = [
                move[1]
                for state in states
                if (move := self._moves[state]) and any(low <= char <= high for low, high in move[0])
            ]
            found = self._steps[key] = self._closure(reached, "")
        return found

    def cuts(self, states: frozenset[int]) -> tuple[int, ...]:
        """The characters at which what comes next may change: from each to the one before the next all is alike."""
        if (found := self._cuts.get(states)) is None:
            points = {0}
            for state in states:
                if move := self._moves[state]:
                    points.update(low for low, _ in move[0])
                    points.update(high + 1 for _, high in move[0])
            found = self._cuts[states] = tuple(sorted(points))
        return found

    def _state(self) -> int:
        if len(self._free) >= _MOST_STATES:
            raise Undecided("the automaton is too large")
        self._free.append([])
        self._moves.append(None)
        return len(self._free) - 1

    def _build(self, node: Node, then: int) -> int:
        # The state from which `node` leads to `then`.
        match node:
            case Chars(ranges):
                state = self._state()
                self._moves[state] = (ranges, then)
                return state
            case Edge(at):
                state = self._state()
                self._free[state].append((at, then))
                return state
            case Sequence(parts):
                for part in reversed(parts):
                    then = self._build(part, then)
                return then
            case Choice(parts):
                state = self._state()
                self._free[state] += [("", self._build(part, then)) for part in parts]
                return state
            case Repeat(part, least, most):
                if most is None:
                    loop = self._state()
                    self._free[loop] += [("", self._build(part, loop)), ("", then)]
                    then = loop
                for _ in range(0 if most is None else most - least):
                    optional = self._state()
                    self._free[optional] += [("", self._build(part, then)), ("", then)]
                    then = optional
                for _ in range(least):
                    then = self._build(part, then)
                return then

    def _closure(self, states: list[int] | frozenset[int], at: str) -> frozenset[int]:
        found = set(states)
        todo = list(states)
        while todo:
            for condition, target in self._free[todo.pop()]:
                if condition in at and target not in found:
                    found.add(target)
                    todo.append(target)
        return frozenset(found)


@lru_cache(maxsize=1 << 16)
def witness(like: frozenset[str], unlike: frozenset[str], none_of: frozenset[str], effort: int = 20_000) -> str | None:
    """A text that matches all regexes of `like`, none of `unlike` and is not in `none_of`; None: there is none.

    Undecided after `effort` steps. The shortest one is found where that is possible, of letters and digits where they
    do.
    """
    wanted = tuple(map(automaton, sorted(like)))
    unwanted = tuple(map(automaton, sorted(unlike)))
    trie = _trie(none_of)
    try:
        return _search(wanted, unwanted, trie, effort, deep=False)
    except Undecided:
        # Of millions of states, those that follow one text lead to an end soon, if to any.
        return _search(wanted, unwanted, trie, _DEEP, deep=True)


def _search(
    wanted: tuple[Automaton, ...], unwanted: tuple[Automaton, ...], trie: _Trie | None, effort: int, *, deep: bool
) -> str | None:
    machines = (*wanted, *unwanted)
    start = (tuple(machine.start for machine in machines), trie)
    # Not the start itself: what holds only before the first character may not hold when its states come again.
    seen: set[tuple[tuple[frozenset[int], ...], int]] = set()
    todo = deque([("", start)])
    while todo:
        text, (states, node) = todo.pop() if deep else todo.popleft()
        accepted = [machine.accepts(state) for machine, state in zip(machines, states, strict=True)]
        if all(accepted[: len(wanted)]) and not any(accepted[len(wanted) :]) and (node is None or "" not in node):
            return text
        steps: list[tuple[int, tuple[frozenset[int], ...]]] = []
        for char in _representatives(machines, states, node):
            effort -= 1
            if effort < 0:
                raise Undecided("too many steps")
            after = tuple(machine.step(state, char) for machine, state in zip(machines, states, strict=True))
            if all(after[: len(wanted)]):
                steps.append((char, after))
        if deep:
            # Last, and so first, what keeps the most ways open.
            steps.sort(key=lambda step: sum(map(len, step[1][: len(wanted)])) - sum(map(len, step[1][len(wanted) :])))
        for char, after in steps:
            below = node.get(chr(char)) if node is not None else None
            if (after, id(below)) not in seen:
                seen.add((after, id(below)))
                todo.append((text + chr(char), (after, below)))
    return None


_Trie = dict[str, "_Trie"]


def _trie(texts: frozenset[str]) -> _Trie | None:
    root: _Trie = {}
    for text in texts:
        node = root
        for char in text:
            node = node.setdefault(char, {})
        node[""] = {}
    return root if texts else None


def _representatives(
    machines: tuple[Automaton, ...], states: tuple[frozenset[int], ...], node: _Trie | None
) -> list[int]:
    # One character of each kind that any of the automata tells apart, and those at which excluded texts go on.
    cuts = {0, 0xD800, 0xE000}
    for machine, state in zip(machines, states, strict=True):
        cuts.update(machine.cuts(state))
    special = {ord(char) for char in node if char} if node is not None else set[int]()
    for code in special:
        cuts.update((code, code + 1))
    points = sorted(cut for cut in cuts if cut <= LAST)
    found: list[int] = []
    for index, low in enumerate(points):
        high = points[index + 1] - 1 if index + 1 < len(points) else LAST
        if low == 0xD800:
            continue  # Surrogates are not text.
        found.append(next((c for c in _NICE if low <= c <= high), low))
    return sorted(found, key=lambda code: code not in _NICE)


_NICE: Final = tuple(map(ord, "xyzabcdefghijklmnopqrstuvw0123456789-_ABCDEFGHIJKLMNOPQRSTUVWXYZ.!"))
