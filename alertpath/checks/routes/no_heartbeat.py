"""Nobody notices when alerting itself is down."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject


def _run(subject: Subject) -> Iterator[Hit]:
    if subject.production and subject.settings is not None:
        for route in subject.router.match({"alertname": "Watchdog", "severity": "none"}):
            if subject.silent(route.receiver) or route.parent is None:
                yield Hit(route.place, "nobody hears when Watchdog stops")


CHECK = check(
    _run,
    id="AP226",
    name="no-heartbeat",
    severity="note",
    summary="In production, Watchdog ends at nobody: there is no dead man's switch.",
    why="When Prometheus, Alertmanager or the way out of the cluster fails, no alert comes, which looks like health.",
    mend="set heartbeat in the stack's settings: a service outside of the cluster that calls when Watchdog stops",
)
