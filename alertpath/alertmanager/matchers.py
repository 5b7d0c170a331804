"""Label matchers: `severity="critical"`, `service=~"api|web"`, `"my.label"!="x"`.

Alertmanager reads each entry of a `matchers` list with two parsers: one of UTF-8 names and Go string escapes, and the
classic one. Where only one of them takes the entry, that one counts; where both do and disagree, the classic one.
Sources: Alertmanager 0.34.2, matcher/compat/parse.go, matcher/parse, pkg/labels.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, cast, final

from alertpath.alertmanager import regex_match, regex_syntax
from alertpath.alertmanager.regex_syntax import BadRegex

Op = Literal["=", "!=", "=~", "!~"]

_OPS: Final[tuple[Op, ...]] = ("=", "!=", "=~", "!~")
# Go's unicode.IsSpace; Python's isspace also takes U+001C to U+001F.
_SPACE: Final = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_RESERVED: Final = re.compile(rf"[{_SPACE}{{}}!=~,\\\"'`]")
_TOKEN: Final = re.compile(
    rf"""[{_SPACE}]* (?: (?P<sign>[{{}},]) | (?P<op>!=|!~|=~|=) | (?P<quoted>"(?:[^"\\]|\\.)*")
         | (?P<plain>[^{_SPACE}{{}}!=~,\\"'`]+) | (?P<end>\Z) )""".replace("\n         ", " "),
    re.DOTALL | re.VERBOSE,
)
_CLASSIC: Final = re.compile(
    r"[\t\n\f\r ]*([a-zA-Z_:][a-zA-Z0-9_:]*)[\t\n\f\r ]*(=~|=|!=|!~)[\t\n\f\r ]*(.*?)[\t\n\f\r ]*", re.DOTALL
)
# The common form, which both parsers read alike.
_SIMPLE: Final = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(=~|=|!=|!~)"([^"\\\n]*)"')
CLASSIC_LABEL: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
"""The name of a label without quotes, as Prometheus has known it from the beginning."""
_CLASSIC_NAME: Final = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_ESCAPE: Final = re.compile(
    r"\\(?:(?P<letter>[abfnrtv\\\"])|x(?P<x>[0-9a-fA-F]{2})|(?P<octal>[0-7]{3})"
    r"|u(?P<u>[0-9a-fA-F]{4})|U(?P<U>[0-9a-fA-F]{8})|(?P<bad>.|\Z))",
    re.DOTALL,
)
_LETTERS: Final = {"a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11, "\\": 92, '"': 34}
_LETTER_OF: Final = {chr(code): "\\" + letter for letter, code in _LETTERS.items()}
_ALLOWED: Final = 'LABEL="value", LABEL!="value", LABEL=~"regex" or LABEL!~"regex"'


@final
@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on one label; an absent label has the value "".

    `value` is the text after unescaping; for `=~` and `!~` a regex in RE2 syntax that must match the whole value.
    """

    label: str
    op: Op
    value: str

    def __str__(self) -> str:
        """As Alertmanager renders it. This text is part of the group key, and so of PagerDuty's `dedup_key`."""
        if _RESERVED.search(self.label):
            return f"{_go_quote(self.label)}{self.op}{_go_quote(self.value)}"
        value = self.value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
        return f'{self.label}{self.op}"{value}"'

    @property
    def classic(self) -> bool:
        """Whether the classic syntax has it; Alertmanager below 0.27 and the Prometheus Operator know no other."""
        return _CLASSIC_NAME.fullmatch(self.label) is not None

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether an alert with these labels fulfils it."""
        value = labels.get(self.label, "")
        if self.op == "=":
            return value == self.value
        if self.op == "!=":
            return value != self.value
        return bool(regex_match.tester(self.value)(value)) == (self.op == "=~")


def in_order(matchers: Iterable[Matcher]) -> tuple[Matcher, ...]:
    """`matchers` in the order in which Alertmanager keeps them: by label, value, operator."""
    return tuple(sorted(matchers, key=_key))


def parse(text: str) -> Matcher:
    """The one matcher in `text`; ValueError where it holds none, several or no valid one."""
    found = parse_all(text)
    if len(found) != 1:
        raise ValueError(f"one matcher is expected, here are {len(found)}; allowed: {_ALLOWED}")
    return found[0]


@lru_cache(maxsize=1 << 16)
def parse_all(text: str) -> tuple[Matcher, ...]:
    """The matchers in one entry of a `matchers` list, in written order: `a="b"`, or several as in `{a="b", c=~"d"}`.

    ValueError says what is wrong and what is allowed.
    """
    if simple := _SIMPLE.fullmatch(text):
        return (_matcher(*simple.groups()),)
    try:
        utf8 = _parse_utf8(text)
    except ValueError as reason:
        try:
            return _parse_classic(text)
        except BadRegex:
            raise
        except ValueError:
            raise reason from None
    try:
        return _parse_classic(text)
    except ValueError:
        return utf8


def is_classic(text: str) -> bool:
    """Whether the classic parser takes `text`, the only one of the Prometheus Operator; not of a wrong matcher."""
    if _SIMPLE.fullmatch(text):
        return True
    try:
        _parse_classic(text)
    except ValueError:
        return False
    return True


def regex_of(text: str) -> str:
    """A regex that matches `text` and nothing else."""
    # RE2 takes a backslash before ASCII alone.
    return re.sub(r"([!-,./:-@\[-^`{-~])", r"\\\1", text)


def check_regex(pattern: str) -> None:
    """ValueError where Alertmanager would not compile `pattern`: RE2 syntax, no look-around, no back-references."""
    regex_syntax.check(pattern)


def _key(matcher: Matcher) -> tuple[str, str, int]:
    return matcher.label, matcher.value, _OPS.index(matcher.op)


def _matcher(label: str, op: str, value: str) -> Matcher:
    if not label:
        raise ValueError("the label name is empty")
    if op in ("=~", "!~"):
        regex_syntax.check(value)
    return Matcher(label, cast("Op", op), value)


def _parse_utf8(text: str) -> tuple[Matcher, ...]:
    tokens = list(_tokens(text))
    tokens.reverse()
    braces = tokens[-1] == ("sign", "{")
    if braces:
        tokens.pop()
    found: list[Matcher] = []
    while tokens[-1][0] in ("quoted", "plain"):
        label = _name_or_value(tokens.pop())
        kind, op = tokens.pop()
        if kind != "op":
            raise ValueError(f"an operator is expected after {label}: =, !=, =~ or !~")
        if tokens[-1][0] not in ("quoted", "plain"):
            raise ValueError(f"a value is expected after {label}{op}; quote values with special characters")
        found.append(_matcher(label, op, _name_or_value(tokens.pop())))
        if tokens[-1] != ("sign", ","):
            break
        tokens.pop()
    if braces:
        if tokens[-1] != ("sign", "}"):
            raise ValueError("a comma or a closing brace is expected")
        tokens.pop()
    if tokens[-1][0] != "end":
        raise ValueError(f"unexpected {tokens[-1][1]!r}; allowed: {_ALLOWED}, several with commas between")
    return tuple(found)


def _tokens(text: str) -> Iterable[tuple[str, str]]:
    at = 0
    while True:
        token = _TOKEN.match(text, at)
        if token is None:
            rest = text[at:].strip()[:20]
            if rest.startswith('"'):
                raise ValueError("a closing double quote is missing")
            raise ValueError(f"unexpected {rest!r}; allowed: {_ALLOWED}")
        kind = token.lastgroup or "end"
        yield kind, token[kind]
        if kind == "end":
            return
        at = token.end()


def _name_or_value(token: tuple[str, str]) -> str:
    kind, text = token
    if kind == "plain":
        return text
    body = text[1:-1]
    if "\n" in body:
        raise ValueError("a line break inside double quotes is written \\n")
    return _unquote(body) if "\\" in body else body


def _unquote(body: str) -> str:
    """What Go's strconv.Unquote makes of `body`, the inside of a double-quoted string; ValueError: it refuses it."""
    found = bytearray()
    at = 0
    for escape in _ESCAPE.finditer(body):
        found += body[at : escape.start()].encode()
        at = escape.end()
        if letter := escape["letter"]:
            found.append(_LETTERS[letter])
        elif escape["x"]:
            found.append(int(escape["x"], 16))
        elif escape["octal"] and int(escape["octal"], 8) < 256:
            found.append(int(escape["octal"], 8))
        elif rune := escape["u"] or escape["U"]:
            code = int(rune, 16)
            if code > 0x10FFFF or 0xD800 <= code < 0xE000:
                raise ValueError(f"{escape[0]} is no character")
            found += chr(code).encode()
        else:
            raise ValueError(f"bad escape {escape[0]!r}; in double quotes a backslash is written \\\\")
    found += body[at:].encode()
    try:
        return found.decode()
    except UnicodeDecodeError:
        raise ValueError("the escapes do not make valid UTF-8") from None


def _parse_classic(text: str) -> tuple[Matcher, ...]:
    tokens = [""]
    inside = escaped = False
    for char in text.removeprefix("{").removesuffix("}"):
        if char == "," and not inside:
            tokens.append("")
            continue
        if char == '"':
            inside ^= not escaped
            escaped = False
        elif char == "\\":
            escaped = not escaped
        elif char != ",":
            escaped = False
        tokens[-1] += char
    tokens[-1] = tokens[-1].strip(_SPACE)
    if not tokens[-1]:
        tokens.pop()
    return tuple(map(_classic_matcher, tokens))


def _classic_matcher(text: str) -> Matcher:
    found = _CLASSIC.fullmatch(text)
    if not found:
        raise ValueError(f"not a matcher; allowed: {_ALLOWED}")
    label, op, raw = found.groups()
    quoted = raw.startswith('"')
    body = raw[1:] if quoted else raw
    value = ""
    escaped = closed = False
    for index, char in enumerate(body):
        if escaped:
            escaped = False
            value += {"n": "\n", '"': '"', "\\": "\\"}.get(char, "\\" + char)
        elif char == "\\" and index < len(body) - 1:
            escaped = True
        elif char == '"':
            if not quoted or index < len(body) - 1:
                raise ValueError('a double quote inside a value is written \\"')
            closed = True
        else:
            value += char
    if quoted and not closed:
        raise ValueError("a closing double quote is missing")
    return _matcher(label, op, value)


def _go_quote(text: str) -> str:
    """`text` as Go's strconv.Quote writes it."""
    return '"' + "".join(map(_go_escape, text)) + '"'


def _go_escape(char: str) -> str:
    if char in _LETTER_OF:
        return _LETTER_OF[char]
    if char.isprintable():
        return char
    code = ord(char)
    if code < 0x20 or code == 0x7F:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
