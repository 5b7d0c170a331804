"""Services that no rule alerts on."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.alertmanager.matchers import Matcher
from alertpath.checks.base import Hit, check
from alertpath.checks.fates import templated
from alertpath.checks.subject import Subject
from alertpath.rules import Alert


def _run(subject: Subject) -> Iterator[Hit]:
    if not subject.services or subject.rules is None or not subject.rules.alerts:
        return
    missing = dict(subject.services)
    plain = {name for name, service in missing.items() if service.conditions == (Matcher("service", "=", name),)}
    named = {alert.labels.get("service", "") for alert in subject.rules.alerts}
    supplied = {*(subject.standard.supplied if subject.standard else ()), *subject.external}
    for name, service in missing.items():
        if name in plain:
            found = name in named
        else:
            conditions = [matcher for matcher in service.conditions if matcher.label not in supplied]
            found = any(_can(alert, conditions) for alert in subject.rules.alerts)
        if not found:
            yield Hit(service.spot, f"no alerting rule has the service {name}")


def _can(alert: Alert, conditions: list[Matcher]) -> bool:
    labels = {**alert.labels, "alertname": alert.name}
    return all(matcher.matches(labels) or templated(labels.get(matcher.label, "")) for matcher in conditions)


CHECK = check(
    _run,
    id="AP508",
    name="service-without-rules",
    severity="warning",
    summary="A catalog names a service, and no alerting rule has it.",
    why="The service is not watched, or its rules have another name in `service`.",
    mend="write its rules, correct the name, or remove the service; give check all rule files",
)
