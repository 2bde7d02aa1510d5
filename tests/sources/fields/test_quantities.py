"""Numbers with a unit behind them come out in one unit, whatever the size of each."""

import math

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.fields.numbers import numbers
from sources.fields.quantities import quantities
from state.inference import infer

UNITS = {
    "ns": 1e-6,
    "us": 1e-3,
    "µs": 1e-3,
    "ms": 1.0,
    "s": 1e3,
    "m": 6e4,
    "h": 3.6e6,
    "kB": 1e3,
    "MiB": 2.0**20,
    "%": 1.0,
}


@given(st.decimals(-1_000_000, 1_000_000, places=3), st.sampled_from(sorted(UNITS)))
def test_every_unit_is_converted(value, unit):
    assert quantities(pa.array([f"{value}{unit}"]))[0] == pytest.approx(float(value) * UNITS[unit])


@given(st.text(max_size=12))
def test_no_text_raises(text):
    [found] = quantities(pa.array([text]))
    assert math.isnan(found) or any(character.isdigit() for character in text)


@pytest.mark.parametrize(
    ("text", "ms"), [("1m3.5s", 63_500), ("2h45m", 9_900_000), ("-1m30s", -90_000), ("1s500ms", 1500)]
)
def test_durations_of_several_parts_are_added_up(text, ms):
    assert quantities(pa.array([text])).tolist() == [ms]


def test_numbers_with_and_without_a_unit_stand_in_one_column():
    assert numbers(pa.table({"x": ["7", "2s", "x", None]}), "x").tolist()[:2] == [7.0, 2000.0]


def test_a_field_of_durations_is_a_measure_in_milliseconds():
    values = [f"{n % 9}.{n % 7}s" if n % 3 == 0 else f"{10 * n}ms" for n in range(60)]
    [measure] = infer(pa.table({"took": values})).measures
    assert (measure.name, measure.unit) == ("took", "ms")


def test_lengths_that_name_a_choice_are_labels():
    assert infer(pa.table({"interval": ["1m", "5m", "1h"] * 20})).measures == ()
