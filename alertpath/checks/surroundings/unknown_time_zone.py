"""Time zones that do not exist."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject
from alertpath.checks.surroundings.refusals import hits


def _run(subject: Subject) -> Iterator[Hit]:
    return hits(subject, "unknown-time-zone")


CHECK = check(
    _run,
    id="AP105",
    name="unknown-time-zone",
    severity="error",
    summary="A time interval names a time zone that the IANA database does not have.",
    why="Alertmanager refuses the whole configuration.",
    mend="use a name such as Asia/Seoul or UTC",
)
