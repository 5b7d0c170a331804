"""Templates that Go does not compile."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, Spot, check
from alertpath.checks.subject import Subject
from alertpath.go_templates import parse
from alertpath.yamlfile import texts


def _run(subject: Subject) -> Iterator[Hit]:
    for name, text in (subject.templates or {}).items():
        if fault := parse(text, subject.alertmanager).fault:
            line, message = fault
            spot = subject.template_spot(name) if subject.template_spot else Spot(name, line)
            yield Hit(spot, f"{name}, line {line}: {message}")
    for place, _, _, entry in subject.integrations():
        for at, text in texts(entry, place):
            if "{{" in text and (fault := parse(text, subject.alertmanager).fault):
                yield Hit(at, fault[1], text)


CHECK = check(
    _run,
    id="AP109",
    name="template-fault",
    severity="error",
    summary="A template does not compile: an action is not closed, or a function or variable does not exist.",
    why="A broken template file keeps Alertmanager from loading anything; a broken text of a receiver loses each of "
    "its notifications, and no other tool looks before. Whether fields exist and arguments fit is not decided here.",
    mend="correct the template; functions: https://prometheus.io/docs/alerting/latest/notifications/",
)
