"""What is accepted, and what it means, is as in Alertmanager: matchers, durations, intervals, whole configurations.

All are made from a grammar, many of them not valid.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from alertpath.alertmanager import config, durations, matchers
from alertpath.alertmanager.config import Config
from alertpath.documents.problems import InvalidInput
from tests.grammars import configurations as grammar
from tests.oracle import Loaded, Oracle
from tests.program.test_acceptance import STRICTER

# How many of each are made, and which share of them at least must be valid, and not be.
MADE: Final = 1_500
SHARE: Final = 0.2


@pytest.fixture(scope="module")
def oracle(tool: Callable[[str], Path]) -> Iterator[Oracle]:
    for name in ("oracle", "oracle-go"):
        tool(name)
    with Oracle() as running:
        yield running


def around(route: Mapping[str, object], **more: object) -> dict[str, object]:
    """The smallest configuration with this in it."""
    return {"route": {"receiver": "r", **route}, "receivers": [{"name": "r"}], **more}


def compared(oracle: Oracle, given: Sequence[Mapping[str, object]]) -> list[tuple[str, Loaded, Config]]:
    """Asserts that `load` takes what Alertmanager takes, but for what is stricter; gives what both take."""
    # JSON is YAML too; both ways to write what is not ASCII.
    texts = [json.dumps(each, ensure_ascii=index % 2 == 0) for index, each in enumerate(given)]
    wrong: list[str] = []
    both: list[tuple[str, Loaded, Config]] = []
    for text, loaded in zip(texts, oracle.load_all(texts), strict=True):
        try:
            found = config.load(text, "f")
        except InvalidInput as refused:
            said = [f"{problem.at.path}: {problem.message}" for problem in refused.problems]
            if loaded.accepted and not all(any(re.search(reason, one) for reason in STRICTER) for one in said):
                wrong.append(f"{text}\nAlertmanager takes it; load: {said}")
            continue
        if loaded.accepted:
            both.append((text, loaded, found))
        else:
            wrong.append(f"{text}\nAlertmanager: {loaded.error}; load takes it")
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(wrong[:10])
    assert SHARE < len(both) / len(given) < 1 - SHARE
    return both


def made(seed: int, one: Callable[[random.Random], Any]) -> list[Any]:
    chosen = random.Random(seed)
    return [one(chosen) for _ in range(MADE)]


def test_matchers_are_read_and_written_alike(oracle: Oracle) -> None:
    given = [around({"routes": [{"matchers": [text]}]}) for text in made(11, grammar.matcher)]
    wrong: list[object] = []
    for text, loaded, found in compared(oracle, given):
        own = found.route.routes[0].matchers
        # An alert that fulfils them, so that Alertmanager tells the route's key.
        labels = {matcher.label: matcher.value if matcher.op == "=" else "?" for matcher in own}
        (routes,) = oracle.match(loaded.handle, [labels])
        taken = all(matcher.matches(labels) for matcher in own)
        key = f"{{}}/{{{','.join(map(str, own))}}}"
        if taken != bool(routes[0].path) or (taken and routes[0].key != key):
            wrong.append((text, key, routes[0]))
        if any(matchers.parse(str(matcher)) != matcher for matcher in own):
            wrong.append((text, own))
    assert not wrong, wrong[:10]


def test_durations_are_read_alike(oracle: Oracle) -> None:
    given = [around({"repeat_interval": text}) for text in made(12, grammar.duration)]
    both = compared(oracle, given)
    wrong = [
        (text, found.route.repeat_interval, routes[0].repeat_interval)
        for text, loaded, found in both
        for routes in oracle.match(loaded.handle, [{}])
        if found.route.repeat_interval != routes[0].repeat_interval
    ]
    assert not wrong, wrong[:10]


def test_what_go_s_own_parser_of_durations_takes(oracle: Oracle) -> None:
    texts = made(13, grammar.duration)
    wrong: list[object] = []
    for text, go in zip(texts, oracle.read("duration", texts), strict=True):
        try:
            durations.check_go(text)
            taken = True
        except ValueError:
            taken = False
        if taken == bool(go.error):
            wrong.append((text, go))
    assert not wrong, wrong[:10]


def test_time_intervals_are_taken_alike(oracle: Oracle) -> None:
    compared(
        oracle,
        [around({}, time_intervals=[{"name": "n", "time_intervals": [each]}]) for each in made(14, grammar.interval)],
    )


def test_configurations_are_taken_alike(oracle: Oracle) -> None:
    compared(oracle, made(15, grammar.configuration))
