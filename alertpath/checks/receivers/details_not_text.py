"""PagerDuty details that are not text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from alertpath.checks.base import Hit, check
from alertpath.checks.subject import Subject


def _run(subject: Subject) -> Iterator[Hit]:
    for place, _, name, entry in subject.integrations():
        details = entry.get("details")
        if name == "pagerduty_configs" and isinstance(details, Mapping):
            for key, value in cast("Mapping[str, object]", details).items():
                if not isinstance(value, str):
                    yield Hit((*place, "details", key), f"{key} is not text")


CHECK = check(
    _run,
    id="AP405",
    name="details-not-text",
    severity="warning",
    summary="A value in PagerDuty's `details` is not text.",
    why="Alertmanager below 0.30 and operators below 0.90 refuse it, and the others render what is inside as "
    "they like.",
    mend="put the value in quotes",
)
