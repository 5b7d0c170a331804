"""Which receivers wake people up: those of which that is said, else those with an integration that is made for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

PAGING: Final = frozenset(("pagerduty", "opsgenie", "victorops", "incidentio"))
"""Integrations that wake people up."""

Paging = Mapping[str, bool]
"""What is said of receivers, by name: whether they wake people up."""

NOTHING_SAID: Final[Paging] = {}


def wakes(integration: str, receiver: str, paging: Paging) -> bool:
    """Whether an integration (`slack_configs` or `slack`) of a receiver wakes people up."""
    return paging.get(receiver, integration.removesuffix("_configs") in PAGING)


def is_page(receiver: str, integrations: Iterable[str], paging: Paging = NOTHING_SAID) -> bool:
    """Whether a receiver wakes people up; `integrations`: those of it that have an entry."""
    return any(wakes(integration, receiver, paging) for integration in integrations)
