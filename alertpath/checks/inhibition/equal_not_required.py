"""Inhibition that relies on labels that alerts may lack."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.conditions import forbids_absence
from alertpath.checks.subject import Subject


def _run(subject: Subject) -> Iterator[Hit]:
    if (standard := subject.standard) is None:
        return
    known = {"alertname", *standard.required, *standard.supplied, *subject.external}
    for index, rule in enumerate(subject.config.inhibit_rules):
        for label in rule.equal:
            sides = (rule.source, rule.target)
            if label not in known and not all(forbids_absence(side, label) for side in sides):
                yield Hit(("inhibit_rules", index, "equal"), f"alerts need not have the label {label}")


CHECK = check(
    _run,
    id="AP301",
    name="equal-not-required",
    severity="warning",
    summary="`equal` names a label that the label standard does not require.",
    why="A label that both alerts lack counts as equal, and one that only one of them has never is: alerts "
    "are silenced by others that have nothing to do with them, or not at all.",
    mend="require the label (label_standard.required), list it in label_standard.supplied, or take it out of equal",
)
