"""Repetition that cannot be kept."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject
from alertpath.checks.surroundings.refusals import hits


def _run(subject: Subject) -> Iterator[Hit]:
    return hits(subject, "repeat-below-interval")


CHECK = check(
    _run,
    id="AP216",
    name="repeat-below-interval",
    severity="error",
    summary="repeat_interval is below group_interval.",
    why="Alertmanager looks at a group once each group_interval, so it cannot repeat more often.",
    mend="raise repeat_interval or lower group_interval",
)
