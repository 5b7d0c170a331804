"""Groups of one alert each."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.alertmanager.config import GROUP_BY_ALL
from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject


def _run(subject: Subject) -> Iterator[Hit]:
    for route in subject.routes:
        given = route.route.group_by
        if given is None or GROUP_BY_ALL not in given or subject.technical(route):
            continue
        if subject.chats(route.receiver) or subject.pages(route.receiver):
            yield Hit((*route.place, "group_by"), f"{route.receiver} gets each alert by itself")


CHECK = check(
    _run,
    id="AP221",
    name="grouped-by-everything",
    severity="warning",
    summary="Alerts are grouped by all labels, so that each is a notification of its own.",
    why="One fault of a cluster becomes hundreds of messages or incidents, just when people need to see the "
    "one that matters.",
    mend="name the labels that tell faults apart, such as alertname, service and namespace",
)
