"""Whether a whole text matches a regex, as in Alertmanager, and fast.

The regex is read by `regex_syntax` alone. What it means is written again for an engine, in a form that every engine
reads alike: Python's `re` where it cannot take long, else RE2, else our own automaton.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, cast

import re2  # pyright: ignore[reportMissingTypeStubs]

from alertpath.alertmanager.regex_automata import Automaton
from alertpath.alertmanager.regex_syntax import (
    At,
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
from alertpath.alertmanager.unicode_tables import LAST, Ranges, outside

_re2: Final = cast("Any", re2)

_MEMORY: Final = 256 << 20
"""Bytes; RE2's default of 8 MiB refuses long alternations."""
_NOTHING: Final = r"[^\x00-\x{10ffff}]"
_LONGEST: Final = 1 << 18
"""Characters of a regex written for RE2; longer ones are left to the automaton."""
_MOST_WAYS: Final = 1_000_000
"""In how many ways Python's `re` may try to match: it goes back and forth where RE2 does not."""
_STAR_WAYS: Final = 100
_DEEPEST: Final = 20
_HALF: Final = re.compile("[\ud800-\udfff]")
_EDGES: Final[dict[At, str]] = {
    "begin": r"\A",
    "end": r"\z",
    "line begin": "(?m:^)",
    "line end": "(?m:$)",
    "word edge": r"\b",
    "no word edge": r"\B",
}


@lru_cache(maxsize=1 << 16)
def tester(pattern: str) -> Callable[[str], object]:
    """Tells whether the whole text matches (its answer's truth); BadRegex where Alertmanager refuses the regex."""
    if (words := plain_words(pattern)) is not None:
        return words.__contains__
    return _tester(parse(pattern))


def _tester(node: Node) -> Callable[[str], object]:
    if (written := fold(node, _for_python)) is not None and written[1] <= _MOST_WAYS:
        return re.compile(written[0]).fullmatch
    return by_re2(node) or _automaton(node)


def by_re2(node: Node) -> Callable[[str], object] | None:
    """RE2's answers; None where RE2 refuses, as too large, what Go takes."""
    text = fold(node, _for_re2)
    if text is None:
        return None
    options = _re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        search = _re2.compile(rf"\A(?:{text})\z", options).search
    except _re2.error:
        return None
    return lambda value: search(_valid(value))


def _automaton(node: Node) -> Callable[[str], object]:
    known: list[Automaton] = []

    def matches(value: str) -> object:
        if not known:
            known.append(Automaton(node))
        return known[0].matches(value)

    return matches


def _valid(text: str) -> str:
    # JSON may have half of a character, which Go reads as U+FFFD.
    return _HALF.sub("\ufffd", text)


def _for_python(node: Node, parts: list[tuple[str, int, int] | None]) -> tuple[str, int, int] | None:
    # The regex, in how many ways it may be tried, how deeply it nests; None: it is left to RE2.
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    ways, depth = 1, 1 + max((part[2] for part in known), default=0)
    if depth > _DEEPEST:
        return None
    match node:
        case Text(text):
            return re.escape(text), 1, 1
        case Chars(ranges):
            return _charset(ranges, r"\U{:08x}", "(?!)"), 1, 1
        case Edge():
            return None
        case Sequence():
            for _, own, _ in known:
                ways = min(ways * own, _MOST_WAYS + 1)
            return "".join(text for text, _, _ in known), ways, depth
        case Choice():
            return f"(?:{'|'.join(text for text, _, _ in known)})", sum(own for _, own, _ in known), depth
        case Repeat(part, least, most):
            ((text, ways, _),) = known
            if most != 1 and not isinstance(part, Chars | Text):
                return None
            times = _STAR_WAYS if most is None else most - least + 1
            return f"(?:{text}){{{least},{'' if most is None else most}}}", ways * times, depth


def _for_re2(node: Node, parts: list[str | None]) -> str | None:
    known = [part for part in parts if part is not None]
    if len(known) < len(parts) or sum(map(len, known)) > _LONGEST:
        return None
    match node:
        case Text(text):
            return re.escape(text) if text == _valid(text) else _NOTHING
        case Chars(ranges):
            return _charset(ranges, r"\x{{{:x}}}", _NOTHING)
        case Edge(at):
            return _EDGES[at]
        case Sequence():
            return "".join(known)
        case Choice():
            return f"(?:{'|'.join(known)})"
        case Repeat(_, least, most):
            return f"(?:{known[0]}){{{least},{'' if most is None else most}}}"


def _charset(ranges: Ranges, char: str, nothing: str) -> str:
    # `re` takes milliseconds for a set that reaches to the last character, unless it says what is not in it.
    if not ranges:
        return nothing
    if ranges == ((0, LAST),):
        return r"[\s\S]"
    sign, listed = ("^", outside(ranges)) if ranges[-1][1] == LAST else ("", ranges)
    return f"[{sign}" + "".join(f"{char.format(low)}-{char.format(high)}" for low, high in listed) + "]"
