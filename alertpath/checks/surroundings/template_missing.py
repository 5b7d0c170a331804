"""Templates that are used and not defined."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject
from alertpath.checks.surroundings.template_fault import hits


def _run(subject: Subject) -> Iterator[Hit]:
    if subject.templates is not None:
        yield from hits(subject, undefined=True)


CHECK = check(
    _run,
    id="AP110",
    name="template-missing",
    severity="error",
    summary="A receiver or template uses a template that no file defines.",
    why="The notification fails when it is rendered, at the moment when it is needed; Alertmanager loads it "
    "all the same.",
    mend="define it, add the file that does to `templates`, or correct the name",
)
