"""Alerts that nobody is responsible for."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check, of_alert
from alertpath.checks.subject import TECHNICAL, Subject


def _run(subject: Subject) -> Iterator[Hit]:
    root = subject.routes[-1]
    # Without a standard, the default receiver may well be meant for most alerts.
    meant = subject.standard is None and not subject.silent(root.receiver)
    for fate in subject.fates if root.route.routes else ():
        alert = fate.alert
        if meant and fate.receiver == root.receiver:
            continue
        critical = subject.has_pages and fate.severity == subject.critical.value
        if not fate.told and not critical and alert.name not in TECHNICAL:
            where = "the default receiver" if fate.receiver == root.receiver else "nobody:"
            yield of_alert(alert, f"goes to {where} {fate.receiver}", f"go to {where} {fate.receiver}")


CHECK = check(
    _run,
    id="AP505",
    name="alert-to-default",
    severity="warning",
    summary="An alert can only end at the default receiver, or at one that tells nobody.",
    why="No team has claimed it: it goes to the channel for what is forgotten, whatever its severity.",
    mend="name its service or namespace in a catalog, or correct its labels",
)
