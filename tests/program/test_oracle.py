"""The oracle answers, and what it answers is what Alertmanager's documentation and source say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.oracle import OPERATORS, Cause, Oracle, OracleError

CONFIG = r"""
route:
  receiver: default
  group_by: [alertname]
  routes:
  - receiver: pager
    matchers: [severity="critical", 'service=~"api|web"']
    group_by: ["..."]
    group_wait: 10s
    continue: true
    routes:
    - matchers: ['"owner.name"!=""']
      mute_time_intervals: [night]
  - matchers: [service="api"]
    group_interval: 1m
    repeat_interval: 1h
    active_time_intervals: [office, night]
    labels: {queue: "1"}
inhibit_rules:
- source_matchers: [severity="critical"]
  target_matchers: [severity=~"warning|info"]
  equal: [cluster]
- source_matchers: [alertname="Root"]
  target_matchers: [alertname=~".+"]
receivers:
- name: default
- name: pager
mute_time_intervals:
- name: night
  time_intervals:
  - times: [{start_time: "22:00", end_time: "24:00"}]
    location: Asia/Seoul
time_intervals:
- name: office
  time_intervals:
  - weekdays: ["monday:friday"]
"""
MINIMAL = "route: {receiver: a}\nreceivers: [{name: a}]\n"


@pytest.fixture(scope="module")
def oracle(tool: Callable[[str], Path]) -> Iterator[Oracle]:
    tool("oracle")
    with Oracle() as running:
        yield running


@pytest.fixture(scope="module")
def handle(oracle: Oracle) -> Iterator[int]:
    with oracle.config(CONFIG) as loaded:
        yield loaded


def test_load_says_why_a_configuration_is_refused(oracle: Oracle) -> None:
    good, bad = oracle.load_all([MINIMAL, "route: {receiver: b}\nreceivers: [{name: a}]\n"])
    assert (good.accepted, good.error) == (True, "")
    assert not bad.accepted
    assert 'undefined receiver "b"' in bad.error


def test_utf8_names_are_taken_as_by_the_server(oracle: Oracle) -> None:
    with oracle.config("route: {receiver: a, routes: [{matchers: ['ü.x=1']}]}\nreceivers: [{name: a}]\n") as handle:
        assert [m.path for m in oracle.match(handle, [{"ü.x": "1"}])[0]] == [(0,)]


def test_match_describes_each_route_that_takes_an_alert(oracle: Oracle, handle: int) -> None:
    alert = {"alertname": "A", "severity": "critical", "service": "api", "owner.name": "me", "empty": ""}
    inner, second = oracle.match(handle, [alert])[0]
    assert (inner.path, inner.receiver, inner.continue_) == ((0, 0), "pager", False)
    assert inner.key == r'{}/{service=~"api|web",severity="critical"}/{owner.name!=""}'
    assert inner.group_by_all
    assert inner.group_labels == {name: value for name, value in alert.items() if value}
    assert (inner.group_wait, inner.group_interval, inner.repeat_interval) == (10_000, 300_000, 14_400_000)
    assert (inner.mute, inner.active, inner.labels) == (("night",), (), {})
    assert (second.path, second.receiver, second.group_by) == ((1,), "default", ("alertname",))
    assert second.group_key == '{}/{service="api"}:{alertname="A"}'
    assert (second.group_wait, second.group_interval, second.repeat_interval) == (30_000, 60_000, 3_600_000)
    assert (second.mute, second.active, second.labels) == ((), ("office", "night"), {"queue": "1"})


def test_match_answers_for_each_label_set_in_order(oracle: Oracle, handle: int) -> None:
    labels = [{}, {"service": "api"}, {"severity": "critical", "service": "web"}, {"service": "apis"}]
    assert [[m.path for m in routes] for routes in oracle.match(handle, labels)] == [[()], [(1,)], [(0,)], [()]]


def test_inhibition_needs_equal_labels_and_absent_on_both_sides_is_equal(oracle: Oracle, handle: int) -> None:
    firing = [{"severity": "critical", "cluster": "a"}, {"severity": "critical"}]
    labels = [
        {"severity": "info", "cluster": "a"},
        {"severity": "info", "cluster": "b"},
        {"severity": "info"},
        {"severity": "other", "cluster": "a"},
    ]
    found = oracle.inhibit(handle, firing, labels, explain=True)
    assert [i.muted for i in found] == [True, False, True, False]
    assert [i.by for i in found] == [(Cause(0, firing[0]),), (), (Cause(0, firing[1]),), ()]
    assert [i.muted for i in oracle.inhibit(handle, firing, labels)] == [True, False, True, False]
    assert [i.muted for i in oracle.inhibit(handle, [], labels)] == [False] * 4


def test_an_alert_that_is_source_and_target_does_not_inhibit_its_like(oracle: Oracle, handle: int) -> None:
    root, other = {"alertname": "Root", "severity": "none"}, {"alertname": "Other"}
    found = oracle.inhibit(handle, [root], [root, other, {**root, "instance": "2"}], explain=True)
    assert [i.by for i in found] == [(), (Cause(1, root),), ()]


def test_intervals_are_read_in_their_own_zone(oracle: Oracle, handle: int) -> None:
    friday = datetime(2026, 1, 2, 13, 30, tzinfo=UTC)  # 22:30 in Seoul
    assert oracle.intervals(handle, [friday, friday + timedelta(hours=2), friday + timedelta(days=1)]) == [
        ["night", "office"],
        ["office"],
        ["night"],
    ]
    same = friday.astimezone(timezone(timedelta(hours=-11)))
    assert oracle.intervals(handle, [same]) == [["night", "office"]]


def test_intervals_can_be_asked_without_a_configuration(oracle: Oracle) -> None:
    last_day = {"days_of_month": ["-1"], "months": ["february"]}
    times = [datetime(year, 2, day, tzinfo=UTC) for year, day in ((2024, 28), (2024, 29), (2026, 28))]
    assert oracle.contained([last_day], times) == [False, True, True]


def test_show_tells_what_a_receiver_gets_from_global(oracle: Oracle) -> None:
    text = "{}receivers: [{{name: a, slack_configs: [{{channel: '#x'}}]}}]\nroute: {{receiver: a}}\n"
    with oracle.config(text.format("global: {slack_api_url: 'http://s/1'}\n")) as handle:
        assert "    api_url: http://s/1\n" in oracle.show(handle)


def test_bench_measures_every_label_set(oracle: Oracle, handle: int) -> None:
    speed = oracle.bench(handle, [{}, {"service": "api", "severity": "critical"}], 100)
    assert 0 < speed.ns_per_match < 1e6
    assert speed.routes == 3


@pytest.mark.parametrize("operator", OPERATORS)
def test_the_operator_refuses_more_than_alertmanager(operator: str, tool: Callable[[str], Path]) -> None:
    tool(f"oracle-operator-{operator}")
    with Oracle() as oracle:
        good, named, old = oracle.operator_all([MINIMAL, CONFIG, "route: {}\n"], operator)
        assert good.accepted
        assert "receiver: a" in good.generated
        assert not named.accepted, "`labels` of a route"
        assert not old.accepted
        unknown = MINIMAL + "tracing: {endpoint: localhost}\n"
        assert not oracle.operator(unknown, operator).accepted


def test_the_operator_drops_what_the_object_s_alertmanager_does_not_know(tool: Callable[[str], Path]) -> None:
    tool(f"oracle-operator-{OPERATORS[0]}")
    receiver = "[{name: a, slack_configs: [{api_url_file: /x, channel: '#x'}], discord_configs: []}]"
    config = f"route: {{receiver: a}}\nreceivers: {receiver}\nglobal: {{slack_api_url_file: /y}}\n"
    with Oracle() as oracle:
        found = oracle.operator(config, alertmanager="0.21.0")
        assert found.accepted
        assert "/x" not in found.generated
        assert any("api_url_file" in warning for warning in found.warnings)
        assert oracle.operator(config).warnings == ()


def test_mistakes_are_errors_and_end_nothing(oracle: Oracle, handle: int) -> None:
    with pytest.raises(OracleError, match="no configuration has the handle 0"):
        oracle.match(0, [{}])
    with pytest.raises(OracleError, match="cannot parse"):
        oracle.intervals(handle, [datetime(2026, 1, 2)])
    with pytest.raises(OracleError, match="nothing to measure"):
        oracle.bench(handle, [], 1)
    assert oracle.match(handle, [{}])[0][0].path == ()


def test_what_takes_too_long_is_ended_and_the_next_call_starts_anew(tool: Callable[[str], Path]) -> None:
    tool("oracle")
    with Oracle(timeout=1) as oracle:
        handle = oracle.load(MINIMAL).handle
        with pytest.raises(OracleError, match="did not answer within 1 s"):
            oracle.bench(handle, [{}], 10**12)
        assert oracle.load(MINIMAL).accepted


def test_thousands_of_requests_in_one_call(oracle: Oracle) -> None:
    found = oracle.load_all([MINIMAL + "# " + "x" * 1000] * 5_000)
    assert all(loaded.accepted for loaded in found)
    oracle.drop(*(loaded.handle for loaded in found))
