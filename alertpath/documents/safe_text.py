"""Text that is safe to print: without credentials, and with every character that cannot be seen written out.

A terminal obeys control characters, and characters that turn the direction of writing make a line read as another one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Final

from alertpath.documents.redaction import redact

# Characters without a picture of their own, although Unicode calls them letters, marks or symbols.
_INVISIBLE: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_IN_EMOJI: Final = frozenset("\u200d\ufe0e\ufe0f")


def safe(text: str) -> str:
    """`text` of one or several lines, as it may be printed."""
    return "\n".join(map(printable, redact(text).split("\n")))


def printable(text: str) -> str:
    """`text` on one line, every character of it to be seen: a line feed is `\\n`, U+202E is `\\u202e`."""
    return _written_out(text, _escaped)


def safe_json(written: str) -> str:
    """JSON as it may be printed, the same data: what cannot be seen is an escape. It is not redacted."""
    return "\n".join(_written_out(line, _json_escaped) for line in written.split("\n"))


def _written_out(text: str, escape: Callable[[str], str]) -> str:
    if text.isprintable() and (text.isascii() or not _INVISIBLE.search(text)):
        return text
    return "".join(char if _is_seen(text, place) else escape(char) for place, char in enumerate(text))


def _is_seen(text: str, place: int) -> bool:
    char = text[place]
    if char in _IN_EMOJI:
        return _is_in_emoji(text, place)
    return char.isprintable() and not _INVISIBLE.match(char)


def _is_in_emoji(text: str, place: int) -> bool:
    # Parts of an emoji: what joins two, and what chooses its colour. After anything else they are invisible.
    from unicodedata import category

    before = text[place - 1] if place else ""
    if text[place] != "\u200d":
        return bool(before) and (before in "0123456789#*" or category(before) in ("So", "Sm", "Po", "Pd"))
    after = text[place + 1] if place + 1 < len(text) else ""
    joined = bool(before and after) and category(after) == "So"
    return joined and (before == "\ufe0f" or category(before) in ("So", "Sk"))


def _escaped(char: str) -> str:
    return f"\\U{ord(char):08x}" if ord(char) > 0xFFFF else _json_escaped(char)


def _json_escaped(char: str) -> str:
    return json.dumps(char)[1:-1]


def columns(text: str) -> int:
    """How many columns of a terminal `text` takes: Hangul, Han and most emoji take two, marks above others none."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def padded(text: str, width: int) -> str:
    """`text` with spaces behind it, `width` columns in all."""
    return text + " " * (width - columns(text))


def wrapped(text: str, width: int, first: str = "", following: str = "", *, break_words: bool = True) -> list[str]:
    """The lines of `text`, at most `width` columns each, with what begins the first of them and those that follow."""
    import textwrap

    # For textwrap each character is one column: a second one stands behind those that take two. A long word may be cut
    # between the two, which makes its line a column longer.
    counted = text if text.isascii() else "".join(char + "\0" * (_columns(char) - 1) for char in text)
    lines: list[str] = []
    for size in (width, width - 1):
        found = textwrap.wrap(
            counted,
            size,
            initial_indent=first,
            subsequent_indent=following,
            break_long_words=break_words,
            break_on_hyphens=break_words,
        )
        lines = [line.replace("\0", "") for line in found]
        if not break_words or max(map(columns, lines), default=0) <= width:
            break
    return lines


def _columns(char: str) -> int:
    # Source: Unicode Standard Annex #11, East Asian Width; the vowels and ends of Hangul stand below what begins it.
    from unicodedata import category, east_asian_width

    if category(char) in ("Mn", "Me", "Cf") or "\u1160" <= char <= "\u11ff":
        return 0
    return 2 if east_asian_width(char) in "WF" else 1
