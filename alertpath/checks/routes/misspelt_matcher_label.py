"""Conditions on labels that no alert has."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Final

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject
from alertpath.documents.places import Place

_EVERYWHERE: Final = ("alertname", "severity")
_OTHER_NAMES: Final = frozenset(("alert", "alert_name", "alertnames", "name_of_alert"))


def _run(subject: Subject) -> Iterator[Hit]:
    rules = subject.rules.alerts if subject.rules else ()
    have = {*_EVERYWHERE, *subject.external, *(label for alert in rules for label in alert.labels)}
    if subject.standard:
        have |= {*subject.standard.required, *subject.standard.optional, *subject.standard.supplied}
    told: dict[str, str] = {}
    for place, label in _labels(subject):
        if label in have:
            continue
        if label not in told:
            plain = label.lower().replace("-", "_")
            close = difflib.get_close_matches(plain, sorted(have), n=1, cutoff=0.85)
            told[label] = "alertname" if plain in _OTHER_NAMES else close[0] if close else ""
        if told[label]:
            yield Hit(place, f"alerts have no label {label}; is {told[label]} meant?")


def _labels(subject: Subject) -> Iterator[tuple[Place, str]]:
    for place, matchers, _ in subject.conditions():
        yield from ((place, matcher.label) for matcher in matchers)
    for route in subject.routes:
        yield from (((*route.place, "group_by"), label) for label in route.route.group_by or ())
    for index, rule in enumerate(subject.config.inhibit_rules):
        yield from ((("inhibit_rules", index, "equal"), label) for label in rule.equal)


CHECK = check(
    _run,
    id="AP229",
    name="misspelt-matcher-label",
    severity="warning",
    summary="A matcher, group_by or `equal` names a label that is nearly one that alerts have.",
    why="No alert has the label: the route takes none, groups hold what does not belong together, inhibition compares "
    "nothing.",
    mend="correct the name of the label",
)
