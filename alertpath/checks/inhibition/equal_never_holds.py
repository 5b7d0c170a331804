"""Inhibition that compares what always differs."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.alertmanager.config import InhibitRule
from alertpath.checks.base import Hit, check
from alertpath.checks.conditions import possible
from alertpath.checks.subject import Subject


def never(rule: InhibitRule) -> str:
    """A label of `equal` on which no source and target of `rule` can agree; "" where there is none."""
    for label in rule.equal:
        both = [matcher for matcher in (*rule.source, *rule.target) if matcher.label == label]
        if not possible(both):
            return label
    return ""


def _run(subject: Subject) -> Iterator[Hit]:
    for index, rule in enumerate(subject.config.inhibit_rules):
        if possible(rule.source) and possible(rule.target) and (label := never(rule)):
            yield Hit(("inhibit_rules", index, "equal"), f"no source and target can have the same {label}")


CHECK = check(
    _run,
    id="AP308",
    name="equal-never-holds",
    severity="error",
    summary="`equal` names a label on which the matchers of source and target contradict each other.",
    why="Nothing is ever silenced.",
    mend="take the label out of equal",
)
