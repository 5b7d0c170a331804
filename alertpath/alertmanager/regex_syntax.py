"""The structure of a matcher's regex: what Go's package regexp accepts and what it means.

Source: Go 1.26, regexp/syntax (`Parse` with the flags of `regexp.Compile`). The order of alternatives, lazy repetition
and captured groups are left out: none of them decides whether a whole text matches.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Sequence as List
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, NoReturn, TypeVar, final

from alertpath.alertmanager import unicode_tables
from alertpath.alertmanager.unicode_tables import LAST, Ranges, joined, outside

_T = TypeVar("_T")

_MOST_COPIES: Final = 1_000
"""How many copies of one part repetition may ask for, repetition inside repetition multiplied."""
_DEEPEST: Final = 1_000
_MOST_INSTRUCTIONS: Final = (128 << 20) // 40
_MOST_RUNES: Final = (128 << 20) // 4

_PLAIN: Final = re.compile(r"[\w -]*(\|[\w -]*)*", re.ASCII)
_SHORT: Final = 300
_LITERALS: Final = re.compile(r"[^\\.+*?()|\[\]{}^$]+")
_COUNTS: Final = re.compile(r"\{(0|[1-9][0-9]*)(?:(,)(0|[1-9][0-9]*)?)?\}")
_HEXADECIMAL: Final = re.compile(r"\{([0-9a-fA-F]+)\}|([0-9a-fA-F]{2})")
_OCTAL: Final = re.compile("0[0-7]{0,2}|[1-7][0-7]{1,2}")
_NAME: Final = re.compile(r"[A-Za-z0-9_]+")
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
_CONTROL: Final = {"a": 7, "f": 12, "t": 9, "n": 10, "r": 13, "v": 11}
_ANY: Final[Ranges] = ((0, LAST),)
_ANY_BUT_NEWLINE: Final[Ranges] = ((0, 9), (11, LAST))


class BadRegex(ValueError):
    """Alertmanager would not compile the regex. `reason` is in the words of Go."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"bad regex: {reason}; allowed: RE2 syntax, without look-around and back-references")
        self.reason: Final = reason


@final
@dataclass(frozen=True, slots=True)
class Chars:
    """Any one character of these; none: nothing matches."""

    ranges: Ranges


@final
@dataclass(frozen=True, slots=True)
class Text:
    """These characters, one or more."""

    text: str


At = Literal["begin", "end", "line begin", "line end", "word edge", "no word edge"]


@final
@dataclass(frozen=True, slots=True)
class Edge:
    """A place between two characters: of the text, of a line, or where a word begins or ends."""

    at: At


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


Node = Text | Chars | Edge | Sequence | Choice | Repeat

BEGIN: Final = Edge("begin")
END: Final = Edge("end")


def whole(pattern: str) -> str:
    """What Alertmanager makes of a matcher's regex before it compiles it (pkg/labels, `NewMatcher`)."""
    return f"^(?:{pattern})$"


@lru_cache(maxsize=1 << 16)
def plain_words(pattern: str) -> frozenset[str] | None:
    """The words of a regex such as `api|web`; None where it is of another form."""
    if not _PLAIN.fullmatch(pattern) or len(pattern) > _MOST_INSTRUCTIONS:
        return None
    words = frozenset(pattern.split("|"))
    # Beginnings in common make Go's tree high.
    return words if len(words) < _SHORT or max(map(len, words)) < _SHORT else None


def check(pattern: str) -> None:
    """BadRegex where Alertmanager would not compile it."""
    if plain_words(pattern) is None:
        parse(pattern)


@lru_cache(maxsize=1 << 16)
def parse(pattern: str) -> Node:
    """What the whole value must be for a matcher with this regex; BadRegex where Alertmanager would not compile it."""
    node = _Parser(whole(pattern)).parse()
    parts = node.parts if isinstance(node, Sequence) else ()
    if len(parts) > 1 and parts[0] == BEGIN and parts[-1] == END:
        while parts and parts[0] == BEGIN:
            parts = parts[1:]
        while parts and parts[-1] == END:
            parts = parts[:-1]
        return parts[0] if len(parts) == 1 else Sequence(parts)
    # `a)|(?:b` makes something else of the anchors that Alertmanager puts around it: a search.
    anything = Repeat(Chars(_ANY), 0, None)
    return Sequence((anything, node, anything))


def fold(root: Node, visit: Callable[[Node, list[_T]], _T]) -> _T:
    """What `visit` makes of `root`, from what it made of the parts of each node; a deep one needs no deep stack."""
    results: list[_T] = []
    todo: list[tuple[Node, int]] = [(root, -1)]
    while todo:
        node, count = todo.pop()
        if count < 0:
            parts = (
                node.parts if isinstance(node, Sequence | Choice) else (node.part,) if isinstance(node, Repeat) else ()
            )
            if parts:
                todo.append((node, len(parts)))
                todo += [(part, -1) for part in reversed(parts)]
                continue
            count = 0
        found = results[len(results) - count :]
        del results[len(results) - count :]
        results.append(visit(node, found))
    return results[0]


_LITERAL: Final = 1
_FOLDED: Final = 2
_CLASS: Final = 3
_SEQUENCE: Final = 4
_CHOICE: Final = 5
_OTHER: Final = 0


@final
@dataclass(frozen=True, slots=True)
class _Part:
    # A node, and what Go's limits count of it: the height and the instructions of its own tree, and how many copies
    # of one part its repetition asks for. Go's tree keeps literals that stand together in one node; a single one and a
    # class can be merged with others (`single`).
    node: Node
    kind: int = _OTHER
    height: int = 1
    size: int = 1
    copies: int = 1
    single: bool = False


_EMPTY: Final = _Part(Sequence(()))


@final
class _Group:
    # What stands inside one pair of parentheses, as far as it has been read.
    __slots__ = ("captures", "choices", "flags", "parts")

    def __init__(self, flags: frozenset[str], *, captures: bool) -> None:
        self.flags: Final = flags
        self.captures: Final = captures
        self.parts: list[_Part] = []
        self.choices: list[_Part] = []


@final
class _Parser:
    def __init__(self, text: str) -> None:
        self._text: Final = text
        self._at: int = 0
        self._flags: frozenset[str] = frozenset()
        self._groups: Final = [_Group(self._flags, captures=False)]
        self._runes = 0
        self._repeats = 1
        self._repeated = False  # The last thing read was a repetition.

    def parse(self) -> Node:
        text, size = self._text, len(self._text)
        if any("\ud800" <= char <= "\udfff" for char in text):
            self._refuse("invalid UTF-8")
        while self._at < size:
            at = self._at
            repeated, self._repeated = self._repeated, False
            char = text[at]
            if found := _LITERALS.match(text, at):
                self._at = found.end()
                self._literals(found[0])
            elif char in "*+?":
                self._at += 1
                self._repeat(1 if char == "+" else 0, 1 if char == "?" else None, char, again=repeated)
            elif char == "{":
                if counts := _COUNTS.match(text, at):
                    self._at = counts.end()
                    self._counted(counts, again=repeated)
                else:
                    self._at += 1
                    self._literals(char)
            elif char == "(":
                self._open()
            elif char == "|":
                self._at += 1
                group = self._groups[-1]
                group.choices.append(_sequence(group.parts))
                group.parts = []
            elif char == ")":
                self._at += 1
                self._close()
            elif char == "[":
                self._class()
            elif char == ".":
                self._at += 1
                self._push(_Part(Chars(_ANY if "s" in self._flags else _ANY_BUT_NEWLINE), _CLASS, single=True))
            elif char in "^$":
                self._at += 1
                line = "line " if "m" in self._flags else ""
                self._push(_Part(Edge(f"{line}begin" if char == "^" else f"{line}end")))  # pyright: ignore[reportArgumentType]
            elif char == "\\":
                self._backslash()
            else:  # `]` and `}`
                self._at += 1
                self._literals(char)
        if len(self._groups) > 1:
            self._refuse("missing closing )")
        group = self._groups[0]
        return self._checked(_choice([*group.choices, _sequence(group.parts)])).node

    def _refuse(self, reason: str, begin: int | None = None, end: int | None = None) -> NoReturn:
        # What Alertmanager puts around the regex is not shown.
        shown = "" if begin is None else self._text[max(begin, 4) : min(end or self._at, len(self._text) - 2)]
        raise BadRegex(f"{reason}: {shown}" if shown else reason)

    def _push(self, part: _Part) -> None:
        self._groups[-1].parts.append(part)

    def _checked(self, part: _Part) -> _Part:
        if part.height > _DEEPEST:
            self._refuse("expression nests too deeply")
        # Go counts instructions only where the length of the regex and all its repetition allow for too many.
        if part.size > _MOST_INSTRUCTIONS and len(self._text) * self._repeats >= _MOST_INSTRUCTIONS:
            self._refuse("expression too large")
        return part

    def _literals(self, text: str) -> None:
        if "i" in self._flags:
            self._groups[-1].parts += map(_folded_literal, text)
        else:
            if len(text) > 1:
                self._push(_Part(Text(text[:-1]), _LITERAL, size=len(text) - 1))
            self._groups[-1].parts += map(_literal, text[-1:])  # Repetition is of this one alone.

    # Repetition

    def _counted(self, counts: re.Match[str], *, again: bool) -> None:
        first, comma, last = counts.groups()
        sizes = [int(text) if len(text) <= 4 else _MOST_COPIES + 1 for text in (first, last) if text]
        if max(sizes) > _MOST_COPIES or sizes[0] > sizes[-1]:
            self._refuse("invalid repeat count", counts.start())
        self._repeat(sizes[0], sizes[-1] if last or not comma else None, counts[0], again=again)

    def _repeat(self, least: int, most: int | None, sign: str, *, again: bool) -> None:
        begin = self._at - len(sign)
        if self._text.startswith("?", self._at):
            self._at += 1  # Lazy: the same texts.
        if again:
            self._refuse("invalid nested repetition operator", begin)
        parts = self._groups[-1].parts
        if not parts:
            self._refuse("missing argument to repetition operator", begin)
        part = parts[-1]
        copies, size = part.copies, part.size
        if sign in "*+?":
            size += 2 if sign == "*" else 1
        else:
            times = least if most is None else most
            self._repeats *= max(times, 1)
            if most is None:
                size = 2 + size if least == 0 else 1 + least * size
            else:
                size = max(1, most * size + most - least)
            copies = 1 if most == 0 else copies * max(times, 1)
        parts[-1] = self._checked(_Part(Repeat(part.node, least, most), _OTHER, part.height + 1, size, copies))
        if copies > _MOST_COPIES and (least > 1 or (most or 0) > 1) and sign not in "*+?":
            self._refuse("invalid repeat count", begin)
        self._repeated = True

    # Groups

    def _open(self) -> None:
        text, begin = self._text, self._at
        if not text.startswith("(?", begin):
            self._at += 1
            self._groups.append(_Group(self._flags, captures=True))
            return
        for start in ("(?P<", "(?<"):
            if text.startswith(start, begin):
                end = text.find(">", begin)
                if end < 0 or not _NAME.fullmatch(text, begin + len(start), end):
                    self._refuse("invalid named capture", begin, end + 1 if end >= 0 else len(text))
                self._at = end + 1
                self._groups.append(_Group(self._flags, captures=True))
                return
        flags = set(self._flags)
        change, changed = flags.add, False
        self._at += 2
        while self._at < len(text):
            char = text[self._at]
            self._at += 1
            if char in "imsU":
                change(char)
                changed = True
            elif char == "-" and change == flags.add:
                change, changed = flags.discard, False
            elif char in ":)" and (changed or change == flags.add):
                if char == ":":
                    self._groups.append(_Group(self._flags, captures=False))
                self._flags = frozenset(flags)  # Up to the end of the group, which restores them.
                return
            else:
                break
        self._refuse("invalid or unsupported Perl syntax", begin)

    def _close(self) -> None:
        if len(self._groups) == 1:
            self._refuse("unexpected )")
        group = self._groups.pop()
        self._flags = group.flags
        part = _choice([*group.choices, _sequence(group.parts)])
        if group.captures:
            part = _Part(part.node, _OTHER, part.height + 1, part.size + 2, part.copies)
        self._push(self._checked(part))

    # Characters

    def _backslash(self) -> None:
        text, char = self._text, self._text[self._at + 1 : self._at + 2]
        match char:
            case "A" | "z" | "b" | "B":
                edges: dict[str, At] = {"A": "begin", "z": "end", "b": "word edge", "B": "no word edge"}
                self._at += 2
                self._push(_Part(Edge(edges[char])))
            case "C":
                self._refuse("invalid escape sequence", self._at, self._at + 2)
            case "Q":
                end = text.find("\\E", self._at)
                self._literals(text[self._at + 2 : end if end >= 0 else None])
                self._at = end + 2 if end >= 0 else len(text)
            case _:
                ranges = self._class_escape()
                if ranges is None:
                    self._literals(chr(self._escape()))
                else:
                    self._push_class(ranges)

    def _class_escape(self) -> Ranges | None:
        # `\d` and the like, and `\pN`, `\p{Greek}`; None: the position is at neither.
        text, begin = self._text, self._at
        char = text[begin + 1 : begin + 2]
        if not text.startswith("\\", begin) or not char:
            return None
        negated = char.isupper()
        if char.lower() in _CLASS_ESCAPES:
            self._at += 2
            return self._group_of(_CLASS_ESCAPES[char.lower()], negated=negated)
        if char not in "pP":
            return None
        if text.startswith("{", begin + 2):
            end = text.find("}", begin)
            if end < 0:
                self._refuse("invalid character class range", begin, len(text))
            name, self._at = text[begin + 3 : end], end + 1
        else:
            name, self._at = text[begin + 2 : begin + 3], begin + 3
        if name.startswith("^"):
            name, negated = name[1:], not negated
        ranges = unicode_tables.named(name)
        if ranges is None:
            self._refuse("invalid character class range", begin)
        return self._group_of(ranges, negated=negated)

    def _group_of(self, ranges: Ranges, *, negated: bool) -> Ranges:
        if "i" in self._flags:
            ranges = unicode_tables.folded(ranges)
        return outside(ranges) if negated else ranges

    def _escape(self) -> int:
        # The code of one character; the position is at the backslash.
        text, begin, code = self._text, self._at, -1
        char = text[begin + 1 : begin + 2]
        if not char:
            self._refuse("trailing backslash at end of expression")
        self._at = begin + 2
        if char in _CONTROL:
            code = _CONTROL[char]
        elif char == "x":
            found = _HEXADECIMAL.match(text, self._at)
            digits = (found[1] or found[2]).lstrip("0") if found else ""
            if found and len(digits) <= 6 and int(digits or "0", 16) <= LAST:
                self._at = found.end()
                code = int(digits or "0", 16)
        elif found := _OCTAL.match(text, begin + 1):
            self._at = found.end()
            code = int(found[0], 8)
        elif char.isascii() and not char.isalnum():
            code = ord(char)
        if code < 0:
            self._refuse("invalid escape sequence", begin)
        return code

    def _class(self) -> None:
        text, begin = self._text, self._at
        self._at += 1
        negated = text.startswith("^", self._at)
        self._at += negated
        found: list[tuple[int, int]] = []
        first = True
        while first or not text.startswith("]", self._at):
            first = False
            if (named := self._posix()) is not None or (named := self._class_escape()) is not None:
                found += named
                continue
            start = self._at
            low = high = self._class_char(begin)
            if text.startswith("-", self._at) and not text.startswith("]", self._at + 1) and self._at + 1 < len(text):
                self._at += 1
                high = self._class_char(begin)
                if high < low:
                    self._refuse("invalid character class range", start)
            found += unicode_tables.folded(((low, high),)) if "i" in self._flags else ((low, high),)
        self._at += 1
        ranges = joined(found)
        self._push_class(outside(ranges) if negated else ranges)

    def _posix(self) -> Ranges | None:
        text, begin = self._text, self._at
        end = text.find(":]", begin + 2) if text.startswith("[:", begin) else -1
        if end < 0:
            return None
        name = text[begin + 2 : end]
        ranges = _POSIX.get(name.removeprefix("^"))
        self._at = end + 2
        if ranges is None:
            self._refuse("invalid character class range", begin)
        return self._group_of(ranges, negated=name.startswith("^"))

    def _class_char(self, begin: int) -> int:
        if self._at >= len(self._text):
            self._refuse("missing closing ]", begin, len(self._text))
        if self._text[self._at] == "\\":
            return self._escape()
        self._at += 1
        return ord(self._text[self._at - 1])

    def _push_class(self, ranges: Ranges) -> None:
        self._runes += 2 * len(ranges)
        if self._runes > _MOST_RUNES:
            self._refuse("expression too large")
        kind = _CLASS
        if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
            self._push(_literal(chr(ranges[0][0])))
            return
        if sum(high - low + 1 for low, high in ranges[:3]) == 2 and unicode_tables.folded(ranges[:1]) == ranges:
            kind = _FOLDED
        self._push(_Part(Chars(ranges), kind, single=True))


@lru_cache(maxsize=1 << 12)
def _literal(char: str) -> _Part:
    return _Part(Text(char), _LITERAL, single=True)


@lru_cache(maxsize=1 << 12)
def _folded_literal(char: str) -> _Part:
    return _Part(Chars(unicode_tables.folded(((ord(char), ord(char)),))), _FOLDED, single=True)


def _ranges(node: Node) -> Ranges:
    match node:
        case Text(char):
            return ((ord(char), ord(char)),)
        case Chars(ranges):
            return ranges
        case _:
            return ()


def _sequence(parts: List[_Part]) -> _Part:
    if not parts:
        return _EMPTY
    if len(parts) == 1:
        return parts[0]
    nodes: list[Node] = []
    text: list[str] = []  # What stands together is one node.
    for part in parts:
        for node in part.node.parts if isinstance(part.node, Sequence) else (part.node,):
            if isinstance(node, Text):
                text.append(node.text)
                continue
            if text:
                nodes.append(Text("".join(text)))
                text = []
            nodes.append(node)
    if text:
        nodes.append(Text("".join(text)))
    node = nodes[0] if len(nodes) == 1 else Sequence(tuple(nodes))
    size = sum(part.size for part in parts)
    kinds = {part.kind for part in parts}
    if kinds in ({_LITERAL}, {_FOLDED}):
        return _Part(node, parts[0].kind, 1, size)
    height = 1 + max(part.height - (part.kind == _SEQUENCE) for part in parts)
    return _Part(node, _SEQUENCE, height, size, max(part.copies for part in parts))


def _choice(parts: List[_Part]) -> _Part:
    merged: list[_Part] = []
    for part in parts:
        if merged and part.single and merged[-1].single:
            ranges = joined((*_ranges(merged.pop().node), *_ranges(part.node)))
            merged.append(_Part(Chars(ranges), _CLASS, single=True))
        else:
            merged.append(part)
    if len(merged) == 1:
        return merged[0]
    nodes: list[Node] = []
    for part in merged:
        nodes += part.node.parts if isinstance(part.node, Choice) else (part.node,)
    height = 1 + max(part.height - (part.kind == _CHOICE) for part in merged)
    size = sum(part.size for part in merged) + len(merged) - 1
    return _Part(Choice(tuple(nodes)), _CHOICE, height, size, max(part.copies for part in merged))
