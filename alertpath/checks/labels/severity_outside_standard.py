"""Severities that the standard does not have."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check, of_alert
from alertpath.checks.fates import templated
from alertpath.checks.subject import TECHNICAL, Subject


def _run(subject: Subject) -> Iterator[Hit]:
    for alert in subject.rules.alerts if subject.rules and subject.severities else ():
        if alert.name in TECHNICAL:
            continue
        severity = alert.labels.get("severity", "")
        if severity and not templated(severity) and severity not in subject.severities:
            which = f"the severity {severity}, not {', '.join(subject.severities)}"
            yield of_alert(alert, f"has {which}", f"have {which}", label="severity")


CHECK = check(
    _run,
    id="AP503",
    name="severity-outside-standard",
    severity="error",
    summary="An alerting rule has a severity outside the label standard.",
    why="No route is made for it, and inhibition and colours do not know it.",
    mend="use a severity of routing.severities, or add it there",
)
