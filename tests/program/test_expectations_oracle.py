"""Expectations made of Alertmanager's own answers are all met, and none that says anything else is."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alertpath.alertmanager import config as alertmanager
from alertpath.alertmanager import durations
from alertpath.alertmanager.config import Config, InhibitRule, NamedTimeInterval, Receiver, Route
from alertpath.alertmanager.time_intervals import TimeInterval
from alertpath.configurations import loaded
from alertpath.expectations.plan import against_config, read_files
from alertpath.expectations.run import Result, run
from tests.exact.test_inhibition import rules
from tests.exact.test_intervals import time_intervals
from tests.exact.test_routing import NAMES, VALUES, trees
from tests.oracle import Match, Oracle

HOURS = ("one", "other")
TELLING = ("root", "x")
RECEIVERS = (
    *(Receiver(name=name, integrations={"webhook_configs": [{"url": "http://localhost/"}]}) for name in TELLING),
    Receiver(name="y"),
)
TIMES = ("group_wait", "group_interval", "repeat_interval")
CASES = 40
configurations = st.tuples(trees, st.lists(rules, max_size=3), st.tuples(time_intervals, time_intervals))


@pytest.fixture(scope="module")
def oracle(tool: Callable[[str], Path]) -> Iterator[Oracle]:
    tool("oracle")
    with Oracle() as running:
        yield running


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("expectations")


def _labels(chance: random.Random) -> dict[str, str]:
    some = chance.sample(NAMES, chance.randrange(len(NAMES) + 1))
    return {"alertname": chance.choice("AB"), **{name: chance.choice(VALUES) for name in some}}


def _with_hours(route: Route, chance: random.Random, *, root: bool = True) -> Route:
    below = tuple(_with_hours(child, chance, root=False) for child in route.routes)
    if root:
        return replace(route, routes=below)
    mute, active = (tuple(chance.sample(HOURS, chance.choice((0, 0, 1)))) for _ in range(2))
    return replace(route, routes=below, mute_time_intervals=mute, active_time_intervals=active)


def _silent(match: Match, inside: Sequence[str]) -> bool:
    return any(name in inside for name in match.mute) or (
        bool(match.active) and not any(name in inside for name in match.active)
    )


def _case(
    labels: dict[str, str],
    firing: list[dict[str, str]],
    at: datetime,
    matches: list[Match],
    inside: list[str],
    muted: bool,
) -> dict[str, Any]:
    # What Alertmanager says, as a case; `y` tells nobody.
    case: dict[str, Any] = {"labels": labels, "at": at.isoformat(), "firing": firing, "inhibited": muted}
    silent = {match.receiver for match in matches if _silent(match, inside)}
    telling = {match.receiver for match in matches if not _silent(match, inside)} if not muted else set[str]()
    case |= {"receivers": sorted(telling & set(TELLING)), "muted": sorted(silent & set(TELLING))}
    groups = {("...",) if match.group_by_all else match.group_by for match in matches}
    case |= {"group_by": list(*groups)} if len(groups) == 1 else {}
    for name in TIMES:
        times: set[int] = {getattr(match, name) for match in matches}
        case |= {name: durations.text(*times)} if len(times) == 1 else {}
    return case


def _otherwise(case: dict[str, Any], chance: random.Random) -> tuple[str, dict[str, Any]]:
    key = chance.choice([key for key in case if key not in ("labels", "at", "firing")])
    match value := case[key]:
        case bool():
            other: object = not value
        case str():
            other = durations.text(durations.parse(value) + 1)
        case _:
            name = chance.choice(NAMES if key == "group_by" else TELLING)
            other = [each for each in value if each != name] if name in value else [*value, name]
    return key, {**case, key: other}


def _run(directory: Path, config: Config, cases: list[dict[str, Any]]) -> tuple[Result, ...]:
    file = directory / "cases.yaml"
    file.write_text(json.dumps({"cases": cases}), encoding="utf-8")
    configuration = loaded.of_text(alertmanager.dump(config), "am.yaml")
    return run(against_config(read_files([file], directory), configuration, None)).results


@settings(max_examples=60, deadline=None, suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large))
@given(configurations, st.integers(0, 2**32).map(random.Random))
def test_two_thousand_cases(
    oracle: Oracle,
    directory: Path,
    parts: tuple[Route, list[InhibitRule], tuple[TimeInterval, TimeInterval]],
    chance: random.Random,
) -> None:
    tree, inhibit_rules, intervals = parts
    config = Config(
        route=_with_hours(tree, chance),
        receivers=RECEIVERS,
        inhibit_rules=tuple(inhibit_rules),
        time_intervals=tuple(
            NamedTimeInterval(name=name, intervals=(each,)) for name, each in zip(HOURS, intervals, strict=True)
        ),
    )
    labels = [_labels(chance) for _ in range(CASES)]
    firing = [_labels(chance) for _ in range(4)]
    moments = [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=chance.randrange(10**8)) for _ in labels]
    with oracle.config(alertmanager.dump(config)) as handle:
        matches = oracle.match(handle, labels)
        inside = oracle.intervals(handle, moments)
        inhibited = [one.muted for one in oracle.inhibit(handle, firing, labels)]
    answers = zip(labels, moments, matches, inside, inhibited, strict=True)
    cases = [_case(alert, firing, at, routes, names, muted) for alert, at, routes, names, muted in answers]
    for case, result in zip(cases, _run(directory, config, cases), strict=True):
        assert not result.differences, (case, result)
    changed = [_otherwise(case, chance) for case in cases]
    for (key, case), result in zip(changed, _run(directory, config, [case for _, case in changed]), strict=True):
        assert [difference.key for difference in result.differences] == [key], (case, result)
        assert result.why
