"""Messages that go out before their group is complete."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.conditions import implies
from alertpath.checks.subject import Subject


def _run(subject: Subject) -> Iterator[Hit]:
    for route in subject.routes:
        if route.route.group_wait != 0 or subject.pages(route.receiver) or subject.technical(route):
            continue
        if subject.chats(route.receiver) and not implies(route.path, (subject.critical,)):
            yield Hit((*route.place, "group_wait"), f"{route.receiver} gets the first alert of each group alone")


CHECK = check(
    _run,
    id="AP219",
    name="no-group-wait",
    severity="warning",
    summary="A route for alerts that do not page has group_wait: 0s.",
    why="The first alert goes out alone, and all that fire with it follow a group_interval later: two "
    "messages for one fault.",
    mend="keep group_wait: 0s for pages, and wait 30s elsewhere",
)
