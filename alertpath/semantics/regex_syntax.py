"""The structure of a matcher's regex: RE2 syntax as Go's regexp/syntax reads it.

What has no small automaton here (word boundaries, classes by Unicode property, folded case outside ASCII, multi-line
anchors) raises Undecided, never guesses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, final

Ranges = tuple[tuple[int, int], ...]
"""Code points, as sorted pairs of the first and the last one that do not touch."""

LAST: Final = 0x10FFFF
_COUNTS: Final = re.compile(r"\{(\d+)(,(\d*))?\}", re.ASCII)
_FLAGS: Final = re.compile(r"\(\?([imsU]*)(?:-([imsU]+))?([:)])")
_NAMED: Final = re.compile(r"\(\?P?<\w+>")
_CLASS_ESCAPES: Final[dict[str, Ranges]] = {
    "d": ((48, 57),),
    "s": ((9, 10), (12, 13), (32, 32)),
    "w": ((48, 57), (65, 90), (95, 95), (97, 122)),
}
_POSIX: Final[dict[str, Ranges]] = {
    "alnum": ((48, 57), (65, 90), (97, 122)),
    "alpha": ((65, 90), (97, 122)),
    "ascii": ((0, 127),),
    "blank": ((9, 9), (32, 32)),
    "cntrl": ((0, 31), (127, 127)),
    "digit": ((48, 57),),
    "graph": ((33, 126),),
    "lower": ((97, 122),),
    "print": ((32, 126),),
    "punct": ((33, 47), (58, 64), (91, 96), (123, 126)),
    "space": ((9, 13), (32, 32)),
    "upper": ((65, 90),),
    "word": _CLASS_ESCAPES["w"],
    "xdigit": ((48, 57), (65, 70), (97, 102)),
}
_CHARS: Final = {"a": 7, "f": 12, "t": 9, "n": 10, "r": 13, "v": 11}


class Undecided(Exception):
    """No exact answer is known."""


@final
@dataclass(frozen=True, slots=True)
class Chars:
    """Any one character of these."""

    ranges: Ranges


@final
@dataclass(frozen=True, slots=True)
class Edge:
    """The place before the first character, or after the last."""

    at: Literal["begin", "end"]


@final
@dataclass(frozen=True, slots=True)
class Sequence:
    """One part after the other."""

    parts: tuple[Node, ...]


@final
@dataclass(frozen=True, slots=True)
class Choice:
    """Any one of the parts."""

    parts: tuple[Node, ...]


@final
@dataclass(frozen=True, slots=True)
class Repeat:
    """`part` at least `least` and at most `most` times; None: without limit."""

    part: Node
    least: int
    most: int | None


Node = Chars | Edge | Sequence | Choice | Repeat


@lru_cache(maxsize=1 << 16)
def parse(pattern: str) -> Node:
    """The structure of a regex that RE2 accepts; Undecided where it is not understood here."""
    parser = _Parser(pattern)
    node = parser.choice()
    if parser.at != len(pattern):
        # `a)|(b` makes something else of the anchors that Alertmanager puts around it: a search.
        parser = _Parser(f"^(?:{pattern})$")
        node = parser.choice()
        anything = Repeat(Chars(((0, LAST),)), 0, None)
        return Sequence((anything, node, anything))
    if isinstance(node, Sequence):
        # Anchors that repeat those around every regex.
        parts = node.parts
        while parts and parts[0] == Edge("begin"):
            parts = parts[1:]
        while parts and parts[-1] == Edge("end"):
            parts = parts[:-1]
        return Sequence(parts)
    return node


@final
class _Parser:
    # Recursive descent over a pattern that RE2 has accepted.

    def __init__(self, pattern: str) -> None:
        self._text: Final = pattern
        self.at: int = 0
        self._flags = frozenset[str]()

    def choice(self) -> Node:
        flags = self._flags
        parts = [self._sequence()]
        while self._text.startswith("|", self.at):
            self.at += 1
            parts.append(self._sequence())
        self._flags = flags
        return parts[0] if len(parts) == 1 else Choice(tuple(parts))

    def _sequence(self) -> Node:
        parts: list[Node] = []
        while self.at < len(self._text) and self._text[self.at] not in "|)":
            if self._text.startswith("\\Q", self.at):
                parts += self._quoted()
            elif (atom := self._atom()) is not None:
                parts.append(atom)
            while parts and (repeated := self._repeated(parts[-1])) is not None:
                parts[-1] = repeated
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def _quoted(self) -> Iterator[Node]:
        end = self._text.find("\\E", self.at)
        body = self._text[self.at + 2 : end if end >= 0 else None]
        self.at = len(self._text) if end < 0 else end + 2
        return (self._chars(((ord(char), ord(char)),)) for char in body)

    def _repeated(self, part: Node) -> Node | None:
        char = self._text[self.at : self.at + 1]
        if char and char in "*+?":
            self.at += 1
            least, most = (1 if char == "+" else 0), (1 if char == "?" else None)
        elif counts := _COUNTS.match(self._text, self.at):
            self.at = counts.end()
            least = int(counts[1])
            most = least if counts[2] is None else int(counts[3]) if counts[3] else None
        else:
            return None
        if self._text.startswith("?", self.at):
            self.at += 1  # Lazy: the same texts.
        return Repeat(part, least, most)

    def _atom(self) -> Node | None:
        char = self._text[self.at]
        match char:
            case "(":
                return self._group()
            case "[":
                return self._bracket()
            case ".":
                self.at += 1
                return Chars(((0, LAST),) if "s" in self._flags else ((0, 9), (11, LAST)))
            case "^" | "$":
                self.at += 1
                if "m" in self._flags:
                    raise Undecided(self._text)
                return Edge("begin" if char == "^" else "end")
            case "\\":
                following = self._text[self.at + 1]
                if following in "Az":
                    self.at += 2
                    return Edge("begin" if following == "A" else "end")
                return self._chars(self._escape())
            case _:
                self.at += 1
                return self._chars(((ord(char), ord(char)),))

    def _group(self) -> Node | None:
        flags = self._flags
        if found := _FLAGS.match(self._text, self.at):
            self._flags = (flags | set(found[1])) - set(found[2] or "")
            self.at = found.end()
            if found[3] == ")":
                return None  # Holds up to the end of the group around it, whose `choice` restores the flags.
        elif found := _NAMED.match(self._text, self.at):
            self.at = found.end()
        else:
            self.at += 1
        node = self.choice()
        if not self._text.startswith(")", self.at):
            raise Undecided(self._text)
        self.at += 1
        self._flags = flags
        return node

    def _escape(self) -> Ranges:
        # A class, or one character; the position is at the backslash.
        char = self._text[self.at + 1]
        self.at += 2
        if char.lower() in _CLASS_ESCAPES:
            ranges = _CLASS_ESCAPES[char.lower()]
            return ranges if char.islower() else outside(ranges)
        if char == "x":
            if self._text[self.at] == "{":
                end = self._text.index("}", self.at)
                digits, self.at = self._text[self.at + 1 : end], end + 1
            else:
                digits, self.at = self._text[self.at : self.at + 2], self.at + 2
            return ((int(digits, 16), int(digits, 16)),)
        if char in "01234567":
            digits = re.compile("[0-7]{1,3}").match(self._text, self.at - 1)
            code = int(digits[0], 8) if digits else 0
            self.at += len(digits[0]) - 1 if digits else 0
            return ((code, code),)
        if char in _CHARS:
            return ((_CHARS[char], _CHARS[char]),)
        if char.isalnum():
            raise Undecided(self._text)  # Word boundaries and Unicode properties.
        return ((ord(char), ord(char)),)

    def _bracket(self) -> Node:
        self.at += 1
        negated = self._text.startswith("^", self.at)
        self.at += negated
        found: list[tuple[int, int]] = []
        first = True
        while first or self._text[self.at] != "]":
            first = False
            if self._text.startswith("[:", self.at) and (end := self._text.find(":]", self.at)) >= 0:
                name = self._text[self.at + 2 : end]
                ranges = _POSIX.get(name.removeprefix("^"))
                if ranges is None:
                    raise Undecided(self._text)
                found += outside(ranges) if name.startswith("^") else ranges
                self.at = end + 2
                continue
            low = self._bracket_char()
            if self._text[self.at] == "-" and self._text[self.at + 1] != "]" and len(low) == 1:
                self.at += 1
                found.append((low[0][0], self._bracket_char()[0][1]))
            else:
                found += low
        self.at += 1
        ranges = self._folded(_joined(found))
        return Chars(outside(ranges) if negated else ranges)

    def _bracket_char(self) -> Ranges:
        if self._text[self.at] == "\\":
            return self._escape()
        self.at += 1
        code = ord(self._text[self.at - 1])
        return ((code, code),)

    def _chars(self, ranges: Ranges) -> Chars:
        return Chars(self._folded(ranges))

    def _folded(self, ranges: Ranges) -> Ranges:
        if "i" not in self._flags:
            return ranges
        if ranges and ranges[-1][1] > 127:
            raise Undecided(self._text)
        more = [(ord(c), ord(c)) for low, high in ranges for c in map(chr, range(low, high + 1)) for c in _folds(c)]
        return _joined([*ranges, *more])


def _folds(char: str) -> str:
    # Unicode folds the long s and the Kelvin sign into ASCII.
    return char.swapcase() + {"s": "\u017f", "k": "\u212a"}.get(char.lower(), "") if char.isalpha() else ""


def _joined(ranges: list[tuple[int, int]]) -> Ranges:
    found: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], high))
        else:
            found.append((low, high))
    return tuple(found)


def outside(ranges: Ranges) -> Ranges:
    """All other characters."""
    found: list[tuple[int, int]] = []
    begin = 0
    for low, high in _joined(list(ranges)):
        if begin < low:
            found.append((begin, low - 1))
        begin = high + 1
    if begin <= LAST:
        found.append((begin, LAST))
    return tuple(found)
