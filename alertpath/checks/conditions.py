"""What conditions on labels leave possible: exact, or Undecided.

Values with line breaks are left out: nobody has them, and `.*`, which is meant to take everything, does not match them.
A conjunction of matchers is a condition on each label by itself, so it can be fulfilled iff each of them can.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
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


def left_over(
    conditions: Conditions, taken: Sequence[Conditions], spend: Callable[[int], None] = lambda _: None
) -> dict[str, str] | None:
    """Labels that fulfil `conditions` and none of `taken`; None: there are none. Raises Undecided.

    `spend` is told how much is computed, as a Budget counts it.
    """
    spend(1 + len(taken))
    related = [others for others in taken if possible((*conditions, *others))]
    todo = [(conditions, related)]
    for _ in range(_MOST_STEPS):
        if not todo:
            return None
        inside, outside = todo.pop()
        spend(1 + (len(inside) + len(outside)) // 4)
        found = example(inside)
        if found is None:
            continue
        blocking = next((i for i, others in enumerate(outside) if all(m.matches(found) for m in others)), None)
        if blocking is None:
            return found
        # Outside of it: the first condition fails, or it holds and the second fails, and so on.
        others = outside[blocking]
        rest = [*outside[:blocking], *outside[blocking + 1 :]]
        todo += [((*inside, *others[:at], negated(others[at])), rest) for at in reversed(range(len(others)))]
    if not todo:
        return None
    raise Undecided("too many routes overlap")


def negated(matcher: Matcher) -> Matcher:
    """Fulfilled by exactly the labels that do not fulfil `matcher`."""
    return Matcher(matcher.label, _NEGATED[matcher.op], matcher.value)


def _on(conditions: Conditions, label: str) -> Conditions:
    return tuple(matcher for matcher in conditions if matcher.label == label)
