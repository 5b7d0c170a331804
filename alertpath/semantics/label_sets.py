"""Sets of values of one label, and classes of label sets: for each label a set of values, all others as they like."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import combinations
from typing import Final, final

from alertpath.alertmanager.matchers import Matcher
from alertpath.semantics import regexes
from alertpath.semantics.automata import Undecided, witness

_NOTHING: Final = frozenset[str]()
_FEW: Final = 6
_MOST_ROUNDS: Final = 24
_EFFORT: Final = 20_000
_PIECE: Final = re.compile(r"(?<!\\)[\w-]+")


@final
@dataclass(frozen=True, slots=True)
class Values:
    """Values of one label; "" is its absence.

    `one_of`: these and no others, and the other fields are empty. None: all that match each regex of `like`, none of
    `unlike`, and are not in `none_of`.
    """

    one_of: frozenset[str] | None = None
    none_of: frozenset[str] = _NOTHING
    like: frozenset[str] = _NOTHING
    unlike: frozenset[str] = _NOTHING

    def __contains__(self, value: str) -> bool:
        if self.one_of is not None:
            return value in self.one_of
        if value in self.none_of:
            return False
        # Plain loops: there may be thousands, and this is asked often.
        for regex in self.like:
            if not regexes.matches(regex, value):
                return False
        for regex in self.unlike:  # noqa: SIM110
            if regexes.matches(regex, value):
                return False
        return True

    def example(self) -> str | None:
        """One of them, not "" where another one comes to mind; None: there is none. Raises Undecided."""
        if self.one_of is not None:
            return max(sorted(self.one_of, reverse=True), key=bool, default=None)
        guesses = _words(self.like) if self.like else _ORDINARY
        if (word := next((word for word in guesses if word in self), None)) is not None:
            return word
        absent = "" in self
        try:
            found = _witness(self.like, self.unlike, self.none_of | {""})
        except Undecided:
            if absent:
                return ""
            raise
        return "" if absent and (found is None or not found.isprintable()) else found

    def fit(self, condition: Condition) -> bool | None:
        """Whether all of them fulfil a condition; False: none does; None: some do, or it is not known. Always quick."""
        words, regex = condition.words, condition.regex
        if self.one_of is not None:
            first: bool | None = None
            for value in self.one_of:
                allowed = condition.allows(value)
                if first is None:
                    first = allowed
                elif first != allowed:
                    return None
            return bool(first)
        if words is not None:
            inside = None if any(word in self for word in words) else False
        elif regex in self.like:
            inside = True
        elif regex in self.unlike:
            inside = False
        else:
            inside = None
            if self.like and not _anywhere(regex):
                for other in self.like:
                    if _two_apart(regex, other):
                        inside = False
        return inside if inside is None or condition.positive else not inside

    def with_all(self, conditions: Iterable[Condition], *, holds: bool = True) -> Values:
        """Those that fulfil all of the conditions, or (`holds` is False) none of them. Always quick."""
        one_of, none_of, like, unlike = self.one_of, set(self.none_of), set(self.like), set(self.unlike)
        for condition in conditions:
            if one_of is not None:
                one_of = frozenset(value for value in one_of if condition.allows(value) == holds)
            elif condition.positive == holds:
                if condition.words is None:
                    like.add(condition.regex)
                else:
                    before = Values(None, frozenset(none_of), frozenset(like), frozenset(unlike))
                    one_of = frozenset(word for word in condition.words if word in before)
            elif condition.words is None:
                unlike.add(condition.regex)
            else:
                none_of |= condition.words
        if one_of is not None:
            return Values(one_of)
        return Values(None, frozenset(none_of), frozenset(like), frozenset(unlike))

    def narrowed(self, condition: Condition, *, holds: bool = True) -> Values:
        """Those that fulfil a condition, or do not."""
        if self.one_of is not None:
            return Values(frozenset(value for value in self.one_of if condition.allows(value) == holds))
        inside = condition.positive == holds
        if condition.words is not None:
            words = frozenset(word for word in condition.words if word in self)
            return Values(words) if inside else Values(None, self.none_of | words, self.like, self.unlike)
        regex = frozenset((condition.regex,))
        if inside:
            unlike = frozenset(other for other in self.unlike if overlap(other, condition.regex))
            return Values(None, self.none_of, self.like | regex, unlike)
        if any(not overlap(other, condition.regex) for other in self.like):
            return self
        return Values(None, self.none_of, self.like, self.unlike | regex)

    def empty(self) -> bool:
        """Whether there are none. Raises Undecided."""
        if self.one_of is not None:
            return not self.one_of
        return bool(self.like or self.unlike) and find(self.like, self.unlike, self.none_of) is None

    def united(self, other: Values) -> Values | None:
        """What is in either; None: not one set of this form, because of regexes."""
        if self == other:
            return self
        if (self.like, self.unlike) != (other.like, other.unlike) or (self.like or self.unlike):
            finite, rest = (self, other) if self.one_of is not None else (other, self)
            if finite.one_of is None or rest.one_of is not None:
                return None
            # Excluded words that the finite set brings back.
            inside = Values(None, _NOTHING, rest.like, rest.unlike)
            if not all(value in inside for value in finite.one_of):
                return None
            return Values(None, rest.none_of - finite.one_of, rest.like, rest.unlike)
        match self.one_of, other.one_of:
            case None, None:
                return Values(None, self.none_of & other.none_of)
            case None, some:
                return Values(None, self.none_of - (some or _NOTHING))
            case some, None:
                return Values(None, other.none_of - some)
            case some, more:
                return Values(some | more)


EVERY: Final = Values()
_ORDINARY: Final = ("other", "x", "0")
"""Values that come to mind."""


def _words(patterns: Iterable[str]) -> list[str]:
    # Something that a person could have meant: the fixed beginning and end of a regex.
    found: list[str] = []
    for pattern in sorted(patterns):
        known = regexes.ends(pattern)
        found += [begin + middle + end for middle in ("", "x") for begin in known.begins[:2] for end in known.ends[:2]]
    return [word for word in found if word]


@final
@dataclass(frozen=True, slots=True)
class Where:
    """A class of label sets: those whose value of each of these labels lies in its set. Sorted by label."""

    labels: tuple[tuple[str, Values], ...] = ()

    def __contains__(self, labels: Mapping[str, str]) -> bool:
        return all(labels.get(name, "") in values for name, values in self.labels)

    def example(self) -> dict[str, str] | None:
        """One of them, with no labels that do not matter; None: there is none. Raises Undecided."""
        found: dict[str, str] = {}
        for name, values in self.labels:
            value = values.example()
            if value is None:
                return None
            if value:
                found[name] = value
        return found


@final
@dataclass(frozen=True, slots=True)
class Class:
    """The label sets that are in `where`, but in none of `exceptions`."""

    where: Where = Where()
    exceptions: tuple[Where, ...] = ()

    def __contains__(self, labels: Mapping[str, str]) -> bool:
        return labels in self.where and not any(labels in exception for exception in self.exceptions)


@final
@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """A matcher as a set of values: that are (`positive`), or are not, among `words` or, where that is None, `regex`.

    Made by `condition` alone: equal ones are the same object.
    """

    label: str
    words: frozenset[str] | None
    regex: str
    positive: bool

    def allows(self, value: str) -> bool:
        """Whether a value fulfils it."""
        inside = value in self.words if self.words is not None else regexes.matches(self.regex, value)
        return inside == self.positive


@cache
def condition(matcher: Matcher) -> Condition:
    """The condition that a matcher sets."""
    positive = matcher.op in ("=", "=~")
    words = regexes.words(matcher.value) if matcher.op in ("=~", "!~") else frozenset((matcher.value,))
    return Condition(matcher.label, words, "" if words is not None else matcher.value, positive)


def find(like: frozenset[str], unlike: frozenset[str], none_of: frozenset[str]) -> str | None:
    """A value that matches all of `like`, none of `unlike` and is not in `none_of`; None: there is none.

    Raises Undecided.
    """
    if _apart(like):
        return None
    if like:
        # What cannot matter is left out, for there may be thousands.
        unlike = frozenset(other for other in unlike if not any(_apart(frozenset((other, regex))) for regex in like))
        for regex in like:
            begins = regexes.ends(regex).begins
            none_of = frozenset(value for value in none_of if value.startswith(begins))
    return _witness(like, unlike, none_of)


def _witness(like: frozenset[str], unlike: frozenset[str], none_of: frozenset[str]) -> str | None:
    # A text that happens to fit proves as much as automata do, also where there are none.
    wanted = Values(None, none_of, like, unlike)
    if (text := next((text for text in _guesses(like) if text in wanted), None)) is not None:
        return text
    try:
        return _of_automata(like, unlike, none_of)
    except Undecided:
        pieces = {piece for pattern in like | unlike for piece in _PIECE.findall(pattern)}
        for text in sorted({"0", "A", *pieces, *(f"{piece}.x" for piece in pieces)}):
            if text in wanted:
                return text
        raise


def _of_automata(like: frozenset[str], unlike: frozenset[str], none_of: frozenset[str]) -> str | None:
    # Of many regexes that must not match, few matter: those that matched a text that was found without them.
    if len(unlike) <= _FEW:
        return witness(like, unlike, none_of)
    asked: list[str] = []
    left = sorted(unlike, key=lambda regex: (len(regex), regex))
    for _ in range(_MOST_ROUNDS):
        text = witness(like, frozenset(asked), none_of, _EFFORT // (1 + len(asked)))
        if text is None:
            return None
        hits = [regex for regex in left if regexes.matches(regex, text)]
        if not hits:
            return text
        asked.append(hits[0])
        left.remove(hits[0])
    raise Undecided("too many regexes matter")


def _guesses(like: frozenset[str]) -> Iterator[str]:
    if not like:
        yield "other"
    yield from _words(like)
    for pattern in like:
        yield from _PIECE.findall(pattern)
    # `api-.*` and `.*-db` meet in `api-db`, `.*-a-.*` and `.*-b-.*` in `-a--b-`.
    known = [regexes.ends(pattern) for pattern in like]
    begin = max((text for each in known for text in each.begins), key=len, default="")
    ends = sorted({text for each in known for text in each.ends})
    for end in ends:
        yield begin + (end[1:] if end and begin.endswith(end[0]) else end)
    if len(like) > 1:
        middle = "".join(max(_PIECE.findall(pattern), key=len, default="") for pattern in sorted(like))
        for end in ends:
            yield begin + middle + end


def overlap(one: str, other: str) -> bool:
    """Whether a value may match both regexes; True also where that is not known."""
    both = frozenset((one, other))
    if _apart(both):
        return False
    if any(all(regexes.matches(regex, text) for regex in both) for text in _guesses(both)):
        return True
    try:
        return witness(both, _NOTHING, _NOTHING) is not None
    except Undecided:
        return True


def _apart(patterns: frozenset[str]) -> bool:
    # Quickly: whether two of them demand different beginnings, or ends.
    return len(patterns) > 1 and any(_two_apart(one, other) for one, other in combinations(sorted(patterns), 2))


@lru_cache(maxsize=1 << 16)
def _anywhere(regex: str) -> bool:
    # Whether nothing is known of how its matches begin and end.
    known = regexes.ends(regex)
    return "" in known.opening and "" in known.closing


@lru_cache(maxsize=1 << 18)
def _two_apart(one: str, other: str) -> bool:
    first, second = regexes.ends(one), regexes.ends(other)
    for a in first.opening:
        if a.startswith(second.opening) or any(b.startswith(a) for b in second.opening):
            break
    else:
        return True
    return not any(a.endswith(b) or b.endswith(a) for a in first.closing for b in second.closing)
