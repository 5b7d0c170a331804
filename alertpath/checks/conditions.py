"""What conditions on labels leave possible: exact, or Undecided.

Values with line breaks are left out: nobody has them, and `.*`, which is meant to take everything, does not match them.
A conjunction of matchers is a condition on each label by itself, so it can be fulfilled iff each of them can.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from alertpath.alertmanager.matchers import Matcher, Op
from alertpath.semantics import regexes
from alertpath.semantics.automata import Undecided, witness
from alertpath.semantics.label_sets import find

Conditions = tuple[Matcher, ...]
_NEGATED: Final[Mapping[Op, Op]] = {"=": "!=", "!=": "=", "=~": "!~", "!~": "=~"}
_MOST_STEPS: Final = 2_000
_ONE_LINE: Final = frozenset((r"[^\n]*",))

__all__ = ["Conditions", "Undecided", "allowed", "example", "forbids_absence", "implies", "left_over", "possible"]


def by_label(conditions: Iterable[Matcher]) -> dict[str, Conditions]:
    """The conditions on each label."""
    found: dict[str, Conditions] = {}
    for matcher in conditions:
        found[matcher.label] = (*found.get(matcher.label, ()), matcher)
    return found


@lru_cache(maxsize=1 << 16)
def allowed(conditions: Conditions) -> frozenset[str] | None:
    """The values of their one label that fulfil all `conditions`; None: infinitely many, or too many to list."""
    for matcher in conditions:
        values = frozenset((matcher.value,)) if matcher.op == "=" else None
        if matcher.op == "=~":
            values = regexes.words(matcher.value)
        if values is not None:
            return frozenset(value for value in values if all(m.matches({m.label: value}) for m in conditions))
    return None


@lru_cache(maxsize=1 << 16)
def _value(conditions: Conditions) -> str | None:
    # A value of their one label that fulfils all; None: there is none.
    if (values := allowed(conditions)) is not None:
        return min(values, default=None)
    if all(matcher.matches({}) for matcher in conditions):
        return ""
    return witness(_of(conditions, "=~") | _ONE_LINE, _of(conditions, "!~"), _of(conditions, "!="))


def example(conditions: Iterable[Matcher]) -> dict[str, str] | None:
    """Labels that fulfil all `conditions` and have no other labels; None: no labels do. Raises Undecided."""
    found: dict[str, str] = {}
    for label, some in by_label(conditions).items():
        if (value := _value(some)) is None:
            return None
        if value:
            found[label] = value
    return found


def possible(conditions: Iterable[Matcher]) -> bool:
    """Whether labels exist that fulfil all `conditions`; True where that is not known."""
    try:
        return all(map(_has_value, by_label(conditions).values()))
    except Undecided:
        return True


@lru_cache(maxsize=1 << 16)
def _has_value(conditions: Conditions) -> bool:
    # As `_value`, but any text that comes to mind will do.
    if (values := allowed(conditions)) is not None:
        return bool(values)
    if all(matcher.matches({}) for matcher in conditions):
        return True
    return find(_of(conditions, "=~") | _ONE_LINE, _of(conditions, "!~"), _of(conditions, "!=")) is not None


def _of(conditions: Conditions, op: Op) -> frozenset[str]:
    return frozenset(matcher.value for matcher in conditions if matcher.op == op)


def implies(conditions: Conditions, others: Iterable[Matcher]) -> bool:
    """Whether labels that fulfil all `conditions` always fulfil all `others`; False where that is not known."""
    return not any(possible((*_on(conditions, other.label), negated(other))) for other in others)


def forbids_absence(conditions: Iterable[Matcher], label: str) -> bool:
    """Whether `conditions` can only be fulfilled by labels that have `label`."""
    return any(matcher.label == label and not matcher.matches({}) for matcher in conditions)


def left_over(conditions: Conditions, taken: Sequence[Conditions]) -> dict[str, str] | None:
    """Labels that fulfil `conditions` and none of `taken`; None: there are none. Raises Undecided."""
    steps = [0]
    related = [others for others in taken if possible((*conditions, *others))]
    return next(_remainders(conditions, related, steps), None)


def negated(matcher: Matcher) -> Matcher:
    """Fulfilled by exactly the labels that do not fulfil `matcher`."""
    return Matcher(matcher.label, _NEGATED[matcher.op], matcher.value)


def _on(conditions: Conditions, label: str) -> Conditions:
    return tuple(matcher for matcher in conditions if matcher.label == label)


def _remainders(conditions: Conditions, taken: Sequence[Conditions], steps: list[int]) -> Iterator[dict[str, str]]:
    steps[0] += 1
    if steps[0] > _MOST_STEPS:
        raise Undecided("too many routes overlap")
    found = example(conditions)
    if found is None:
        return
    blocking = next((i for i, others in enumerate(taken) if all(m.matches(found) for m in others)), None)
    if blocking is None:
        yield found
        return
    # Outside of it: the first condition fails, or it holds and the second fails, and so on.
    others = taken[blocking]
    rest = [*taken[:blocking], *taken[blocking + 1 :]]
    for index, matcher in enumerate(others):
        yield from _remainders((*conditions, *others[:index], negated(matcher)), rest, steps)
