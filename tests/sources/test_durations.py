import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.durations import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0s", 0),
        ("250ms", 0.25),
        ("0.1s", 0.1),
        ("30s", 30),
        ("5m", 300),
        ("1.5h", 5400),
        ("2d", 172_800),
        (" 5 M ", 300),
    ],
)
def test_a_number_and_a_unit_are_a_length_of_time(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "s",
        "5",
        "-5m",
        "+5m",
        "5w",
        "5 minutes",
        "1e3s",
        "nan s",
        ".5s",
        "1.s",
        "5m 30s",
        "1_0s",
        "9" * 400 + "d",
        "5s\n5",
    ],
)
def test_anything_else_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match="is no length of time: write a number and a unit, such as 30s, 5m or 1h"):
        parse_duration(text)


@given(st.integers(0, 10**15 - 1))
def test_a_formatted_duration_reads_back_as_it_was(microseconds: int) -> None:
    seconds = microseconds / 1e6
    assert parse_duration(format_duration(seconds)) == seconds


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (0.25, "0.25s"),
        (59, "59s"),
        (60, "1m"),
        (61, "61s"),
        (3600, "1h"),
        (5400, "90m"),
        (86_400, "1d"),
        (1e-6, "0.000001s"),
    ],
)
def test_the_largest_unit_that_fits_is_used(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text
