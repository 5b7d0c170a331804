"""Conditions that hold anyway."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.conditions import implies, possible
from alertpath.checks.subject import Subject


def _run(subject: Subject) -> Iterator[Hit]:
    for place, matchers, above in subject.conditions():
        for index, matcher in enumerate(matchers):
            others = (*above, *matchers[:index], *matchers[index + 1 :])
            same = tuple(other for other in others if other.label == matcher.label)
            # Of two that say the same, the later one.
            if matcher in matchers[index + 1 :] or not same or not possible(same):
                continue
            if implies(same, (matcher,)):
                yield Hit(place, f"{matcher} holds anyway: {' and '.join(map(str, same))}")


CHECK = check(
    _run,
    id="AP222",
    name="repeated-matcher",
    severity="note",
    summary="A matcher says what others of the route, or of the routes above it, say already.",
    why="It looks like a restriction and is none; it is also a part of the group key, and so of open incidents.",
    mend="remove it when nothing is firing, since the group key changes",
)
