"""What `alertpath explain` tells of a route tree, against Alertmanager itself, on random configurations."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alertpath.alertmanager import config as alertmanager
from alertpath.alertmanager.config import Config, InhibitRule, Receiver, Route, walk
from alertpath.configurations.loaded import of_text
from alertpath.explain.explanation import Asked, explain
from tests.exact.test_inhibition import rules
from tests.exact.test_routing import NAMES, VALUES, trees
from tests.oracle import Oracle

RECEIVERS = tuple(Receiver(name=name) for name in ("root", "x", "y"))
NOW = datetime(2026, 11, 23, tzinfo=UTC)
ALERTS = 30
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


@many
@given(trees, st.integers(0, 2**32).map(random.Random))
def test_the_routes_taken_are_alertmanagers_and_the_others_do_fail(
    oracle: Oracle, tree: Route, chance: random.Random
) -> None:
    loaded = of_text(alertmanager.dump(Config(route=tree, receivers=RECEIVERS)), "random")
    alerts = _alerts(chance, ALERTS)
    everything = dict(walk(loaded.config.route))
    # Every route by itself, so that Alertmanager says of each whether it matches.
    alone = tuple(Route(receiver="x", matchers=route.matchers, continue_=True) for route in everything.values())
    apart = Config(route=Route(receiver="root", routes=alone), receivers=RECEIVERS)
    with oracle.config(alertmanager.dump(loaded.config)) as handle:
        answers = oracle.match(handle, alerts)
    with oracle.config(alertmanager.dump(apart)) as handle:
        matching = [{match.path[0] for match in matches} for matches in oracle.match(handle, alerts)]
    numbers = {place: number for number, place in enumerate(everything)}
    for labels, expected, matched in zip(alerts, answers, matching, strict=True):
        explanation = explain(loaded, labels, NOW)
        assert [taken.route.place[2::2] for taken in explanation.taken] == [match.path for match in expected]
        assert [end.place for end in explanation.root.ends()] == [taken.route.place for taken in explanation.taken]
        for taken, match in zip(explanation.taken, expected, strict=True):
            assert (taken.route.receiver, taken.route.group_wait) == (match.receiver, match.group_wait)
            if all(labels.values()):  # Alertmanager removes empty labels on receipt.
                assert (taken.group_labels, taken.group_key) == (match.group_labels, match.group_key)
        for one in explanation.root.walk():
            assert one.route == everything[one.place]
            assert (one.failed is None) == (numbers[one.place] in matched), (one, labels)
            assert one.failed is None or one.failed in one.route.matchers
            _in_order(one)


def _in_order(one: Asked) -> None:
    # All routes below it up to the one that ends the search, none left out.
    assert [below.place for below in one.below] == [(*one.place, "routes", number) for number in range(len(one.below))]
    ending = [below.failed is None and not below.route.continue_ for below in one.below]
    assert not any(ending[:-1])
    if one.failed is None and len(one.below) < len(one.route.routes):
        assert ending[-1]


@many
@given(st.lists(rules, min_size=1, max_size=3).map(tuple), st.integers(0, 2**32).map(random.Random))
def test_no_alert_inhibits_by_a_rule_that_is_not_named(
    oracle: Oracle, some: tuple[InhibitRule, ...], chance: random.Random
) -> None:
    config = Config(route=Route(receiver="root"), receivers=RECEIVERS, inhibit_rules=some)
    loaded = of_text(alertmanager.dump(config), "random")
    firing = _alerts(chance, 40)
    asked = _alerts(chance, ALERTS)
    with oracle.config(alertmanager.dump(loaded.config)) as handle:
        answers = oracle.inhibit(handle, firing, asked, explain=True)
    for labels, answer in zip(asked, answers, strict=True):
        alone = explain(loaded, labels, NOW)
        threats = {threat.index: threat for threat in alone.threats}
        found = explain(loaded, labels, NOW, firing).inhibited
        assert [(one.index, one.source) for one in found] == [(cause.rule, cause.source) for cause in answer.by]
        for cause in answer.by:
            threat = threats[cause.rule]
            assert all(matcher.matches(cause.source) for matcher in threat.rule.source)
            assert all(cause.source.get(name, "") == value for name, value in threat.equal.items())
            assert not threat.unless or not all(matcher.matches(cause.source) for matcher in threat.unless)
        # And whoever fulfils what a threat demands does inhibit.
        for source in firing:
            for threat in threats.values():
                demanded = (
                    all(matcher.matches(source) for matcher in threat.rule.source)
                    and all(source.get(name, "") == value for name, value in threat.equal.items())
                    and (not threat.unless or not all(matcher.matches(source) for matcher in threat.unless))
                )
                inhibits = any(cause.rule == threat.index and cause.source == source for cause in answer.by)
                assert demanded == inhibits
