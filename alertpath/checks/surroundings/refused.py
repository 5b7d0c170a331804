"""What Alertmanager or the Prometheus Operator would refuse."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject
from alertpath.checks.surroundings.refusals import hits


def _run(subject: Subject) -> Iterator[Hit]:
    return hits(subject, "")


CHECK = check(
    _run,
    id="AP101",
    name="refused",
    severity="error",
    summary="Alertmanager or the Prometheus Operator would refuse the configuration, or read it otherwise than "
    "it is written.",
    why="A refused configuration leaves the old one running until the pods restart, and then they do not start.",
    mend="write what the message allows",
)
