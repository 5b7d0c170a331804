"""Time intervals against the code of each version of Alertmanager."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertpath.alertmanager.time_intervals import TimeInterval, to_mapping
from alertpath.inputs.fields import version
from alertpath.semantics.hours import hours
from alertpath.semantics.intervals import inside, moved_clocks
from tests.exact.test_intervals import time_intervals
from tests.oracle import Oracle

VERSIONS = ("0.34.2", "0.35.0")
SINCE = date(2023, 12, 1)
ENDS = [datetime(year, month, 1, tzinfo=UTC) for year in (2024, 2025, 2026) for month in range(1, 13)]
MOMENTS = [end + timedelta(hours=hours, minutes=59) for end in ENDS for hours in range(-60, 24, 5)]


@pytest.fixture(scope="module")
def oracle(tool: Callable[[str], Path]) -> Iterator[Oracle]:
    tool("oracle")
    tool("oracle-intervals-0.35.0")
    with Oracle() as running:
        yield running


@pytest.mark.parametrize("alertmanager", VERSIONS)
@settings(max_examples=60, deadline=None)
@given(parts=st.lists(time_intervals, max_size=3))
def test_the_minutes_of_an_interval(oracle: Oracle, alertmanager: str, parts: list[TimeInterval]) -> None:
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
