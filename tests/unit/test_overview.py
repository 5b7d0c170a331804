"""Routes in one line each, for stack outputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from alertpath.alertmanager import config as alertmanager
from alertpath.compiling.summary import table
from alertpath.documents.go_yaml import Reader
from alertpath.documents.safe_text import columns, padded, wrapped
from tests.unit.samples import CATALOG, compiled

SHOWN = 150
"""Characters of an output's value that Pulumi (3.255) shows."""


def routing(where: Path, catalog: dict[str, Any], **settings: Any) -> dict[str, str]:
    return dict(compiled(where, catalog, **settings)[1].routing)


def test_hours_are_among_what_pulumi_shows_of_a_line(tmp_path: Path) -> None:
    chat = {"slack": {"channel": "#a-channel-with-quite-a-long-name-too", "webhook": "hook"}}
    slow = {"group_wait": "1m", "group_interval": "10m", "repeat_interval": "12h", "group_by": ["alertname", "service"]}
    catalog = {
        "receivers": {**CATALOG["receivers"], "chat": chat},
        "services": {
            "api": {"critical": "page", "any": {"to": "chat", "active_time_intervals": ["office-hours"], **slow}}
        },
        "time_intervals": {"office-hours": [{"weekdays": ["monday:friday"]}]},
    }
    told = routing(tmp_path, catalog)["service=api"]
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


def test_what_is_as_everywhere_is_said_once(tmp_path: Path) -> None:
    told = routing(tmp_path, {"services": {"api": {"critical": {"to": "page", "group_wait": "0s"}, "any": "chat"}}})
    assert told["service=api"] == "chat (Slack #a)"
    assert told["service=api and severity=critical"] == "page (PagerDuty), group_wait 0s"
    assert told["everything else"] == (
        "chat (Slack #a), group_wait 30s, group_interval 5m, repeat_interval 2h, by alertname, namespace, service"
    )


def test_a_change_of_the_root_is_one_line(tmp_path: Path) -> None:
    catalog = {"services": {"api": {"critical": {"to": "page", "group_wait": "0s"}, "any": "chat"}}}
    before = routing(tmp_path, catalog)
    after = routing(tmp_path, catalog, routing={"default_receiver": "chat", "repeat_interval": "4h"})
    assert [alerts for alerts in before if before[alerts] != after[alerts]] == ["everything else"]


def test_another_order_in_the_catalog_changes_no_line(tmp_path: Path) -> None:
    fates = {"critical": "page", "warning": "chat", "info": "chat"}
    one = {"services": {"api": fates, "web": fates}, "namespaces": {"a": {"any": "chat"}, "b": {"critical": "page"}}}
    other = {
        section: {name: dict(reversed(fates.items())) for name, fates in reversed(entries.items())}
        for section, entries in reversed(one.items())
    }
    assert routing(tmp_path, one) == routing(tmp_path, other)


def test_routes_with_the_same_matchers_are_one_line(tmp_path: Path) -> None:
    more = {
        "routes_before": [{"matchers": ['team="a"'], "receiver": name, "continue": True} for name in ("page", "chat")]
    }
    told = routing(tmp_path, {}, native=more)["team=a"]
    assert told == "page (PagerDuty), continue; then chat (Slack #a), continue"


def test_a_table_with_names_in_hangul_is_aligned() -> None:
    receivers = [{"name": "기본"}, {"name": "결제팀", "slack_configs": [{"channel": "#결제", "api_url_file": "/x"}]}]
    config = alertmanager.config_from(
        Reader("x"),
        {
            "route": {"receiver": "기본", "routes": [{"receiver": "결제팀", "matchers": ['service="결제-서비스"']}]},
            "receivers": receivers,
        },
    )
    head, rule, *rows = table(config).splitlines()
    starts = [index for index in range(len(rule)) if rule[index] == "-" and rule[index - 1 : index] in ("", " ")]
    for row in rows:
        shown = "".join(char + "\0" * (columns(char) - 1) for char in row)
        assert all(not start or shown[start - 1 : start] in ("", " ") for start in starts), row
    assert head.startswith("alerts")


@pytest.mark.parametrize(
    ("text", "width"), [("abc", 3), ("한글", 4), ("e\u0301", 1), ("\u1112\u1161\u11ab", 2), ("漢a", 3)]
)
def test_how_wide_a_text_is(text: str, width: int) -> None:
    assert columns(text) == width
    assert columns(padded(text, 8)) == 8
    assert all(columns(line) <= 4 for line in wrapped(text * 9, 4))
