"""Pages of two clusters that are one incident."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from alertpath.alertmanager.config import GROUP_BY_ALL
from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject

# A label that says in which of several clusters something runs.
_PLACE: Final = re.compile(
    r"(?i)(?:^|[_-])(?:cluster(?:[_-]?(?:id|name))?|env(?:ironment)?|installation|region|zone|site|dc|datacenter|stage|"
    r"tenant|customer|project|account|prometheus|monitor|replica)(?:$|[_-])"
)


def _run(subject: Subject) -> Iterator[Hit]:
    told: set[str] = set()
    for route in subject.routes:
        receiver = subject.receivers.get(route.receiver)
        if receiver is None or receiver.name in told or not subject.pages(receiver.name):
            continue
        if GROUP_BY_ALL in route.group_by or any(map(_PLACE.search, route.group_by)):
            continue
        if not subject.external.keys().isdisjoint(route.group_by):
            continue
        told.add(receiver.name)
        yield Hit(
            route.place,
            f"{receiver.name} pages by {', '.join(route.group_by) or 'nothing'}: clusters cannot be told apart",
        )


CHECK = check(
    _run,
    id="AP210",
    name="shared-incident-key",
    severity="warning",
    summary="Pages are grouped without cluster or environment.",
    why="PagerDuty and Opsgenie know an incident by its group: two clusters that page with one key resolve "
    "each other's incidents.",
    mend="set external_labels.cluster (and give Prometheus the same), or group by a label that tells the "
    "clusters apart",
)
