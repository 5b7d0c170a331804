"""The Alertmanagers know the time zones of the configuration: one that they do not know makes them refuse all of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from alertpath.cluster.expected import Expected
from alertpath.cluster.observed import Observed
from alertpath.cluster.outcomes import Outcome, ok, skipped
from alertpath.cluster.steps.base import Step
from alertpath.output.alert_classes import listed


def zones(expected: Expected) -> list[str]:
    """The time zones that the configuration names, but UTC, which every Alertmanager knows."""
    intervals = [part for named in expected.config.time_intervals for part in named.intervals]
    return sorted({part.location for part in intervals if part.location} - {"UTC"})


def _look(expected: Expected, observed: Observed) -> Iterator[Outcome]:
    found = zones(expected)
    if not found:
        yield ok("time zones", "the configuration names none")
    elif not observed.answering:
        yield skipped("time zones", "no Alertmanager could be asked")
    else:
        yield ok("time zones", f"{listed(found)}: every Alertmanager loaded the configuration, and so knows them")


STEP: Final = Step(
    "time-zones", "time zones are known", _look, ("peers",), ("access", "configuration", "operator", "running")
)
