"""Fields that the versions in use do not know."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject
from alertpath.checks.surroundings.refusals import hits


def _run(subject: Subject) -> Iterator[Hit]:
    return hits(subject, "unknown-to-version")


CHECK = check(
    _run,
    id="AP102",
    name="unknown-to-version",
    severity="error",
    summary="A field or function needs a newer Alertmanager or Prometheus Operator than the stack runs.",
    why="Alertmanager refuses fields that it does not know; the operator refuses them or drops them in silence.",
    mend="leave the field out, or upgrade and raise the version in the settings",
)
