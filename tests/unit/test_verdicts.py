"""What a difference means for people, and how shortly it is said."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from alertpath.alertmanager import config as alertmanager
from alertpath.configurations.loaded import of_stack
from alertpath.diff.deliveries.comparison import Difference, diff
from alertpath.diff.words.as_text import json_text, loses_pages, text

ROOT = Path(__file__).resolve().parents[2]
SINCE = date(2026, 11, 28)
BASE = """\
route:
  receiver: low
  group_by: [alertname]
  routes:
  - receiver: page
    matchers: [severity="critical"]
    mute_time_intervals: [nights]
  - receiver: chat
    matchers: [severity="warning"]
    active_time_intervals: [office]
  - receiver: stub-a
    matchers: [severity="none"]
receivers:
- name: page
  pagerduty_configs: [{routing_key_file: /page}]
- name: chat
  slack_configs: [{channel: "#chat", api_url_file: /slack}]
- name: low
  slack_configs: [{channel: "#low", api_url_file: /slack}]
- name: stub-a
- name: stub-b
time_intervals:
- name: nights
  time_intervals: [{times: [{start_time: "22:00", end_time: "24:00"}]}]
- name: office
  time_intervals: [{weekdays: ["monday:friday"], times: [{start_time: "09:00", end_time: "18:00"}]}]
"""


def changed(*edits: tuple[str, str]) -> Difference:
    new = BASE
    for old, other in edits:
        assert old in new
        new = new.replace(old, other)
    return diff(alertmanager.load(BASE, "old"), alertmanager.load(new, "new"), since=SINCE)


MUTE = "mute_time_intervals: [nights]"
ACTIVE = "active_time_intervals: [office]"
NIGHTS = '{times: [{start_time: "22:00", end_time: "24:00"}]}'
PAGE_ROUTE = 'receiver: page\n    matchers: [severity="critical"]'
CHAT_ROUTE = 'receiver: chat\n    matchers: [severity="warning"]'
ALWAYS = f"{NIGHTS}, {{location: Asia/Seoul}}"


@pytest.mark.parametrize(
    ("edits", "kinds", "lost"),
    [
        ([(NIGHTS, ALWAYS)], ["lost"], True),
        ([(MUTE, "active_time_intervals: [nights]\n    mute_time_intervals: [nights]")], ["lost"], True),
        ([('weekdays: ["monday:friday"]', "years: ['2020']")], ["lost"], False),
        ([(PAGE_ROUTE, PAGE_ROUTE.replace("page", "chat"))], ["lost"], True),
        ([(CHAT_ROUTE, CHAT_ROUTE.replace("chat", "page"))], ["newly pages"], False),
        ([("receiver: stub-a", "receiver: stub-b")], ["nobody"], False),
        ([("receiver: stub-a", "receiver: chat")], ["new"], False),
        ([(NIGHTS, f"{NIGHTS}, {{years: ['2020']}}")], [], False),
        ([(NIGHTS, f"{NIGHTS}, {{months: [february], days_of_month: ['30']}}")], [], False),
        ([(MUTE, f"{MUTE}\n    group_wait: 1m")], ["timing"], False),
        ([("/page", "/other")], ["moved"], False),
    ],
)  # fmt: skip
def test_kinds(edits: list[tuple[str, str]], kinds: list[str], lost: bool) -> None:
    found = changed(*edits)
    assert [change.kind for change in found.changes] == kinds
    assert loses_pages(found) is lost
    data = json.loads(json_text(found, "a", "b"))
    assert data["summary"]["loses_pages"] is lost
    assert [change["loses_page"] for change in data["changes"]] == [lost] * len(kinds)


@pytest.mark.parametrize(
    ("edits", "orphans"),
    [
        ([("/page", "/other")], True),
        ([(NIGHTS, ALWAYS)], True),
        ([(PAGE_ROUTE, PAGE_ROUTE.replace("critical", "critical|x").replace("=", "=~"))], True),
        ([(MUTE, f"{MUTE}\n    group_by: [alertname, zone]\n    group_wait: 1m")], True),
        ([(PAGE_ROUTE, f'{PAGE_ROUTE}\n    group_by: [zone]')], True),
        ([("/page}", "/page, description: other}")], False),
        ([(MUTE, f"{MUTE}\n    group_wait: 1m")], False),
        ([("receiver: page", "receiver: renamed"), ("name: page", "name: renamed")], False),
        ([("/page}", "/page, send_resolved: false}")], True),
    ],
)  # fmt: skip
def test_open_incidents_are_found_by_service_and_group_key(edits: list[tuple[str, str]], orphans: bool) -> None:
    found = changed(*edits)
    assert found.changes
    assert [change.orphans for change in found.changes if {"severity": "critical"} in change] == [orphans]
    assert ("get no resolve" in " ".join(text(found, "a", "b").split())) is orphans


def test_a_receiver_that_is_only_renamed() -> None:
    [change] = changed(("receiver: page", "receiver: renamed"), ("name: page", "name: renamed")).changes
    assert (change.kind, change.differing) == ("regrouped", ("receiver",))


def test_what_is_no_difference() -> None:
    five = f"global: {{resolve_timeout: 5m}}\n{BASE}"
    old, new = (alertmanager.load(one, "x") for one in (five, five.replace("5m", "300s")))
    assert not diff(old, new)
    assert diff(old, alertmanager.load(five.replace("5m", "301s"), "x")).general == ("global.resolve_timeout",)


def test_stubbed_trees_are_compared_by_the_names_of_receivers() -> None:
    found = changed(("receiver: stub-a", "receiver: stub-b"))
    said = text(found, "old", "new")
    assert "NOBODY (1 class): nobody is told, before and after" in said
    assert "before   stub-a: nobody" in said
    assert "after    stub-b: nobody" in said


def test_a_shared_receivers_change_behind_many_patterns_is_one_entry() -> None:
    def config(channel: str) -> alertmanager.Config:
        routes: list[dict[str, Any]] = [
            {"receiver": "shared", "matchers": [f'x=~".*{i}.*"'], "continue": True} for i in range(4)
        ]
        data = {
            "route": {"receiver": "low", "routes": routes},
            "receivers": [
                {"name": "low", "slack_configs": [{"channel": "#low", "api_url_file": "/s"}]},
                {"name": "shared", "slack_configs": [{"channel": channel, "api_url_file": "/s"}]},
            ],
        }
        return alertmanager.load(json.dumps(data), "x")

    said = text(diff(config("#a"), config("#b")), "old", "new")
    assert said.count('slack.channel  "#a" -> "#b"') <= 2
    assert "1 class of alerts fares differently" in said


SERVICES = "".join(
    f"  pay-{i}:\n"
    + (f"    match: ['job=\"pay-{i}-job\"']\n" if i in (3, 7) else "")
    + "    critical: pagerduty-payments\n    warning: slack-payments\n    info: slack-payments\n"
    for i in range(10)
)
PAYMENTS = f"""\
team: payments
receivers:
  pagerduty-payments:
    pagerduty: {{routing_key: pagerduty-payments}}
  slack-payments:
    slack: {{channel: "#payments", webhook: slack-payments}}
services:
{SERVICES}
native:
  routes_before: [{{matchers: ['team="payments"'], receiver: slack-payments, continue: true}}]
"""
CREDENTIALS = """\
          slack-payments:
            key: slack_webhook_url_payments
            remote: {key: monitoring/alertmanager/slack, property: webhook_url_payments}
          pagerduty-payments:
            provider: existing
            secret: pagerduty-routing-key
            key: payments_key
"""


def test_an_ordinary_second_team_is_told_shortly(tmp_path: Path) -> None:
    (tmp_path / "catalog").mkdir()
    for file in ("Pulumi.yaml", "Pulumi.production.yaml", "catalog/seedtest.yaml"):
        (tmp_path / file).write_text((ROOT / file).read_text(encoding="utf-8"), encoding="utf-8")
    stack_file = tmp_path / "Pulumi.production.yaml"
    old = of_stack(stack_file).config
    shared = tmp_path / "Pulumi.yaml"
    settings = shared.read_text(encoding="utf-8").rstrip()
    settings = settings.replace("slack-lowprio]", "slack-lowprio, pagerduty-payments, slack-payments]", 1)
    settings = settings.replace(
        "      credentials:\n", "      external_labels: {cluster: a, environment: b}\n      credentials:\n", 1
    )
    shared.write_text(f"{settings}\n{CREDENTIALS}", encoding="utf-8")
    (tmp_path / "catalog/payments.yaml").write_text(PAYMENTS, encoding="utf-8")
    found = diff(old, of_stack(stack_file).config, since=SINCE)
    said = text(found, "old", "new")
    assert len(said.splitlines()) <= 150
    assert int(said.splitlines()[1].split()[0]) <= 30
    assert said.count("everywhere  group_by also cluster and environment") == 1
    assert "alertname, namespace and service -> " not in said
