"""Receivers that no route names."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject


def _run(subject: Subject) -> Iterator[Hit]:
    used = {route.receiver for route in subject.routes}
    for index, receiver in enumerate(subject.config.receivers):
        if receiver.name not in used:
            yield Hit(("receivers", index), f"no route names the receiver {receiver.name}")


CHECK = check(
    _run,
    id="AP401",
    name="unused-receiver",
    severity="warning",
    summary="No route names this receiver.",
    why="Its credential has to be kept and rotated for nothing, and readers believe that somebody is told.",
    mend="remove it, or name it in a route",
)
