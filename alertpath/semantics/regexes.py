"""What a regex of a matcher can match: its words where they are few, its fixed beginning and end, a word in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, final

from alertpath.alertmanager.regex_match import tester
from alertpath.alertmanager.regex_syntax import (
    Chars,
    Choice,
    Edge,
    Node,
    Repeat,
    Sequence,
    Text,
    fold,
    parse,
    plain_words,
)
from alertpath.alertmanager.unicode_tables import Ranges

_MOST_WORDS: Final = 1_000
_FEW_CHARS: Final = 16
_FEW_ENDS: Final = 64
_MOST_LETTERS: Final = 1 << 16
_LONGEST_END: Final = 200

WHOLE: Final = "\ud800"
"""Stands for an end of a text: no text has a character that is half of one."""


@lru_cache(maxsize=1 << 16)
def words(pattern: str) -> frozenset[str] | None:
    """All texts that the regex matches; None where they are infinitely many, more than 1,000, or not known."""
    if (plain := plain_words(pattern)) is not None:
        return plain
    found = fold(parse(pattern), _words)
    return None if found is None else frozenset(found)


@final
@dataclass(frozen=True, slots=True)
class Ends:
    """Texts with one of which every match begins, and ends; "" among them: nothing is known.

    `opening`, `closing`: the same, where a text that is a whole match has `WHOLE` behind it, and before it. So two
    regexes have no match in common if none of the one's opening texts begins another one's, or the closing ones.
    """

    begins: tuple[str, ...]
    ends: tuple[str, ...]
    opening: tuple[str, ...]
    closing: tuple[str, ...]


@lru_cache(maxsize=1 << 16)
def ends(pattern: str) -> Ends:
    """How the matches of a regex begin and end."""
    nothing = set[str](), {""}
    node = parse(pattern)
    forward, backward = (nothing if "" in found[1] else found for found in (fold(node, _ends(way)) for way in (1, -1)))
    return Ends(
        tuple(sorted(forward[0] | forward[1])),
        tuple(sorted(backward[0] | backward[1])),
        (*(text + WHOLE for text in sorted(forward[0])), *sorted(forward[1])),
        (*(WHOLE + text for text in sorted(backward[0])), *sorted(backward[1])),
    )


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text matches."""
    begins, ending, test = _matcher(pattern)
    if begins is not None and not text.startswith(begins):
        return False
    if ending is not None and not text.endswith(ending):
        return False
    return bool(test(text))


@lru_cache(maxsize=1 << 16)
def _matcher(pattern: str) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None, Callable[[str], object]]:
    # How its matches begin and end, None: in any way; and what decides.
    known = ends(pattern)
    return None if "" in known.begins else known.begins, None if "" in known.ends else known.ends, tester(pattern)


def _size(ranges: Ranges) -> int:
    return sum(high - low + 1 for low, high in ranges)


def _words(node: Node, parts: list[set[str] | None]) -> set[str] | None:
    match node:
        case Text(text):
            return {text}
        case Chars(ranges):
            if _size(ranges) > _MOST_WORDS:
                return None
            return {chr(code) for low, high in ranges for code in range(low, high + 1) if not 0xD800 <= code < 0xE000}
        case Edge():
            return None
        case Choice():
            found: set[str] = set()
            for some in parts:
                if some is None:
                    return None
                found |= some
            return _few(found)
        case Sequence():
            return _joined_words(parts)
        case Repeat(_, least, most):
            (some,) = parts
            if some is None or (most is None and some != {""}):
                return None
            if some == {""}:
                return some
            found, last = set[str](), {""}
            for count in range((most or 0) + 1):
                if count >= least:
                    found |= last
                if not last or _few(found) is None or len(last) * len(some) > _MOST_WORDS or _few(last) is None:
                    return None if last else found
                last = {first + more for first in last for more in some}
            return _few(found)


def _joined_words(parts: list[set[str] | None]) -> set[str] | None:
    found = {""}
    letters: list[str] = []  # Of a word that has only one spelling.
    for some in (*parts, None):
        if some is not None and len(some) == 1:
            letters += some
            continue
        if letters:
            word = "".join(letters)
            found = {first + word for first in found}
            letters = []
        if some is None:
            break
        if len(found) * len(some) > _MOST_WORDS:
            return None
        found = {first + last for first in found for last in some}
        if _few(found) is None:
            return None
    return None if None in parts else _few(found)


def _few(words: set[str]) -> set[str] | None:
    return words if len(words) <= _MOST_WORDS and sum(map(len, words)) <= _MOST_LETTERS else None


_Ends = tuple[set[str], set[str]]
"""Texts that are whole matches, and texts with which matches begin or end that may go on."""


def _ends(way: int) -> Callable[[Node, list[_Ends]], _Ends]:
    # With what matches begin (way 1) or end (way -1).
    def visit(node: Node, parts: list[_Ends]) -> _Ends:
        nothing = set[str](), {""}
        match node:
            case Text(text):
                if len(text) <= _LONGEST_END:
                    return {text}, set()
                return set(), {text[:_LONGEST_END] if way == 1 else text[-_LONGEST_END:]}
            case Chars(ranges):
                if _size(ranges) > _FEW_CHARS:
                    return nothing
                return {chr(code) for low, high in ranges for code in range(low, high + 1)}, set()
            case Edge():
                return nothing
            case Choice():
                whole, begun = set[str](), set[str]()
                for some, more in parts:
                    whole |= some
                    begun |= more
                return (whole, begun) if len(whole) + len(begun) <= _MOST_WORDS else nothing
            case Sequence():
                whole, begun = {""}, set[str]()
                for some, more in parts[::way]:
                    long = any(len(text) > _LONGEST_END for text in whole)
                    if long or len(whole) * (len(some) + len(more)) > max(_FEW_ENDS, len(whole)):
                        return set(), begun | whole
                    begun |= {(a + b if way == 1 else b + a) for a in whole for b in more}
                    whole = {(a + b if way == 1 else b + a) for a in whole for b in some}
                return whole, begun
            case Repeat(_, least, most):
                ((whole, begun),) = parts
                if most != 1:
                    whole, begun = set[str](), whole | begun
                return (whole | {""}, begun) if least == 0 else (whole, begun)

    return visit
