"""Inhibition that no alert fulfils."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.conditions import possible
from alertpath.checks.subject import Subject


def _run(subject: Subject) -> Iterator[Hit]:
    for index, rule in enumerate(subject.config.inhibit_rules):
        for side, matchers in (("source_matchers", rule.source), ("target_matchers", rule.target)):
            if not possible(matchers):
                yield Hit(("inhibit_rules", index, side), "no alert can fulfil them", " and ".join(map(str, matchers)))


CHECK = check(
    _run,
    id="AP306",
    name="contradictory-side",
    severity="error",
    summary="The matchers of one side of an inhibition rule exclude each other.",
    why="The rule never does anything.",
    mend="correct the values",
)
