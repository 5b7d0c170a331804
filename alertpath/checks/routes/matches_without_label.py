"""Conditions that alerts without the label fulfil too."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.conditions import forbids_absence
from alertpath.checks.subject import Subject

# These are on every alert.
_ALWAYS = frozenset(("alertname",))


def _run(subject: Subject) -> Iterator[Hit]:
    for place, matchers, above in subject.conditions():
        for matcher in matchers:
            if matcher.label in _ALWAYS or not matcher.matches({}) or (matcher.op == "=" and not matcher.value):
                continue
            if matcher.label in subject.external or forbids_absence((*matchers, *above), matcher.label):
                continue
            yield Hit(place, f"{matcher} also matches alerts without the label {matcher.label}")


CHECK = check(
    _run,
    id="AP211",
    name="matches-without-label",
    severity="warning",
    summary="A matcher also matches alerts that do not have the label.",
    why="An absent label counts as empty: != and .* take alerts that were never meant, such as those of other teams.",
    mend="add a matcher for the label's presence, LABEL!='' , or name the values that are meant",
)
