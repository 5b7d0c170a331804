"""Repetition that Alertmanager forgets."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.alertmanager.durations import text
from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject


def _run(subject: Subject) -> Iterator[Hit]:
    for route in subject.routes:
        given = route.route.repeat_interval
        if given is not None and given > subject.retention:
            yield Hit(
                (*route.place, "repeat_interval"),
                f"repeats after {text(subject.retention)}, not {text(given)}: nothing is remembered for longer",
            )


CHECK = check(
    _run,
    id="AP218",
    name="repeat-beyond-retention",
    severity="warning",
    summary="repeat_interval is longer than Alertmanager remembers what it has sent.",
    why="It keeps notifications for 120h by default (--data.retention) and then sends them again, whatever "
    "repeat_interval says.",
    mend="lower repeat_interval, or raise retention in the Alertmanager object's spec",
)
