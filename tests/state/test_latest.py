"""The newest events of a selection, each as it came."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.latest import latest
from tests.state.lens_by_hand import table_of


@given(st.lists(st.lists(st.integers(0, 30), max_size=8), max_size=6), st.integers(1, 20))
def test_they_are_the_newest_and_know_where_they_came_from(batches, most):
    tables, rows = [], []
    for seconds in batches:
        order = list(range(len(rows), len(rows) + len(seconds)))
        rows += zip(seconds, order, strict=True)
        tables.append(table_of(seconds, order=pa.array(order, pa.int64())))
    found = latest(tables, most)
    expected = [order for _, order in sorted(rows, reverse=True)[:most]]
    if expected:
        assert found.rows["order"].to_pylist() == expected
    assert len(found.rows) == len(expected)
    assert [found.event(number)["order"][0].as_py() for number in range(len(expected))] == expected


def test_an_event_keeps_its_digits_where_other_batches_have_fractions():
    tables = [table_of([1], id=[2**62 + 1]), table_of([2], id=[0.5]), table_of([3], id=["x"])]
    found = latest(tables, 10)
    assert found.rows["id"].type == pa.string()
    assert found.event(2)["id"][0].as_py() == 2**62 + 1


@pytest.mark.parametrize("tables", [[], [table_of([], load=[])]])
def test_no_event_is_no_error(tables):
    assert len(latest(tables, 5).rows) == 0


def test_a_long_text_that_repeats_is_not_written_out_for_each_row():
    text = "é" * 100_000
    tables = [
        table_of(range(first, first + 1000), t=pa.array([text, "short"] * 500).dictionary_encode())
        for first in (0, 2000)
    ]
    tables.append(table_of([5000], t=[text]))
    found = latest(tables, 2001, 301)
    assert found.rows.nbytes < 2_000_000
    assert found.rows["t"].to_pylist()[:3] == ["é" * 301, "short", "é" * 301]
    assert [found.event(number)["t"][0].as_py() for number in (0, 2000)] == [text, text]
