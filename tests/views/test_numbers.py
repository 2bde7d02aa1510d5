"""Numbers, lengths of time and instants read well whatever they are."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from views.numbers import DASH, MINUS, clock, duration, number, rate, signed, unit

FIRST_US, LAST_US = -62_135_596_800_000_000, 253_402_300_799_999_999
PREFIXES = {"": 1, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
LENGTHS = {"ms": 0.001, "s": 1, "min": 60, "h": 3600, "d": 86400}


def parsed(text: str) -> float:
    match = re.fullmatch(r"(-?[\d.,]+(?:e[+-]\d+)?) ?([kMGT]?)", text.replace(MINUS, "-"))
    assert match
    return float(match[1].replace(",", "")) * PREFIXES[match[2]]


@given(st.floats(-1e308, 1e308))
def test_a_number_on_screen_is_within_a_percent_of_the_number(value: float) -> None:
    assert parsed(number(value)) == pytest.approx(value, rel=0.01, abs=5e-324)


@given(st.integers(-999_999, 999_999))
def test_whole_numbers_below_a_million_keep_every_digit(value: int) -> None:
    assert parsed(number(value)) == value


@given(st.floats())
def test_no_number_is_long(value: float) -> None:
    assert len(number(value)) <= 10
    assert len(signed(value)) <= 11


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (float("nan"), DASH),
        (float("inf"), "∞"),
        (84.04, "84.04"),
        (84.0, "84"),
        (999_999.9, "1,000,000"),
        (12.3456e9, "12.35 G"),
        (1.5e-7, "1.5e-07"),
    ],
)
def test_number(value: float, text: str) -> None:
    assert number(value) == text


@given(st.floats(0, 1e13))
def test_a_rate_is_within_five_percent(per_second: float) -> None:
    assert parsed(rate(per_second).removesuffix("/s").strip()) == pytest.approx(per_second, rel=0.05)


@given(st.floats(0.01, 1e7))
def test_a_duration_is_within_six_percent(seconds: float) -> None:
    words = duration(seconds).split()
    total = sum(float(size) * LENGTHS[name] for size, name in zip(words[::2], words[1::2], strict=True))
    assert total == pytest.approx(seconds, rel=0.06)


@given(st.integers(FIRST_US, LAST_US), st.sampled_from(["UTC", "Asia/Tokyo", "America/Los_Angeles", "Asia/Kathmandu"]))
def test_every_instant_of_the_calendar_has_a_text(us: int, zone: str) -> None:
    assert re.fullmatch(r"(\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d\.\d{3}", clock(us, ZoneInfo(zone), 0))


def test_the_date_is_told_where_it_is_another_than_today_in_the_viewers_zone() -> None:
    midnight = int(dt.datetime(2026, 7, 1, tzinfo=ZoneInfo("Europe/Berlin")).timestamp()) * 1_000_000
    assert clock(midnight, ZoneInfo("Europe/Berlin"), midnight) == "00:00:00.000"
    assert clock(midnight - 1, ZoneInfo("Europe/Berlin"), midnight) == "2026-06-30 23:59:59.999"
    assert clock(midnight - 1, dt.UTC, midnight) == "21:59:59.999"


@pytest.mark.parametrize(
    ("field", "symbol"),
    [
        ("latency_ms", "ms"),
        ("cpu.load_pct", "%"),
        ("roomTempCelsius", "°C"),
        ("size_bytes", "B"),
        ("ms", ""),
        ("", ""),
        ("items", ""),
        ("x_title", ""),
        ("<script>", ""),
    ],
)
def test_unit(field: str, symbol: str) -> None:
    assert unit(field) == symbol
