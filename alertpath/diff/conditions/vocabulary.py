"""What the conditions of a configuration ask of one label: words and regexes, and which of them can meet.

Thousands of regexes are usually of as many services, so that none has a text in common with another one: groups of
those that may have are found by how they begin or end, and a few that meet many others are kept apart.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from typing import Final, final

from alertpath.alertmanager.unicode_tables import LAST
from alertpath.semantics import regexes
from alertpath.semantics.label_sets import Condition

_FEW: Final = 8
"""A regex whose beginning that of more other ones begins with is in no group."""
_BEYOND: Final = chr(LAST)


@final
class Vocabulary:
    """The words and regexes of some conditions on one label."""

    def __init__(self, conditions: Iterable[Condition]) -> None:
        words = set[str]()
        patterns = set[str]()
        for condition in conditions:
            if condition.words is None:
                patterns.add(condition.regex)
            else:
                words |= condition.words
        self.groups: Final = _groups(patterns)
        """A number for each regex: no text matches two of different numbers. Those without one may meet any other."""
        self.words: Final = frozenset(words)
        self._words: Final = sorted(words)
        self._matching: Final[dict[str, tuple[str, ...]]] = {}

    @cached_property
    def group_of(self) -> dict[str, int]:
        """For each word that matches a regex of a group the group's number."""
        return {word: group for regex, group in self.groups.items() for word in self.matching(regex)}

    def matching(self, regex: str) -> tuple[str, ...]:
        """The words that match a regex."""
        if (found := self._matching.get(regex)) is None:
            known = regexes.ends(regex)
            if "" not in known.begins:
                candidates = {word for begin in known.begins for word in _beginning(self._words, begin)}
            elif "" not in known.ends:
                candidates = {word[::-1] for end in known.ends for word in _beginning(self._reversed, end[::-1])}
            else:
                candidates = self._words
            found = self._matching[regex] = tuple(sorted(w for w in candidates if regexes.matches(regex, w)))
        return found

    @cached_property
    def _reversed(self) -> list[str]:
        return sorted(word[::-1] for word in self._words)


def _beginning(texts: list[str], begin: str) -> Iterator[str]:
    at = bisect_left(texts, begin)
    while at < len(texts) and texts[at].startswith(begin):
        yield texts[at]
        at += 1


def _groups(patterns: Collection[str]) -> dict[str, int]:
    by_opening = _linked({pattern: regexes.ends(pattern).opening for pattern in patterns})
    if len(by_opening) == len(patterns):
        return by_opening
    closing = {pattern: tuple(text[::-1] for text in regexes.ends(pattern).closing) for pattern in patterns}
    return max(by_opening, _linked(closing), key=len)


def _linked(openings: dict[str, tuple[str, ...]]) -> dict[str, int]:
    # Groups of those with an opening text that begins another one's, without those that would hold too many together.
    texts = sorted(text for some in openings.values() for text in some)
    leaders = {
        pattern: pattern
        for pattern, some in openings.items()
        if all(text and bisect_left(texts, text + _BEYOND) - bisect_left(texts, text) <= _FEW + 1 for text in some)
    }

    def leader(pattern: str) -> str:
        while leaders[pattern] != pattern:
            leaders[pattern] = pattern = leaders[leaders[pattern]]
        return pattern

    begun: list[tuple[str, str]] = []
    for text, one in sorted((text, pattern) for pattern in leaders for text in openings[pattern]):
        while begun and not text.startswith(begun[-1][0]):
            begun.pop()
        if begun:
            leaders[leader(one)] = leader(begun[-1][1])
        begun.append((text, one))
    numbers: dict[str, int] = {}
    return {pattern: numbers.setdefault(leader(pattern), len(numbers)) for pattern in sorted(leaders)}
