"""What regexes depend on of Unicode: the characters of each category and script, and which are alike in other case.

The version is that of Go's package unicode, which Alertmanager is built with. Python's own is another one.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Final

Ranges = tuple[tuple[int, int], ...]
"""Code points, as sorted pairs of the first and the last one that do not touch."""

LAST: Final = 0x10FFFF
_FILE: Final = Path(__file__).with_name("unicode.txt")
_WITHOUT: Final = str.maketrans("", "", "_- ")
_LOWER: Final = {ord(upper): upper.lower() for upper in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def joined(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """These ranges in order, those that touch as one."""
    found: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if found and low <= found[-1][1] + 1:
            if high > found[-1][1]:
                found[-1] = (found[-1][0], high)
        else:
            found.append((low, high))
    return tuple(found)


def outside(ranges: Ranges) -> Ranges:
    """All other characters."""
    found: list[tuple[int, int]] = []
    begin = 0
    for low, high in ranges:
        if begin < low:
            found.append((begin, low - 1))
        begin = high + 1
    if begin <= LAST:
        found.append((begin, LAST))
    return tuple(found)


@lru_cache(maxsize=256)
def named(name: str) -> Ranges | None:
    """The characters of a category or script, as in `\\p{Greek}`; case, `_`, `-` and spaces do not count.

    None: there is none of that name. Source: Go 1.25, regexp/syntax (`unicodeTable`).
    """
    name = _canonical(name)
    match name:
        case "any":
            return ((0, LAST),)
        case "ascii":
            return ((0, 127),)
        case "assigned":
            return outside(_ranges("cn") or ())
        case _:
            return _ranges(name) or _ranges(_names()[1].get(name, ""))


def folded(ranges: Ranges) -> Ranges:
    """These characters and all that differ from one of them in case alone."""
    if all(high < 65 or (low > 90 and high < 97) or (low > 122 and high < 128) for low, high in ranges):
        return ranges  # Most often: the table need not be read.
    folds = _folds()
    more = [
        (other, other)
        for low, high in ranges
        for code in (range(low, high + 1) if high - low < len(folds) else (c for c in folds if low <= c <= high))
        for other in folds.get(code, ())
    ]
    return joined((*ranges, *more)) if more else ranges


def _canonical(name: str) -> str:
    return name.translate(_WITHOUT).translate(_LOWER)


def _ranges(name: str) -> Ranges | None:
    listed = _names()[0]
    if name in listed:
        return joined(_range(text) for part in listed[name].split() for text in _steps(part))
    if name == "lc":
        members = ("ll", "lt", "lu")
    elif name in ("l", "m", "n", "p", "s", "z"):
        members = tuple(other for other in listed if len(other) == 2 and other[0] == name)
    else:
        members = ()
    return joined(each for member in members for each in _ranges(member) or ()) if members else None


def _steps(part: str) -> Iterable[str]:
    ends, _, step = part.partition("/")
    if not step:
        return (ends,)
    first, last = (int(end, 16) for end in ends.split("-"))
    return (f"{code:x}" for code in range(first, last + 1, int(step, 16)))


def _range(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    return int(first, 16), int(last or first, 16)


@lru_cache(maxsize=1)
def _lines() -> tuple[str, ...]:
    return tuple(line for line in _FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))


@lru_cache(maxsize=1)
def _names() -> tuple[dict[str, str], dict[str, str]]:
    # The ranges of each name as written, and which name means which other one.
    listed: dict[str, str] = {}
    aliases: dict[str, str] = {}
    for line in _lines():
        name, _, rest = line.partition(" ")
        if name == "=":
            alias, actual = rest.split()
            aliases[_canonical(alias)] = _canonical(actual)
        elif name != "~":
            listed[_canonical(name)] = rest
    return listed, aliases


@lru_cache(maxsize=1)
def _folds() -> dict[int, tuple[int, ...]]:
    found: dict[int, tuple[int, ...]] = {}
    for line in _lines():
        if line.startswith("~"):
            codes = tuple(int(code, 16) for code in line.split()[1:])
            found.update({code: tuple(other for other in codes if other != code) for code in codes})
    return found
