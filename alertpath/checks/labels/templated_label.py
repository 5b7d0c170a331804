"""Routing labels that are computed."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check, of_alert
from alertpath.checks.fates import templated
from alertpath.checks.subject import TECHNICAL, Subject


def _run(subject: Subject) -> Iterator[Hit]:
    for alert in subject.rules.alerts if subject.rules else ():
        if alert.name in TECHNICAL:
            continue
        for label in subject.standard.required if subject.standard else ():
            if templated(alert.labels.get(label, "")):
                value = alert.labels[label]
                yield of_alert(alert, f"computes its {label}", f"compute their {label}", label=label, value=value)


CHECK = check(
    _run,
    id="AP510",
    name="templated-label",
    severity="warning",
    summary="A label that the standard requires is computed when the alert fires.",
    why="Nothing can say beforehand where the alert goes, and a value that changes makes a new alert each time.",
    mend="write the value; for several values write several rules",
)
