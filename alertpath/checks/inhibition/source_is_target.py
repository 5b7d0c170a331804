"""Inhibition that does nothing."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.conditions import implies, possible
from alertpath.checks.subject import Subject


def _run(subject: Subject) -> Iterator[Hit]:
    for index, rule in enumerate(subject.config.inhibit_rules):
        same = implies(rule.target, rule.source) and implies(rule.source, rule.target)
        if same and rule.source and possible(rule.target):
            yield Hit(("inhibit_rules", index), "source and target are the same alerts, so nothing is ever silenced")


CHECK = check(
    _run,
    id="AP303",
    name="source-is-target",
    severity="error",
    summary="An inhibition rule has the same alerts as source and as target.",
    why="Alertmanager does not let an alert that fulfils both sides be silenced by another that does, so "
    "nothing is silenced.",
    mend="tell the two apart, for instance by severity",
)
