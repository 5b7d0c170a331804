"""Pages that wait."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.alertmanager.durations import text
from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject

_LONG = 300_000


def _run(subject: Subject) -> Iterator[Hit]:
    for route in subject.routes:
        given = route.route.group_wait is not None or route.route.receiver is not None
        if given and subject.pages(route.receiver) and route.group_wait >= _LONG:
            yield Hit(route.place, f"{route.receiver} pages {text(route.group_wait)} after an alert fires")


CHECK = check(
    _run,
    id="AP220",
    name="slow-page",
    severity="warning",
    summary="A route that pages waits five minutes or more before the first notification.",
    why="That time is added to every incident.",
    mend="lower group_wait: 0s to 30s for pages",
)
