"""Alerts without the labels of the standard."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check, of_alert
from alertpath.checks.subject import TECHNICAL, Subject


def _run(subject: Subject) -> Iterator[Hit]:
    for alert in subject.rules.alerts if subject.rules else ():
        if alert.name in TECHNICAL:
            continue
        for label in subject.standard.required if subject.standard else ():
            if label not in alert.labels and label not in subject.external:
                yield of_alert(alert, f"has no label {label}", f"have no label {label}")


CHECK = check(
    _run,
    id="AP502",
    name="label-missing",
    severity="error",
    summary="An alerting rule lacks a label that the label standard requires.",
    why="Routing, grouping and inhibition go by these labels: without them the alert ends at the default receiver.",
    mend="add the label to the rule, or to its group",
)
