"""Critical alerts that wake nobody up."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.conditions import implies
from alertpath.checks.subject import Subject


def _run(subject: Subject) -> Iterator[Hit]:
    if not subject.production:
        return
    for route in subject.routes:
        if subject.chats(route.receiver) and implies(route.path, (subject.critical,)):
            labels = subject.taken(route)
            if labels is not None and not any(subject.may_page(each.receiver) for each in subject.router.match(labels)):
                yield Hit(route.place, f"critical alerts go to {route.receiver} alone, which pages nobody")


CHECK = check(
    _run,
    id="AP206",
    name="critical-to-chat-alone",
    severity="warning",
    summary="In production, a route for critical alerts writes messages only.",
    why="Nobody reads a channel at night: what must not wait has to page.",
    mend="add a receiver that pages, by itself or before this route with continue: true",
)
