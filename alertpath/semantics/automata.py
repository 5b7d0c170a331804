"""Whether a text exists that matches some regexes and not others: finite automata, explored only as far as needed."""

from __future__ import annotations

from collections import deque
from functools import lru_cache
from typing import Final

from alertpath.alertmanager.regex_automata import Automaton, TooManyStates
from alertpath.alertmanager.regex_syntax import parse
from alertpath.alertmanager.unicode_tables import LAST

_MOST_STATES: Final = 4_000
_DEEP: Final = 2_000


class Undecided(Exception):
    """No exact answer is known."""


@lru_cache(maxsize=1 << 16)
def automaton(pattern: str) -> Automaton:
    """The automaton of the regex; Undecided where there is none of moderate size."""
    try:
        return Automaton(parse(pattern), _MOST_STATES)
    except TooManyStates:
        raise Undecided("the automaton is too large") from None


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
