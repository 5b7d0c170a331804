"""Alerts that no route takes, and nobody gets."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject


def _run(subject: Subject) -> Iterator[Hit]:
    root = subject.routes[-1]
    if not subject.tells_somebody:
        yield Hit((*root.place, "receiver"), "no receiver has an integration: nobody is told of any alert")
    elif subject.silent(root.receiver) and subject.taken(root) is not None:
        yield Hit((*root.place, "receiver"), f"alerts that no route takes go to {root.receiver}, which tells nobody")


CHECK = check(
    _run,
    id="AP224",
    name="default-tells-nobody",
    severity="warning",
    summary="The default receiver tells nobody.",
    why="An alert with a misspelt or missing label disappears in silence. In production a stack without a "
    "default is refused.",
    mend="name a default receiver that people read",
)
