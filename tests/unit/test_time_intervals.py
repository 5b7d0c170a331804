"""Definitions of time intervals: what Alertmanager takes, and how it is written back."""

import json
from typing import Any

import pytest

from alertpath.alertmanager import time_intervals
from alertpath.alertmanager.config import load, validate
from alertpath.alertmanager.time_intervals import Range, TimeInterval, TimeRange
from alertpath.documents.go_yaml import Plain, Reader
from alertpath.documents.problems import InvalidInput

AROUND = {"route": {"receiver": "a"}, "receivers": [{"name": "a"}]}


def _parse(data: Any) -> tuple[TimeInterval, list[str]]:
    reader = Reader("f.yaml")
    return time_intervals.parse(reader, data), [f"{p.at.path}: {p.message}" for p in reader.problems]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({}, TimeInterval()),
        ({"times": None}, TimeInterval()),
        ({"times": []}, TimeInterval(times=())),
        (
            {"times": [{"start_time": "09:00", "end_time": "18:00"}]},
            TimeInterval(times=(TimeRange(540, 1080),)),
        ),
        (
            {"times": [{"start_time": Plain("18:00"), "end_time": "24:00"}]},
            TimeInterval(times=(TimeRange(1080, 1440),)),
        ),
        ({"weekdays": ["Monday:FRIDAY", "sunday"]}, TimeInterval(weekdays=(Range(1, 5), Range(0, 0)))),
        (
            {"days_of_month": ["1:5", "-3:-1", 15, "27:-1"]},
            TimeInterval(days_of_month=(Range(1, 5), Range(-3, -1), Range(15, 15), Range(27, -1))),
        ),
        ({"months": ["january:3", "12", 5]}, TimeInterval(months=(Range(1, 3), Range(12, 12), Range(5, 5)))),
        # No moment lies outside the months that there are, nor in null, which is Sunday for weekdays.
        ({"months": ["0:3", "-1", 13, "12:99"]}, TimeInterval(months=(Range(1, 3), Range(12, 12)))),
        ({"months": ["13"]}, TimeInterval(months=())),
        (
            {"times": [None], "weekdays": [None], "days_of_month": [None, 1], "years": [None]},
            TimeInterval(times=(), weekdays=(Range(0, 0),), days_of_month=(Range(1, 1),), years=()),
        ),
        ({"years": ["2025:2027", 2030]}, TimeInterval(years=(Range(2025, 2027), Range(2030, 2030)))),
        ({"location": "Asia/Seoul"}, TimeInterval(location="Asia/Seoul")),
        ({"location": "UTC"}, TimeInterval(location="UTC")),
        ({"location": "Local"}, TimeInterval(location="Local")),
    ],
)
def test_definitions(data: dict[str, object], expected: TimeInterval) -> None:
    found, problems = _parse(data)
    assert problems == []
    assert found == expected
    assert _parse(time_intervals.to_mapping(found)) == (found, [])


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"times": [{"start_time": "9:00", "end_time": "18:00"}]}, "times[0].start_time: not a time of day"),
        ({"times": [{"start_time": "09:60", "end_time": "18:00"}]}, "times[0].start_time: not a time of day"),
        ({"times": [{"start_time": "09:00", "end_time": "24:01"}]}, "times[0].end_time: not a time of day"),
        ({"times": [{"start_time": 1080, "end_time": "24:00"}]}, "times[0].start_time: is not text"),
        ({"times": [{"start_time": "18:00", "end_time": "09:00"}]}, "times[0]: start_time is not before end_time"),
        ({"times": [{"start_time": "24:00", "end_time": "24:00"}]}, "times[0]: start_time is not before end_time"),
        ({"times": [{"start_time": "09:00"}]}, "times[0]: end_time is missing"),
        ({"times": "09:00"}, "times: is not a list"),
        ({"weekdays": ["mon"]}, "weekdays[0]: not a weekday"),
        ({"weekdays": ["1"]}, "weekdays[0]: not a weekday"),
        ({"weekdays": ["monday:"]}, "weekdays[0]: not a weekday"),
        ({"weekdays": ["monday:tuesday:friday"]}, "weekdays[0]: not a range"),
        ({"days_of_month": ["0"]}, "days_of_month[0]: out of range"),
        ({"days_of_month": ["32"]}, "days_of_month[0]: out of range"),
        ({"days_of_month": ["5:1"]}, "days_of_month[0]: the range is empty in every month"),
        ({"days_of_month": ["28:-1"]}, "days_of_month[0]: the range is empty in every month"),
        ({"days_of_month": ["-1:-5"]}, "days_of_month[0]: the range is empty in every month"),
        ({"days_of_month": ["-3:3"]}, "days_of_month[0]: counts from the end of the month to its beginning"),
        ({"days_of_month": ["x"]}, "days_of_month[0]: not a number"),
        ({"months": ["jan"]}, "months[0]: not a month"),
        ({"months": ["13:12"]}, "months[0]: the range is empty, a year begins in January"),
        ({"months": ["december:january"]}, "months[0]: the range is empty, a year begins in January"),
        ({"years": ["2027:2025"]}, "years[0]: the range is empty"),
        ({"location": "Asia/Soul"}, "location: unknown time zone"),
        ({"location": "asia/"}, "location: unknown time zone"),
        ({"location": "../etc/passwd"}, "location: unknown time zone"),
        ({"weekday": ["monday"]}, "weekday: unknown field"),
    ],
)
def test_mistakes(data: dict[str, object], problem: str) -> None:
    assert _parse(data)[1] == [problem]


def test_weekdays_over_the_end_of_the_week_are_for_0_35_and_newer() -> None:
    text = json.dumps(
        {**AROUND, "time_intervals": [{"name": "x", "time_intervals": [{"weekdays": ["Friday:monday"]}]}]}
    )
    assert load(text, "f", (0, 35)).time_intervals[0].intervals == (TimeInterval(weekdays=(Range(5, 1),)),)
    with pytest.raises(InvalidInput) as refused:
        load(text, "f")
    (problem,) = refused.value.problems
    assert problem.at.path == "time_intervals[0].time_intervals[0].weekdays[0]"
    assert "over the end of the week needs Alertmanager 0.35" in problem.message
    assert "friday:saturday and sunday:monday" in problem.mend
    # No operator takes it.
    for_operator = validate(load(text, "f", (0, 35)), "f", (0, 35), (0, 94))
    assert ["so far takes a range of weekdays" in problem.message for problem in for_operator] == [True]


@pytest.mark.parametrize("months", ["13", "0:3", "-1", "12:99999"])
def test_a_month_that_is_none_is_for_versions_before_0_35(months: str) -> None:
    text = json.dumps({**AROUND, "time_intervals": [{"name": "x", "time_intervals": [{"months": [months]}]}]})
    assert load(text, "f", (0, 20)).time_intervals
    with pytest.raises(InvalidInput, match=r"0\.35 and newer do not take a month outside 1 to 12"):
        load(text, "f", (0, 35, 1))


def test_a_range_past_midnight_is_told_how_to_be_written() -> None:
    reader = Reader("f.yaml")
    time_intervals.parse(reader, {"times": [{"start_time": "22:00", "end_time": "06:00"}]})
    assert "22:00 to 24:00, and 00:00 to 06:00" in reader.problems[0].mend


@pytest.mark.parametrize("field", ["years", "months"])
@pytest.mark.parametrize("text", ["9223372036854775808", "-9223372036854775809", "1:99999999999999999999", "9" * 5_000])
def test_a_number_beyond_64_bits_is_refused_as_by_alertmanager(field: str, text: str) -> None:
    (problem,) = _parse({field: [text]})[1]
    assert "out of range" in problem
