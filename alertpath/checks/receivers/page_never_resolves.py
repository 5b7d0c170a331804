"""Incidents that stay open."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject


def _run(subject: Subject) -> Iterator[Hit]:
    for place, receiver, _, entry in subject.integrations():
        if subject.pages(receiver.name) and entry.get("send_resolved") is False:
            yield Hit((*place, "send_resolved"), f"{receiver.name} opens incidents and never resolves them")


CHECK = check(
    _run,
    id="AP404",
    name="page-never-resolves",
    severity="warning",
    summary="A receiver that pages has send_resolved: false.",
    why="The incident stays open when the alert is over: people work on what is mended, and the next fault "
    "joins it unseen.",
    mend="remove send_resolved: false",
)
