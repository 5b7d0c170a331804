"""Inhibition by any alert."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject, is_technical


def _run(subject: Subject) -> Iterator[Hit]:
    for index, rule in enumerate(subject.config.inhibit_rules):
        # With `equal` it may be meant: whatever fires in a namespace silences what matters less there.
        if not rule.source and rule.target and not rule.equal and not is_technical(rule.target):
            yield Hit(("inhibit_rules", index), "without source_matchers, every alert is its source")


CHECK = check(
    _run,
    id="AP305",
    name="empty-side",
    severity="error",
    summary="An inhibition rule has neither source_matchers nor `equal`.",
    why="Any alert silences the targets. Watchdog always fires, so nobody is ever told of them.",
    mend="say which alerts are its source; to drop its targets, route them to a receiver that tells nobody",
)
