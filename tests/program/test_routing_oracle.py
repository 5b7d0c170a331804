"""Routing, inhibition and time intervals against Alertmanager itself, on random configurations."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alertpath.alertmanager import config as alertmanager
from alertpath.alertmanager.config import Config, InhibitRule, NamedTimeInterval, Receiver, Route
from alertpath.alertmanager.time_intervals import TimeInterval
from alertpath.semantics.inhibition import Inhibitor
from alertpath.semantics.intervals import Calendar
from alertpath.semantics.routing import Router
from tests.exact.test_inhibition import rules
from tests.exact.test_intervals import time_intervals
from tests.exact.test_routing import NAMES, VALUES, trees
from tests.oracle import Oracle

RECEIVERS = tuple(Receiver(name=name) for name in ("root", "x", "y"))
ALERTS = 110
many = settings(
    max_examples=100, deadline=None, suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large)
)


@pytest.fixture(scope="module")
def oracle(tool: Callable[[str], Path]) -> Iterator[Oracle]:
    tool("oracle")
    with Oracle() as running:
        yield running


def _alerts(chance: random.Random, count: int) -> list[dict[str, str]]:
    return [
        {name: chance.choice(VALUES) for name in chance.sample(NAMES, chance.randrange(len(NAMES) + 1))}
        for _ in range(count)
    ]


def _same_routes(oracle: Oracle, config: Config, alerts: list[dict[str, str]]) -> None:
    router = Router(config)
    with oracle.config(alertmanager.dump(config)) as handle:
        answers = oracle.match(handle, alerts)
    for labels, expected in zip(alerts, answers, strict=True):
        found = router.match(labels)
        assert [route.place[2::2] for route in found] == [match.path for match in expected], labels
        for route, match in zip(found, expected, strict=True):
            assert (route.receiver, route.key, route.labels) == (match.receiver, match.key, match.labels)
            assert (route.group_wait, route.group_interval) == (match.group_wait, match.group_interval)
            assert (route.repeat_interval, route.route.continue_) == (match.repeat_interval, match.continue_)
            assert (route.mute, route.active) == (match.mute, match.active)
            assert route.group_by == (("...",) if match.group_by_all else match.group_by)
            if all(labels.values()):  # Alertmanager removes empty labels on receipt.
                assert route.group_labels(labels) == match.group_labels
                assert route.group_key(labels) == match.group_key


@many
@given(trees, st.integers(0, 2**32).map(random.Random))
def test_routes_of_eleven_thousand_alerts(oracle: Oracle, tree: Route, chance: random.Random) -> None:
    _same_routes(oracle, Config(route=tree, receivers=RECEIVERS), _alerts(chance, ALERTS))


def test_routes_among_many(oracle: Oracle) -> None:
    chance = random.Random(1)
    texts = "\n".join(
        f"  - {{receiver: {chance.choice('xy')}, continue: {chance.choice(('true', 'false', 'false'))}, "
        f"group_by: [service], matchers: ['{matcher}', 'severity{severity}']}}"
        for i in range(2000)
        for matcher in (chance.choice((f'service="s{i}"', f'service=~"s{i}(-.*)?"', f'namespace=~"n{i}|m{i}"')),)
        for severity in (chance.choice(('="critical"', '=~"warning|info"', '!="none"')),)
    )
    config = alertmanager.load(
        f"route:\n  receiver: root\n  routes:\n{texts}\nreceivers: [{{name: root}}, {{name: x}}, {{name: y}}]", "many"
    )
    alerts = [
        {
            "service": f"s{chance.randrange(2200)}" + chance.choice(("", "-db")),
            "namespace": f"{chance.choice('nmo')}{chance.randrange(2200)}",
            "severity": chance.choice(("critical", "warning", "info", "none")),
        }
        for _ in range(3000)
    ]
    _same_routes(oracle, config, alerts)


@many
@given(st.lists(rules, min_size=1, max_size=4).map(tuple), st.integers(0, 2**32).map(random.Random))
def test_inhibition_of_ten_thousand_alerts(
    oracle: Oracle, some: tuple[InhibitRule, ...], chance: random.Random
) -> None:
    config = Config(route=Route(receiver="root"), receivers=RECEIVERS, inhibit_rules=some)
    firing = _alerts(chance, 6)
    asked = [*_alerts(chance, 95), *firing]
    inhibitor = Inhibitor(config, firing)
    with oracle.config(alertmanager.dump(config)) as handle:
        answers = oracle.inhibit(handle, firing, asked)
        causes = oracle.inhibit(handle, firing, asked[:10], explain=True)
    assert [bool(inhibitor.inhibiting(labels)) for labels in asked] == [answer.muted for answer in answers]
    for labels, answer in zip(asked, causes, strict=False):
        found = inhibitor.inhibiting(labels)
        assert [(one.index, one.source) for one in found] == [(cause.rule, cause.source) for cause in answer.by]


@many
@given(st.lists(time_intervals, max_size=2).map(tuple), st.integers(0, 2**32).map(random.Random))
def test_ten_thousand_moments(oracle: Oracle, parts: tuple[TimeInterval, ...], chance: random.Random) -> None:
    config = Config(
        route=Route(receiver="root"),
        receivers=RECEIVERS,
        time_intervals=(NamedTimeInterval(name="these", intervals=parts),),
    )
    calendar = Calendar(config)
    start = datetime(2024, 1, 1, tzinfo=UTC)
    times = [start + timedelta(seconds=chance.randrange(7 * 366 * 86400)) for _ in range(60)]
    # The days around the ends of months, where clocks jump and days are counted from the end.
    times += [
        datetime(chance.randrange(2024, 2031), chance.randrange(1, 13), 1, tzinfo=UTC)
        + timedelta(minutes=chance.randrange(-5 * 1440, 2 * 1440))
        for _ in range(50)
    ]
    with oracle.config(alertmanager.dump(config)) as handle:
        answers = oracle.intervals(handle, times)
    assert [calendar.inside("these", time) for time in times] == ["these" in names for names in answers]
