"""Critical alerts that cannot page."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import TECHNICAL, Subject


def _run(subject: Subject) -> Iterator[Hit]:
    for fate in subject.fates if subject.has_pages and subject.knows_critical else ():
        alert = fate.alert
        if fate.severity == subject.critical.value and not fate.pages and alert.name not in TECHNICAL:
            message = f"{alert.name} is critical and goes to {fate.receiver}"
            yield Hit(alert.at(), message, alike=f"critical alerts go to {fate.receiver}", about=alert.name)


CHECK = check(
    _run,
    id="AP506",
    name="critical-alert-without-page",
    severity="warning",
    summary="No route that pages takes this critical alert.",
    why="Its author believes that somebody is woken up.",
    mend="name its service in a catalog with a receiver that pages, or lower its severity",
)
