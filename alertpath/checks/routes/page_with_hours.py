"""Pages that are silent at times."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject


def _run(subject: Subject) -> Iterator[Hit]:
    for route in subject.routes:
        if subject.pages(route.receiver):
            for key in ("mute_time_intervals", "active_time_intervals"):
                if names := getattr(route.route, key):
                    when = "in" if key.startswith("mute") else "outside of"
                    yield Hit((*route.place, key), f"{route.receiver} does not page {when} {', '.join(names)}")


CHECK = check(
    _run,
    id="AP205",
    name="page-with-hours",
    severity="warning",
    summary="A route that pages has mute or active intervals.",
    why="In those hours the page is lost, not delayed: a muted route still takes the alert, and no other one gets it.",
    mend="page at any time; let the on-call tool decide who is woken up, or send what can wait elsewhere",
)
