"""Routes in one line each, for stack outputs."""

from __future__ import annotations

from pathlib import Path

from tests.unit.samples import CATALOG, compiled

SHOWN = 150
"""Characters of an output's value that Pulumi (3.255) shows."""


def test_hours_are_among_what_pulumi_shows_of_a_line(tmp_path: Path) -> None:
    chat = {"slack": {"channel": "#a-channel-with-quite-a-long-name-too", "webhook": "hook"}}
    catalog = {
        "receivers": {**CATALOG["receivers"], "chat": chat},
        "services": {"api": {"critical": "page", "any": {"to": "chat", "active_time_intervals": ["office-hours"]}}},
        "time_intervals": {"office-hours": [{"weekdays": ["monday:friday"]}]},
    }
    _, made = compiled(tmp_path, catalog)
    told = made.routing["service=api"]
    assert len(told) > SHOWN
    assert "only in office-hours" in told[:SHOWN]
