"""Inhibition across everything."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject, is_technical


def _run(subject: Subject) -> Iterator[Hit]:
    for index, rule in enumerate(subject.config.inhibit_rules):
        # Without a source it is another check's.
        if rule.source and not rule.equal and not is_technical(rule.target):
            yield Hit(("inhibit_rules", index), "its targets are silenced wherever they come from")


CHECK = check(
    _run,
    id="AP304",
    name="inhibits-everywhere",
    severity="warning",
    summary="An inhibition rule has no `equal`.",
    why="One source silences all targets, in every namespace and cluster, for as long as it fires.",
    mend="name the labels on which the two alerts must agree, such as namespace and service",
)
