"""Alerts that lack a label that inhibition compares."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check, of_alert
from alertpath.checks.subject import TECHNICAL, Subject


def _run(subject: Subject) -> Iterator[Hit]:
    if (standard := subject.standard) is None:
        return
    known = {"alertname", *standard.required, *standard.supplied, *subject.external}
    sides = [
        (label, side)
        for rule in subject.config.inhibit_rules
        for label in rule.equal
        if label not in known
        for side in (rule.source, rule.target)
    ]
    for alert in subject.rules.alerts if subject.rules else ():
        if alert.name in TECHNICAL:
            continue
        labels = {**alert.labels, "alertname": alert.name}
        for label in dict.fromkeys(name for name, side in sides if all(m.matches(labels) for m in side)):
            if label not in labels:
                which = f"no label {label}, which inhibition compares"
                yield of_alert(alert, f"has {which}", f"have {which}")


CHECK = check(
    _run,
    id="AP509",
    name="equal-label-missing",
    severity="warning",
    summary="An alert takes part in inhibition and lacks a label of the rule's `equal`.",
    why="A label that only one of two alerts has keeps inhibition from working; one that both lack counts as equal.",
    mend="add the label to the rule, or list it in label_standard.supplied where Prometheus adds it",
)
