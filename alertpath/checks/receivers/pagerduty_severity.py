"""Severities that PagerDuty refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from alertpath.checks.base import Hit, check
from alertpath.checks.conditions import allowed
from alertpath.checks.subject import Subject

_WORDS: Final = frozenset(("critical", "error", "warning", "info"))
_OF_GROUP: Final = "{{ .CommonLabels.severity }}"


def _run(subject: Subject) -> Iterator[Hit]:
    for place, receiver, name, entry in subject.integrations():
        given = str(entry.get("severity", ""))
        if name != "pagerduty_configs" or not given:
            continue
        if "{{" not in given and given not in _WORDS:
            yield Hit((*place, "severity"), f"PagerDuty knows no severity {given}", given)
        elif " ".join(given.replace("{{", "{{ ").replace("}}", " }}").split()) == _OF_GROUP:
            for route in subject.routes:
                asked = tuple(matcher for matcher in route.path if matcher.label == "severity")
                values = allowed(asked) if asked else None
                if route.receiver == receiver.name and not (values and values <= _WORDS):
                    message = (
                        f"{receiver.name} also gets alerts of other severities than PagerDuty knows, or without one"
                    )
                    yield Hit((*place, "severity"), message, given)
                    break


CHECK = check(
    _run,
    id="AP411",
    name="pagerduty-severity",
    severity="warning",
    summary="The severity of a PagerDuty event may be none of critical, error, warning and info.",
    why="PagerDuty refuses the event (Events API v2: severity is one of these four): the page is lost. A label that "
    "the alerts of a group do not share is empty in .CommonLabels.",
    mend="write one of the four words, with if and else in a template",
)
