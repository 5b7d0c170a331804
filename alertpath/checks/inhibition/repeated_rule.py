"""Inhibition that another rule covers."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.alertmanager.config import InhibitRule
from alertpath.checks.base import Hit, check
from alertpath.checks.conditions import implies, possible
from alertpath.checks.subject import Subject


def _run(subject: Subject) -> Iterator[Hit]:
    rules = subject.config.inhibit_rules
    for index, rule in enumerate(rules):
        for at, other in enumerate(rules):
            if at != index and _covers(other, rule) and (at < index or not _covers(rule, other)):
                yield Hit(("inhibit_rules", index), f"rule {at + 1} of inhibit_rules silences at least the same alerts")
                break


def _covers(one: InhibitRule, other: InhibitRule) -> bool:
    if not (possible(other.source) and possible(other.target) and set(one.equal) <= set(other.equal)):
        return False
    # Alerts on both sides of a rule are an exception of their own.
    if possible((*one.source, *one.target)):
        return one.source == other.source and one.target == other.target
    return implies(other.source, one.source) and implies(other.target, one.target)


CHECK = check(
    _run,
    id="AP307",
    name="repeated-rule",
    severity="note",
    summary="Another inhibition rule silences at least the same alerts.",
    why="Whoever removes or changes one of the two sees no effect.",
    mend="remove one of the two",
)
