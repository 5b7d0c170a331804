"""Routes in one line each, for stack outputs."""

from __future__ import annotations

from pathlib import Path

from alertpath.alertmanager import config as alertmanager
from alertpath.compiling.summary import table
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


def test_a_route_that_is_told_at_no_time_says_so() -> None:
    text = """\
route:
  receiver: a
  routes:
  - {receiver: b, matchers: [x=y], mute_time_intervals: [nights]}
receivers:
- name: a
- {name: b, webhook_configs: [{url: "http://b"}]}
time_intervals:
- name: nights
  time_intervals: [{times: [{start_time: "22:00", end_time: "24:00"}]}]
"""
    assert "any time" not in table(alertmanager.load(text, "a"))
    assert "not in nights" in table(alertmanager.load(text, "a"))
    always = text.replace("}]}]", "}]}, {location: Asia/Seoul}]")
    assert "never: not in nights" in table(alertmanager.load(always, "a"))
