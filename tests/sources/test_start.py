"""Start positions as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.durations import format_duration
from sources.errors import BadSettings
from sources.start import LAST_MAXIMUM, Start, parse_start


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("latest", Start("latest")),
        (" Earliest ", Start("earliest")),
        ("last 1000", Start("last", 1000)),
        ("LAST   7", Start("last", 7)),
        ("10m", Start("age", 600)),
        ("1.5 h", Start("age", 5400)),
        ("0s", Start("age", 0)),
    ],
)
def test_a_start_position_is_read(text: str, start: Start) -> None:
    assert parse_start(text) == start


@pytest.mark.parametrize(
    "text", ["", "newest", "last", "last x", "last 0", "last -5", "last 1 2", "last ²", "10", "-5m"]
)
def test_anything_else_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(BadSettings, match="such as"):
        parse_start(text)


def test_more_events_than_anything_holds_are_refused() -> None:
    assert parse_start(f"last {LAST_MAXIMUM}").amount == LAST_MAXIMUM
    with pytest.raises(BadSettings, match="last 1000"):
        parse_start(f"last {'9' * 5000}")


@given(st.integers(1, LAST_MAXIMUM))
def test_every_number_of_events_is_read_back(count: int) -> None:
    assert parse_start(f"last {count}") == Start("last", count)


@given(st.integers(0, 10**8))
def test_every_age_is_read_back(seconds: int) -> None:
    assert parse_start(format_duration(seconds)) == Start("age", seconds)


@given(st.text(max_size=30))
def test_any_text_is_a_start_position_or_is_refused(text: str) -> None:
    try:
        assert parse_start(text).amount >= 0
    except BadSettings as error:
        assert "such as" in str(error)  # noqa: PT017 - either outcome is right
