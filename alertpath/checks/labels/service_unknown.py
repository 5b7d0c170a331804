"""Services that no catalog names."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.fates import templated
from alertpath.checks.subject import CatalogService, Subject
from alertpath.documents.problems import did_you_mean


def _run(subject: Subject) -> Iterator[Hit]:
    services = subject.services
    if services is None:
        return
    asked = {m.label for service in services.values() for m in service.conditions}
    for alert in subject.rules.alerts if subject.rules else ():
        name = alert.labels.get("service", "")
        if not name or templated(name) or name in services:
            continue
        labels = {key: value for key, value in alert.labels.items() if key in asked}
        if any(all(m.matches(labels) for m in service.conditions) for service in services.values() if _own(service)):
            continue
        yield Hit(
            alert.at("service"),
            f"no catalog names the service {name}",
            alike=f"alerts have the service {name}, which no catalog names",
            about=alert.name,
            mend=did_you_mean(name, services),
        )


def _own(service: CatalogService) -> bool:
    # It has a `match` of its own; the others are known by their names.
    return [matcher.label for matcher in service.conditions] != ["service"]


CHECK = check(
    _run,
    id="AP507",
    name="service-unknown",
    severity="warning",
    summary="An alerting rule has a service that no catalog names.",
    why="Nobody has said who is told: often the name is misspelt, and the team that owns the service hears nothing.",
    mend="correct the label, or add the service to the catalog of its team",
)
