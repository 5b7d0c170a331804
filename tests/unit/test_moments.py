"""Moments as people write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from alertpath.semantics.times import parse

NOW = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-11-23T18:30:00Z", "2026-11-23T18:30:00+00:00"),
        ("2026-11-23T18:30:00+01:00", "2026-11-23T17:30:00+00:00"),
        ("2026-11-23t18:30:00.25z", "2026-11-23T18:30:00.250000+00:00"),
        ("2026-11-23T18:30:00.123456789Z", "2026-11-23T18:30:00.123456+00:00"),
        ("2026-11-23T18:30-05:30", "2026-11-24T00:00:00+00:00"),
        ("2026-11-23 18:30", "2026-11-23T18:30:00+00:00"),
        ("  2026-11-23 18:30 Europe/Berlin ", "2026-11-23T17:30:00+00:00"),
        ("2026-07-01 18:30:15 Europe/Berlin", "2026-07-01T16:30:15+00:00"),
        ("18:30", "2026-11-23T18:30:00+00:00"),
        ("18:30 UTC", "2026-11-23T18:30:00+00:00"),
        ("08:30 Asia/Seoul", "2026-11-23T23:30:00+00:00"),  # There it is the next day already.
        ("2026-10-25T02:30:00+01:00", "2026-10-25T01:30:00+00:00"),
    ],
)
def test_a_moment(text: str, utc: str) -> None:
    moment = parse(text, NOW)
    assert moment.astimezone(UTC).isoformat() == utc


def test_it_keeps_the_zone_that_was_written() -> None:
    assert str(parse("18:30 Asia/Seoul", NOW).tzinfo) == "Asia/Seoul"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not a moment"),
        ("tomorrow", "not a moment"),
        ("2026-11-23", "not a moment"),
        ("18h30", "not a moment"),
        ("18:30 Europe/Berlin CET", "not a moment"),
        ("2026-11-23T18:30:00+01:00 Europe/Berlin", "not a moment"),
        ("٢٠٢٦-11-23 18:30", "not a moment"),
        ("2026-02-30 18:30", "no such date or time of day"),
        ("24:30", "no such date or time of day"),
        ("18:30 Europe/Berlim", "unknown time zone 'Europe/Berlim'"),
        ("18:30 Europe", "unknown time zone"),
        ("18:30 ../../etc/passwd", "unknown time zone"),
        ("18:30 Local", "unknown time zone"),
        ("9950-01-01 00:00", "too far away"),
        ("0001-01-01T00:00:00+23:59", "too far away"),
        ("2026-03-29 02:30 Europe/Berlin", "the clocks of Europe/Berlin jump over that time"),
        ("2026-10-25 02:30 Europe/Berlin", "twice in Europe/Berlin"),
    ],
)
def test_what_is_no_moment(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as caught:
        parse(text, NOW)
    assert "; allowed: " in str(caught.value)


def test_a_time_that_is_there_twice_is_offered_with_both_offsets() -> None:
    with pytest.raises(ValueError, match="twice") as caught:
        parse("2026-10-25 02:30 Europe/Berlin", NOW)
    first, second = str(caught.value).rpartition("allowed: ")[2].split(" or ")
    assert parse(first, NOW) < parse(second, NOW)
