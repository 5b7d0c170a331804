"""Moments in time intervals, the next change, and definitions that are the same hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertpath.alertmanager.config import Config, NamedTimeInterval, Route
from alertpath.alertmanager.integration_fields import Version
from alertpath.alertmanager.time_intervals import Range, TimeInterval, TimeRange, parse
from alertpath.diff.words.hours import in_words
from alertpath.documents.go_yaml import Reader
from alertpath.semantics.hours import Hours
from alertpath.semantics.hours import hours as hours_of
from alertpath.semantics.intervals import Calendar, Silence, contains, inside

SEOUL, BERLIN = ZoneInfo("Asia/Seoul"), ZoneInfo("Europe/Berlin")
ZONES = ("", "Asia/Seoul", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca")


def _ranges(low: int, high: int) -> st.SearchStrategy[tuple[Range, ...] | None]:
    one = st.tuples(st.integers(low, high), st.integers(low, high)).map(lambda pair: Range(min(pair), max(pair)))
    return st.none() | st.lists(one, max_size=2).map(tuple)


times = st.tuples(st.integers(0, 1440), st.integers(0, 1440)).filter(lambda p: p[0] < p[1]).map(lambda p: TimeRange(*p))
time_intervals = st.builds(
    TimeInterval,
    times=st.none() | st.lists(times, max_size=2).map(tuple),
    weekdays=_ranges(0, 6),
    days_of_month=st.none()
    | st.lists(
        st.sampled_from((Range(1, 7), Range(-1, -1), Range(29, 31), Range(-7, -1), Range(15, -1), Range(-31, -30))),
        max_size=2,
    ).map(tuple),
    months=_ranges(1, 12),
    years=_ranges(2024, 2030),
    location=st.sampled_from(ZONES),
)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2031, 1, 1), timezones=st.just(UTC))


def _one(location: str = "", **fields: object) -> TimeInterval:
    reader = Reader("test")
    found = parse(reader, {**fields, **({"location": location} if location else {})})
    assert not reader.problems
    return found


OFFICE = _one(
    "Asia/Seoul", times=[{"start_time": "09:00", "end_time": "18:00"}], weekdays=["monday:friday"]
)  # fmt: skip


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2026, 3, 2, 9, 0, tzinfo=SEOUL), True),
        (datetime(2026, 3, 2, 8, 59, 59, tzinfo=SEOUL), False),
        (datetime(2026, 3, 2, 18, 0, tzinfo=SEOUL), False),
        (datetime(2026, 3, 1, 12, 0, tzinfo=SEOUL), False),
        (datetime(2026, 3, 2, 0, 0, tzinfo=UTC), True),
    ],
)
def test_minutes_and_weekdays_in_a_zone(moment: datetime, expected: bool) -> None:
    assert contains(OFFICE, moment, moved=True) is expected


def test_a_day_ends_at_24_00() -> None:
    evening = _one(times=[{"start_time": "22:00", "end_time": "24:00"}])
    assert contains(evening, datetime(2026, 1, 1, 23, 59, 59, tzinfo=UTC), moved=True)
    assert not contains(evening, datetime(2026, 1, 2, tzinfo=UTC), moved=True)


def test_negative_days_count_from_the_end() -> None:
    last = _one(days_of_month=["-1"])
    assert contains(last, datetime(2024, 2, 29, tzinfo=UTC), moved=True)
    assert not contains(last, datetime(2024, 2, 28, tzinfo=UTC), moved=True)
    assert contains(last, datetime(2026, 3, 31, tzinfo=UTC), moved=True)


def test_a_month_whose_clocks_go_forward_is_a_day_short() -> None:
    last = _one("Europe/Berlin", days_of_month=["-1"])
    assert not contains(last, datetime(2026, 3, 31, 12, tzinfo=BERLIN), moved=True)
    assert contains(last, datetime(2026, 3, 30, 12, tzinfo=BERLIN), moved=True)
    assert contains(last, datetime(2026, 10, 31, 12, tzinfo=BERLIN), moved=True)


def test_since_0_35_it_is_not() -> None:
    last = _one("Europe/Berlin", days_of_month=["-1"])
    assert contains(last, datetime(2026, 3, 31, 12, tzinfo=BERLIN), moved=False)
    assert not contains(last, datetime(2026, 3, 30, 12, tzinfo=BERLIN), moved=False)


def _calendar(**named: tuple[TimeInterval, ...]) -> Calendar:
    intervals = tuple(NamedTimeInterval(name=name, intervals=parts) for name, parts in named.items())
    return Calendar(Config(route=Route(receiver="a"), time_intervals=intervals))


def test_says_until_when() -> None:
    calendar = _calendar(office=(OFFICE,), always=(TimeInterval(),), never=(), past=(_one(years=["2020"]),))
    friday_evening = datetime(2026, 3, 6, 18, 0, tzinfo=SEOUL)
    monday = datetime(2026, 3, 9, 9, 0, tzinfo=SEOUL)
    assert calendar.until("office", friday_evening) == monday
    assert calendar.until("office", monday) == monday + timedelta(hours=9)
    for constant in ("always", "never"):
        assert calendar.until(constant, monday) is None
    active = Route(active_time_intervals=("office",))
    assert calendar.silence(active, monday) is None
    assert calendar.silence(active, friday_evening) == Silence("active", ("office",), monday)
    both = Route(active_time_intervals=("office",), mute_time_intervals=("never", "always"))
    assert calendar.silence(both, monday) == Silence("mute", ("always",), None)


def test_the_hour_that_is_left_out_and_the_one_that_comes_twice() -> None:
    night = _calendar(night=(_one("Europe/Berlin", times=[{"start_time": "02:15", "end_time": "02:45"}]),))
    before = datetime(2026, 3, 29, 1, 0, tzinfo=BERLIN)
    assert night.until("night", before) == datetime(2026, 3, 30, 2, 15, tzinfo=BERLIN)
    october = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)
    changes = [october]
    for _ in range(4):
        found = night.until("night", changes[-1])
        assert found
        changes.append(found.astimezone(UTC))
    assert [change.strftime("%H:%M") for change in changes[1:]] == ["00:15", "00:45", "01:15", "01:45"]


@settings(max_examples=60, deadline=None)
@given(st.lists(time_intervals, max_size=3).map(tuple), moments)
def test_until_is_the_first_change(parts: tuple[TimeInterval, ...], moment: datetime) -> None:
    moment = moment.replace(second=0, microsecond=0)
    found = _calendar(x=parts).until("x", moment)
    now = inside(parts, moment, moved=True)
    for minutes in range(1, 3000, 7):
        at = moment + timedelta(minutes=minutes)
        if found is not None and at >= found:
            break
        assert inside(parts, at, moved=True) == now
    if found is not None:
        assert inside(parts, found, moved=True) != now
        assert inside(parts, found - timedelta(seconds=1), moved=True) == now


SINCE = date(2024, 1, 1)
VERSIONS = ((0, 34, 2), (0, 35, 0))


def hours(
    active: list[TimeInterval] | None, mute: Sequence[TimeInterval] = (), alertmanager: Version = VERSIONS[0]
) -> Hours:
    return hours_of(active, mute, SINCE, alertmanager)


def _notifies(active: list[TimeInterval] | None, mute: list[TimeInterval], at: datetime, *, moved: bool) -> bool:
    return (active is None or inside(active, at, moved=moved)) and not inside(mute, at, moved=moved)


some = st.lists(time_intervals, max_size=2)


@settings(max_examples=100, deadline=None)
@given(st.none() | some, some, st.sampled_from(VERSIONS), st.lists(moments, min_size=50, max_size=50))
def test_hours_are_the_minutes_at_which_it_notifies(
    active: list[TimeInterval] | None, mute: list[TimeInterval], version: Version, at: list[datetime]
) -> None:
    found = hours(active, mute, version)
    for moment in at:
        held = found.told.contains((moment.date() - SINCE).days, moment.hour * 60 + moment.minute)
        assert held == _notifies(active, mute, moment, moved=version < (0, 35))
    assert not found.never or not any(_notifies(active, mute, m, moved=version < (0, 35)) for m in at)
    assert in_words(found)


@settings(max_examples=100, deadline=None)
@given(st.none() | some, some, st.none() | some, st.lists(moments, min_size=50, max_size=50))
def test_equal_hours_are_the_same_minutes(
    active: list[TimeInterval] | None, mute: list[TimeInterval], other: list[TimeInterval] | None, at: list[datetime]
) -> None:
    if hours(active, mute) == hours(other):
        for moment in at:
            assert _notifies(active, mute, moment, moved=True) == _notifies(other, [], moment, moved=True)


@pytest.mark.parametrize(
    ("active", "mute"),
    [
        ([], []),
        (None, [TimeInterval()]),
        ([OFFICE], [OFFICE]),
        ([_one(years=["2020"])], []),
        ([_one(days_of_month=["30"], months=["february"])], []),
        ([_one(days_of_month=["1"], months=["january"], years=["2026"], weekdays=["monday"])], []),
        # 09:00 to 18:00 in Seoul is 00:00 to 09:00 in UTC.
        ([OFFICE], [_one(times=[{"start_time": "00:00", "end_time": "09:00"}])]),
        # The clocks of Berlin jump over it.
        (
            [
                _one(
                    "Europe/Berlin",
                    times=[{"start_time": "02:00", "end_time": "03:00"}],
                    days_of_month=["29"],
                    months=["march"],
                    years=["2026"],
                )
            ],
            [],
        ),
    ],
)
def test_never(active: list[TimeInterval] | None, mute: list[TimeInterval]) -> None:
    assert hours(active, mute).never
    assert not hours(None).never


def test_a_minute_of_a_night_in_years_is_not_never() -> None:
    leap = _one(
        "Asia/Seoul", times=[{"start_time": "03:00", "end_time": "03:01"}], days_of_month=["29"], months=["february"]
    )
    assert not hours([leap]).never
    assert not hours([OFFICE], [_one("Europe/Berlin", times=[{"start_time": "00:00", "end_time": "10:00"}])]).never


def test_the_version_decides_which_day_is_the_last() -> None:
    last = [_one("Europe/Berlin", days_of_month=["-1"])]
    assert hours(last, (), VERSIONS[0]) != hours(last, (), VERSIONS[1])
    seoul = [_one("Asia/Seoul", days_of_month=["-1"], months=["july"])]
    assert hours(seoul) == hours(seoul, (), VERSIONS[1]) == hours([replace(seoul[0], days_of_month=(Range(31, 31),))])


def test_rewrites_are_the_same_hours() -> None:
    split = [
        _one("Asia/Seoul", times=[{"start_time": "09:00", "end_time": "12:00"}], weekdays=["monday:wednesday"]),
        _one(
            "Asia/Seoul", times=[{"start_time": "12:00", "end_time": "18:00"}], weekdays=["wednesday", "monday:tuesday"]
        ),
        _one("Asia/Seoul", times=[{"start_time": "09:00", "end_time": "18:00"}], weekdays=["thursday:friday"]),
        _one("Asia/Seoul", days_of_month=[]),
    ]
    assert hours([OFFICE]) == hours(split)
    outside = [
        _one("Asia/Seoul", weekdays=["saturday", "sunday"]),
        _one(
            "Asia/Seoul",
            times=[{"start_time": "00:00", "end_time": "09:00"}, {"start_time": "18:00", "end_time": "24:00"}],
        ),
    ]
    assert hours(None, outside) == hours([OFFICE])
    assert (
        hours(None)
        == hours([_one("Asia/Seoul", days_of_month=["1:31"])])
        == hours([_one(months=["1:6"]), _one(months=["7:12"])])
    )
    assert hours([]) == hours(None, [TimeInterval()])
    assert hours([_one(location="UTC", years=["2026"])]) == hours([_one(years=["2026:2026"])])
    assert hours([OFFICE]) == hours(
        [_one(times=[{"start_time": "00:00", "end_time": "09:00"}], weekdays=["monday:friday"])]
    )
    assert hours(None, [_one(days_of_month=["31"], months=["february"]), _one(years=["2020"])]) == hours(None)


@pytest.mark.parametrize(
    "other",
    [
        _one(times=[{"start_time": "09:00", "end_time": "18:00"}], weekdays=["monday:friday"]),
        _one("Asia/Seoul", times=[{"start_time": "09:00", "end_time": "18:01"}], weekdays=["monday:friday"]),
        _one("Asia/Seoul", times=[{"start_time": "09:00", "end_time": "18:00"}], weekdays=["sunday:friday"]),
        _one(
            "Asia/Seoul",
            times=[{"start_time": "09:00", "end_time": "18:00"}],
            weekdays=["monday:friday"],
            days_of_month=["1:30"],
        ),
    ],
)
def test_other_hours_are_not_the_same(other: TimeInterval) -> None:
    assert hours([OFFICE]) != hours([other])
