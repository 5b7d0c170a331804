"""What a regex of a matcher can match: its words where they are few, its fixed beginning and end, a word in common."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, final

from alertpath.alertmanager.matchers import Matcher
from alertpath.semantics.regex_syntax import (
    LAST,
    Chars,
    Choice,
    Edge,
    Node,
    Ranges,
    Repeat,
    Sequence,
    Undecided,
    outside,
    parse,
)

_PLAIN: Final = re.compile(r"[\w -]*(\|[\w -]*)*", re.ASCII)
_MOST_WORDS: Final = 1_000
_FEW_CHARS: Final = 16
_FEW_ENDS: Final = 64
_MOST_STARS: Final = 3  # Python's `re` goes back and forth; RE2 does not.

WHOLE: Final = "\ud800"
"""Stands for an end of a text: no text has a character that is half of one."""


@lru_cache(maxsize=1 << 16)
def words(pattern: str) -> frozenset[str] | None:
    """All texts that the regex matches; None where they are infinitely many, more than 1,000, or not known."""
    if _PLAIN.fullmatch(pattern):
        return frozenset(pattern.split("|"))
    try:
        found = _words(parse(pattern))
    except Undecided:
        return None
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
    try:
        node = parse(pattern)
    except Undecided:
        forward = backward = nothing
    else:
        forward, backward = (nothing if "" in found[1] else found for found in (_ends(node, 1), _ends(node, -1)))
    return Ends(
        tuple(sorted(forward[0] | forward[1])),
        tuple(sorted(backward[0] | backward[1])),
        (*(text + WHOLE for text in sorted(forward[0])), *sorted(forward[1])),
        (*(WHOLE + text for text in sorted(backward[0])), *sorted(backward[1])),
    )


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text matches."""
    known = ends(pattern)
    return text.startswith(known.begins) and text.endswith(known.ends) and bool(tester(pattern)(text))


@lru_cache(maxsize=1 << 16)
def tester(pattern: str) -> Callable[[str], object]:
    """Tells whether the whole text matches (its answer's truth); as RE2 does, and fast."""
    try:
        text = _python(parse(pattern), 0)
    except Undecided:
        matcher = Matcher("", "=~", pattern)
        return lambda value: matcher.matches({"": value})
    if text.count(",}") > _MOST_STARS:
        matcher = Matcher("", "=~", pattern)
        return lambda value: matcher.matches({"": value})
    return re.compile(text).fullmatch


def _size(ranges: Ranges) -> int:
    return sum(high - low + 1 for low, high in ranges)


def _words(node: Node) -> set[str] | None:
    match node:
        case Chars(ranges):
            if _size(ranges) > _MOST_WORDS:
                return None
            return {chr(code) for low, high in ranges for code in range(low, high + 1)}
        case Edge():
            return None
        case Choice(parts):
            found: set[str] = set()
            for part in parts:
                if (some := _words(part)) is None:
                    return None
                found |= some
            return found if len(found) <= _MOST_WORDS else None
        case Sequence(parts):
            found = {""}
            for part in parts:
                some = _words(part)
                if some is None or len(found) * len(some) > _MOST_WORDS:
                    return None
                found = {first + last for first in found for last in some}
            return found
        case Repeat(part, least, most):
            if most is None or most > _MOST_WORDS or (some := _words(part)) is None:
                return None
            found, last = set[str](), {""}
            for count in range(most + 1):
                if count >= least:
                    found |= last
                if len(found) + len(last) * len(some) > _MOST_WORDS:
                    return None
                last = {first + more for first in last for more in some}
            return found


def _ends(node: Node, way: int) -> tuple[set[str], set[str]]:
    # With what matches begin (way 1) or end (way -1): texts that are whole matches, and texts that may go on.
    nothing = set[str](), {""}
    match node:
        case Chars(ranges):
            if _size(ranges) > _FEW_CHARS:
                return nothing
            return {chr(code) for low, high in ranges for code in range(low, high + 1)}, set()
        case Edge():
            return nothing
        case Choice(parts):
            whole, begun = set[str](), set[str]()
            for part in parts:
                some, more = _ends(part, way)
                whole |= some
                begun |= more
            return (whole, begun) if len(whole) + len(begun) <= _MOST_WORDS else nothing
        case Sequence(parts):
            whole, begun = {""}, set[str]()
            for part in parts[::way]:
                some, more = _ends(part, way)
                if len(whole) * (len(some) + len(more)) > max(_FEW_ENDS, len(whole)):
                    return set(), begun | whole
                begun |= {(a + b if way == 1 else b + a) for a in whole for b in more}
                whole = {(a + b if way == 1 else b + a) for a in whole for b in some}
            return whole, begun
        case Repeat(part, least, most):
            whole, begun = _ends(part, way)
            if most != 1:
                whole, begun = set[str](), whole | begun
            return (whole | {""}, begun) if least == 0 else (whole, begun)


def _python(node: Node, depth: int) -> str:
    # The same texts in the syntax of `re`; nested repetition, where it may run for ages, is left to RE2.
    match node:
        case Chars(ranges):
            return _charset(ranges)
        case Edge():
            raise Undecided("left to RE2")
        case Sequence(parts):
            return "".join(_python(part, depth) for part in parts)
        case Choice(parts):
            return "(?:" + "|".join(_python(part, depth) for part in parts) + ")"
        case Repeat(part, least, most):
            if most != 1 and (depth or not isinstance(part, Chars)):
                raise Undecided("left to RE2")
            counts = f"{{{least},{'' if most is None else most}}}"
            return f"(?:{_python(part, depth + (most != 1))}){counts}"


def _charset(ranges: Ranges) -> str:
    # `re` takes milliseconds for a set that reaches to the last character, unless it says what is not in it.
    if not ranges:
        return "(?!)"
    if ranges == ((0, LAST),):
        return r"[\s\S]"
    if ranges[0][0] == ranges[0][1] and len(ranges) == 1:
        return re.escape(chr(ranges[0][0]))
    sign, listed = ("^", outside(ranges)) if ranges[-1][1] == LAST else ("", ranges)
    return f"[{sign}" + "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in listed) + "]"
