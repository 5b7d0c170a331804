"""The reasons not to deploy a configuration, by kind: each kind is a check of its own, `refused` is the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from alertpath.checks.base import Hit, Spot
from alertpath.checks.subject import Subject

KINDS: Final = {
    "unknown-to-version": re.compile(
        r"needs (Alertmanager|Prometheus Operator) \d|^no (Alertmanager|Prometheus) .*takes"
    ),
    "expanded-variable": re.compile(r"replaced by an environment variable"),
    "plain-credential": re.compile(r"(credential|stands here) in plain text"),
    "unknown-time-zone": re.compile(r"unknown time zone"),
    "file-not-mounted": re.compile(r"is mounted there"),
    "repeat-below-interval": re.compile(r"below group_interval|shorter than group_interval"),
}


def hits(subject: Subject, kind: str) -> Iterator[Hit]:
    """The refusals of this kind; "": those of no kind."""
    for problem in subject.refusals:
        found = next((name for name, pattern in KINDS.items() if pattern.search(problem.message)), "")
        if found == kind:
            mend = "; ".join(filter(None, (problem.mend, f"allowed: {problem.allowed}" if problem.allowed else "")))
            yield Hit(Spot(problem.file, problem.line, problem.path), problem.message, problem.value, mend)
