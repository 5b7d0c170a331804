"""Rule files that cannot be checked."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject
from alertpath.documents.places import Spot


def _run(subject: Subject) -> Iterator[Hit]:
    for each in subject.rules.unreadable if subject.rules else ():
        yield Hit(Spot(each.file, each.line), each.reason)


CHECK = check(
    _run,
    id="AP501",
    name="rule-unreadable",
    severity="error",
    summary="A rule file cannot be read, or holds no rules.",
    why="Nothing in it is checked, and Prometheus may refuse it.",
    mend="correct the file; a chart's templates have to be rendered first",
)
