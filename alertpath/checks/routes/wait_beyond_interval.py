"""First notifications that wait longer than later ones."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject


def _run(subject: Subject) -> Iterator[Hit]:
    for route in subject.routes:
        own = [key for key in ("group_wait", "group_interval") if getattr(route.route, key) is not None]
        if own and route.group_wait > route.group_interval and not subject.silent(route.receiver):
            yield Hit((*route.place, own[0]), "the first notification waits longer than the next one")


CHECK = check(
    _run,
    id="AP230",
    name="wait-beyond-interval",
    severity="note",
    summary="group_wait is longer than group_interval.",
    why="New alerts of a group that exists are told sooner than the first one; usually the two are mixed up.",
    mend="make group_wait the shorter one",
)
