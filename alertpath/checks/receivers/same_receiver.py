"""Two receivers that are one."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject


def _run(subject: Subject) -> Iterator[Hit]:
    first: dict[str, str] = {}
    for index, receiver in enumerate(subject.config.receivers):
        if receiver.integrations:
            content = repr(sorted((name, list(entries)) for name, entries in receiver.integrations.items()))
            same = first.setdefault(content, receiver.name)
            if same != receiver.name:
                yield Hit(("receivers", index), f"{receiver.name} is the same as {same}")


CHECK = check(
    _run,
    id="AP409",
    name="same-receiver",
    severity="note",
    summary="Two receivers send the same to the same place.",
    why="A change of one is forgotten in the other; each route that moves between them notifies again.",
    mend="keep one of the two",
)
