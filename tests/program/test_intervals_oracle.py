"""Time intervals against the code of each version of Alertmanager: which are taken, and what lies in them."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertpath.alertmanager.config import Config, load
from alertpath.alertmanager.time_intervals import Range, TimeInterval, to_mapping
from alertpath.documents.problems import InvalidInput
from alertpath.inputs.fields import version
from alertpath.semantics.hours import hours
from alertpath.semantics.intervals import inside, moved_clocks
from tests.exact.test_intervals import time_intervals
from tests.grammars import configurations as grammar
from tests.oracle import Oracle
from tests.program.test_acceptance import STRICTER

VERSIONS = ("0.34.2", "0.35.0")
SINCE = date(2023, 12, 1)
ENDS = [datetime(year, month, 1, tzinfo=UTC) for year in (2024, 2025, 2026) for month in range(1, 13)]
MOMENTS = [end + timedelta(hours=hours, minutes=59) for end in ENDS for hours in range(-60, 24, 5)]
MADE = 3_000


@st.composite
def read_by(draw: st.DrawFn, alertmanager: str) -> TimeInterval:
    """An interval as that version may have it: since 0.35 weekdays go on over the end of the week."""
    found = draw(time_intervals)
    if version(alertmanager) >= (0, 35) and draw(st.booleans()):
        days = st.tuples(st.integers(0, 6), st.integers(0, 6)).map(lambda ends: Range(*ends))
        return replace(found, weekdays=tuple(draw(st.lists(days, max_size=2))))
    return found


@pytest.fixture(scope="module")
def oracle(tool: Callable[[str], Path]) -> Iterator[Oracle]:
    tool("oracle")
    tool("oracle-intervals-0.35.0")
    with Oracle() as running:
        yield running


@pytest.mark.parametrize("alertmanager", VERSIONS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_minutes_of_an_interval(oracle: Oracle, alertmanager: str, data: st.DataObject) -> None:
    parts = data.draw(st.lists(read_by(alertmanager), max_size=3))
    expected = oracle.contained([to_mapping(part) for part in parts], MOMENTS, alertmanager)
    moved = moved_clocks(version(alertmanager))
    assert [inside(parts, moment, moved=moved) for moment in MOMENTS] == expected
    told = hours(parts, (), SINCE, version(alertmanager)).told
    assert [told.contains((moment.date() - SINCE).days, moment.hour * 60 + moment.minute) for moment in MOMENTS] == (
        expected
    )


@pytest.mark.parametrize(("alertmanager", "last"), [("0.34.2", 30), ("0.35.0", 31)])
def test_the_last_day_of_a_month_in_which_clocks_go_forward(oracle: Oracle, alertmanager: str, last: int) -> None:
    interval = {"days_of_month": ["-1"], "location": "Europe/Berlin"}
    days = [datetime(2026, 3, day, 10, tzinfo=UTC) for day in (29, 30, 31)]
    assert oracle.contained([interval], days, alertmanager) == [day.day == last for day in days]


@pytest.mark.parametrize("alertmanager", VERSIONS)
def test_the_intervals_that_a_version_takes(oracle: Oracle, alertmanager: str) -> None:
    chosen = random.Random(16)
    given = [grammar.interval(chosen) for _ in range(MADE)]
    wrong: list[object] = []
    taken = 0
    for interval, refused in zip(given, oracle.refused(given, alertmanager), strict=True):
        named = {"name": "this", "time_intervals": [interval]}
        around = {"route": {"receiver": "none"}, "receivers": [{"name": "none"}], "time_intervals": [named]}
        try:
            found = load(json.dumps(around), "f", version(alertmanager))
        except InvalidInput as error:
            said = [f"{problem.at.path}: {problem.message}" for problem in error.problems]
            if not refused and not all(any(re.search(reason, one) for reason in STRICTER) for one in said):
                wrong.append((interval, said))
            continue
        taken += 1
        # What is written is taken again, and is the same.
        again = {**around, "time_intervals": [{**named, "time_intervals": list(map(to_mapping, _parts(found)))}]}
        if refused or load(json.dumps(again), "f", version(alertmanager)) != found:
            wrong.append((interval, refused))
    assert not wrong, wrong[:10]
    assert taken > MADE / 10


def _parts(config: Config) -> tuple[TimeInterval, ...]:
    return config.time_intervals[0].intervals
