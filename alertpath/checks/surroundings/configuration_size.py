"""Configurations that a Secret hardly takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject
from alertpath.compiling.compile import LARGEST

_NEAR: Final = LARGEST * 8 // 10


def _run(subject: Subject) -> Iterator[Hit]:
    if subject.size > _NEAR:
        share = subject.size / LARGEST
        yield Hit(("route",), f"the configuration and its templates take {share:.0%} of the 1 MiB of a Secret")


CHECK = check(
    _run,
    id="AP108",
    name="configuration-size",
    severity="warning",
    summary="The configuration and its templates are near or above the 1 MiB that a Secret holds.",
    why="Kubernetes refuses a larger Secret, so that soon no change can be deployed any more, urgent ones included.",
    mend="share receivers, use fewer routes, or split the teams over several Alertmanagers",
)
