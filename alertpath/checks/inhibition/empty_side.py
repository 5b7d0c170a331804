"""Inhibition without conditions."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject


def _run(subject: Subject) -> Iterator[Hit]:
    for index, rule in enumerate(subject.config.inhibit_rules):
        for side, matchers in (("source", rule.source), ("target", rule.target)):
            if not matchers:
                yield Hit(("inhibit_rules", index), f"without {side}_matchers, every alert is its {side}")


CHECK = check(
    _run,
    id="AP305",
    name="empty-side",
    severity="error",
    summary="An inhibition rule has no matchers on one side, so that side is every alert.",
    why="Any alert silences the targets, or the source silences every alert: pages too.",
    mend="say which alerts are meant",
)
