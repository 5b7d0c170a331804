"""Labels that look like one of the standard."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from alertpath.checks.base import Hit, check, of_alert
from alertpath.checks.subject import Subject


def _run(subject: Subject) -> Iterator[Hit]:
    if (standard := subject.standard) is None:
        return
    names = [*standard.required, *standard.optional]
    known = {*names, *standard.supplied, *subject.external}
    close: dict[str, str | None] = {}
    for alert in subject.rules.alerts if subject.rules else ():
        for label in alert.labels:
            if label in known:
                continue
            if label not in close:
                found = difflib.get_close_matches(label.lower(), names, n=1, cutoff=0.8)
                close[label] = found[0] if found else None
            meant = close[label]
            if meant and meant not in alert.labels:
                which = f"the label {label}; is {meant} meant?"
                yield of_alert(alert, f"has {which}", f"have {which}", label=label)


CHECK = check(
    _run,
    id="AP511",
    name="misspelt-label",
    severity="warning",
    summary="An alerting rule has a label whose name is nearly one of the label standard.",
    why="Nothing reads the misspelt label, and the one that was meant is missing.",
    mend="correct the name; if it is meant so, add it to label_standard.optional",
)
