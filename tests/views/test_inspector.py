"""What the table of a paused board is sent, and which event is selected in it."""

import datetime as dt

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.choice import Choice
from state.latest import latest
from tests.state.lens_by_hand import table_of
from views.events import ordered
from views.inspector import CELL, COLUMNS, MOST_BYTES, ROWS, display, facts, row_of


def test_the_time_comes_first_then_what_the_board_is_about_and_the_transport_last():
    rows = table_of([1], _key=["k"], a=[1], host=["x"], none=pa.array([None], pa.string()), load=[2.0])
    assert ordered(rows, Choice("load", "host")) == ["_time", "host", "load", "a", "_key"]


def test_no_number_loses_digits_on_its_way_to_the_browser():
    table = display(
        table_of([1, 2], small=[1, 2**53], big=[1, 2**53 + 1], least=[-(2**63), 0]), ["small", "big", "least"]
    )
    assert table["small"].to_pylist() == [1, 2**53]
    assert table["big"].to_pylist() == ["1", "9007199254740993"]
    assert table["least"].to_pylist() == [str(-(2**63)), "0"]


def test_a_long_text_is_cut_in_its_cell():
    table = display(pa.table({"text": ["x" * CELL, "é" * (CELL + 1), None, ""]}), ["text"])
    assert table["text"].to_pylist() == ["x" * CELL, "é" * (CELL - 1) + "…", None, ""]


def test_what_is_sent_is_bounded_in_columns_and_in_bytes():
    texts = pa.array(["x" * CELL] * ROWS)
    rows = pa.table({f"f{number}": texts for number in range(300)})
    table = display(rows, rows.column_names)
    assert table.num_columns == COLUMNS
    assert 0 < table.nbytes <= MOST_BYTES


columns = st.one_of(
    st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)), min_size=3, max_size=3).map(
        lambda cells: pa.array(cells, pa.int64())
    ),
    st.lists(st.one_of(st.none(), st.floats()), min_size=3, max_size=3).map(
        lambda cells: pa.array(cells, pa.float64(), from_pandas=False)
    ),
    st.lists(st.one_of(st.none(), st.booleans()), min_size=3, max_size=3).map(
        lambda cells: pa.array(cells, pa.bool_())
    ),
    st.lists(st.one_of(st.none(), st.text(max_size=5)), min_size=3, max_size=3).map(
        lambda cells: pa.array(cells, pa.string())
    ),
)


@given(columns, columns)
def test_fields_of_any_types_make_a_table_in_which_what_is_absent_is_absent(one, other):
    rows = latest([table_of([1, 2, 3], x=one), table_of([4, 5, 6], x=other)], 10).rows
    table = display(rows, ["x"])
    assert len(table) == 6
    assert sum(cell is None for cell in table["x"].to_pylist()) == one.null_count + other.null_count


def test_the_transport_is_told_apart_in_the_viewers_zone():
    event = table_of(
        [0], load=[1.0], _partition=[3], _key=["<b>"], **{"_header.trace": ["t" * 3000]}, _tombstone=[True]
    )
    told = facts(event, dt.timezone(dt.timedelta(hours=2)))
    assert [name for name, _ in told] == ["event time", "key", "partition", "tombstone", "header trace"]
    assert told[0][1].endswith("+02:00")
    assert told[-1][1].endswith("… (3,000 characters)")


@pytest.mark.parametrize(
    ("rows", "cells", "before", "selected"),
    [
        ([], [], [], []),
        ([2], [], [], [2]),
        ([], [(3, "a")], [], [3]),
        ([2], [(3, "a")], [2], [3]),
        ([2], [(0, "a")], [3], [2]),
        ([], [(0, "a")], [3], []),
        ([9], [], [], []),
        ([], [(9, "a")], [], []),
        ([-1], [], [], []),
        (["1"], [], [], []),
        ([True], [], [], []),
    ],
)
def test_what_was_clicked_last_is_selected_if_it_is_shown(rows, cells, before, selected):
    assert row_of({"selection": {"rows": rows, "columns": [], "cells": cells}}, before, 5) == selected
