"""Incidents that stay open."""

from __future__ import annotations

from collections.abc import Iterator

from alertpath.alertmanager.paging import is_page, wakes
from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject


def _run(subject: Subject) -> Iterator[Hit]:
    for place, receiver, integration, entry in subject.integrations():
        # What only stands beside the integration that pages, such as a webhook, opens no incident.
        opens = wakes(integration, receiver.name, {}) or not is_page("", receiver.integrations)
        if opens and subject.pages(receiver.name) and entry.get("send_resolved") is False:
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
