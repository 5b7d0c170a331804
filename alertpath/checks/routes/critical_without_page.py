"""Routes for alerts of any severity that take critical ones too."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.conditions import implies
from alertpath.checks.subject import Subject


def _run(subject: Subject) -> Iterator[Hit]:
    if not subject.has_pages or not subject.knows_critical:
        return
    for route in subject.routes:
        if subject.may_page(route.receiver) or subject.silent(route.receiver) or subject.technical(route):
            continue
        if implies(route.path, (subject.critical,)):
            continue  # Somebody has decided so: another check.
        labels = subject.taken(route, subject.critical)
        if labels is not None and not any(subject.may_page(each.receiver) for each in subject.router.match(labels)):
            others = ", ".join(f"{name}={value}" for name, value in labels.items() if name != "severity")
            which = f"critical alerts with {others}" if others else "critical alerts that no other route takes"
            place = route.place if route.parent else (*route.place, "receiver")
            yield Hit(place, f"{which} go to {route.receiver}, which does not page")


CHECK = check(
    _run,
    id="AP207",
    name="critical-without-page",
    severity="warning",
    summary="Critical alerts end at a route that pages nobody, although other routes page.",
    why="Such an alert never pages, and nobody is told so: often the route was written for everything else.",
    mend="add a route for severity=critical that pages; where critical alerts are fine here, say why in a comment",
)
