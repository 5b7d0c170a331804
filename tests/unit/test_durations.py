"""Durations, in Prometheus' grammar."""

import pytest

from alertpath.alertmanager import durations


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("0", 0),
        ("0s", 0),
        ("1ms", 1),
        ("30s", 30_000),
        ("5m", 300_000),
        ("1h30m", 5_400_000),
        ("2d", 172_800_000),
        ("1w", 604_800_000),
        ("1y", 31_536_000_000),
        ("1y2w3d4h5m6s7ms", 31_536_000_000 + 14 * 86_400_000 + 3 * 86_400_000 + 14_400_000 + 300_000 + 6_007),
        ("90m", 5_400_000),
        ("007s", 7_000),
    ],
)
def test_what_prometheus_reads(text: str, milliseconds: int) -> None:
    assert durations.parse(text) == milliseconds


@pytest.mark.parametrize(
    "text",
    ["", " ", "5", "00", "-5s", "1.5s", "30m1h", "1m1m", "1s1ms1s", "5 m", "5M", "s", "1µs", "1h 30m", "300y", "٣s"],
)
def test_what_prometheus_refuses(text: str) -> None:
    with pytest.raises(ValueError, match="allowed: "):
        durations.parse(text)


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "0s"),
        (1, "1ms"),
        (90_000, "1m30s"),
        (3_600_000, "1h"),
        (14 * 86_400_000, "2w"),
        (15 * 86_400_000, "15d"),
        (365 * 86_400_000, "1y"),
        (366 * 86_400_000, "366d"),
        (372 * 86_400_000, "372d"),
        (730 * 86_400_000, "2y"),
    ],
)
def test_the_canonical_text_is_alertmanagers(milliseconds: int, text: str) -> None:
    assert durations.text(milliseconds) == text
    assert durations.parse(text) == milliseconds


def test_a_negative_number_has_no_text() -> None:
    with pytest.raises(ValueError, match="not negative"):
        durations.text(-1)


@pytest.mark.parametrize("text", ["10s", "1h30m", "500ms", "0", "0s"])
def test_timeouts_take_what_both_readers_take(text: str) -> None:
    assert durations.parse_go(text) == durations.parse(text)


@pytest.mark.parametrize("text", ["1d", "1w", "1y", "1.5s", "5", "", "10us"])
def test_timeouts_refuse_what_one_reader_refuses(text: str) -> None:
    with pytest.raises(ValueError, match="allowed: "):
        durations.parse_go(text)


@pytest.mark.parametrize("text", ["0", "-0", "+5m", "-5m", "1.5h", ".5s", "1.s", "10us", "10µs", "1h1h", "2562047h"])
def test_what_go_reads(text: str) -> None:
    durations.check_go(text)


@pytest.mark.parametrize("text", ["", "5", "1", "-", "1d", "1.5", "5 m", "h", "2562048h", "1e3s"])
def test_what_go_refuses(text: str) -> None:
    with pytest.raises(ValueError, match="allowed: "):
        durations.check_go(text)


def test_thousands_of_digits_are_out_of_range_unless_they_are_zeros() -> None:
    with pytest.raises(ValueError, match="out of range"):
        durations.parse("9" * 5_000 + "s")
    assert durations.parse("0" * 5_000 + "1s") == 1_000
