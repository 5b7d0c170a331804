"""`$(NAME)` in a configuration."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject
from alertpath.checks.surroundings.refusals import hits


def _run(subject: Subject) -> Iterator[Hit]:
    return hits(subject, "expanded-variable")


CHECK = check(
    _run,
    id="AP103",
    name="expanded-variable",
    severity="error",
    summary="A text holds `$(NAME)`, which the operator's config-reloader replaces by an environment variable.",
    why="Alertmanager gets another text than the one that was reviewed, often an empty one.",
    mend="write it otherwise, in a regex as `[$](NAME)`",
)
