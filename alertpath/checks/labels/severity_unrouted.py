"""Severities that no route knows."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.fates import templated
from alertpath.checks.subject import Subject


def _run(subject: Subject) -> Iterator[Hit]:
    asked = [matcher for route in subject.routes for matcher in route.route.matchers if matcher.label == "severity"]
    positive = [matcher for matcher in asked if matcher.op in ("=", "=~")]
    told: set[str] = set()
    for alert in subject.rules.alerts if subject.rules and positive else ():
        severity = alert.labels.get("severity", "")
        if severity not in subject.severities or severity in told or templated(severity):
            continue
        told.add(severity)
        if not any(matcher.matches({"severity": severity}) for matcher in positive):
            yield Hit(alert.at("severity"), f"no route asks for severity={severity}")


CHECK = check(
    _run,
    id="AP504",
    name="severity-unrouted",
    severity="warning",
    summary="No route asks for the severity of an alerting rule.",
    why="Its alerts end where those without any severity do.",
    mend="add a route for it, or use a severity that has one",
)
