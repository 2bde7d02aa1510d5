"""Tables whose columns drift are joined without losing a row or a reading."""

import math

import pyarrow as pa
import pytest

from sources.fields.numbers import numbers
from state.tables import concat, labels


@pytest.mark.parametrize(
    ("first", "second", "joined", "kind"),
    [
        ([1, 2], [3], [1, 2, 3], pa.int64()),
        ([1, 2], [0.5], [1.0, 2.0, 0.5], pa.float64()),
        ([1, None], ["x"], ["1", None, "x"], pa.string()),
        ([True], ["x"], ["true", "x"], pa.string()),
        ([2**60], [0.5], [float(2**60), 0.5], pa.float64()),
    ],
)
def test_a_field_that_changes_its_type_stays_readable(first, second, joined, kind):
    table = concat([pa.table({"a": first}), pa.table({"a": second})])
    assert table["a"].to_pylist() == joined
    assert table["a"].type == kind


def test_a_field_absent_from_a_batch_is_null_there():
    table = concat([pa.table({"a": [1]}), pa.table({"b": ["x"]})])
    assert table.to_pylist() == [{"a": 1, "b": None}, {"a": None, "b": "x"}]


def test_nothing_joined_is_an_empty_table():
    assert len(concat([])) == 0


@pytest.mark.parametrize(
    ("column", "read"),
    [
        ([1, None, 3], [1, math.nan, 3]),
        ([True, False], [1, 0]),
        (["1.5", "-2e3", " 3", "x", "", None], [1.5, -2000, math.nan, math.nan, math.nan, math.nan]),
        (["1e400"], [math.nan]),
        (pa.array([0]).cast(pa.timestamp("us", "UTC")), [math.nan]),
    ],
)
def test_numbers_reads_what_is_a_number_and_nan_elsewhere(column, read):
    assert numbers(pa.table({"a": column}), "a").tolist() == pytest.approx(read, nan_ok=True)


def test_a_field_that_no_event_has_reads_as_missing():
    table = pa.table({"a": [1, 2]})
    assert all(map(math.isnan, numbers(table, "b")))
    assert labels(table, "b").to_pylist() == [None, None]


def test_labels_name_series_by_any_type():
    assert labels(pa.table({"a": [1, None]}), "a").to_pylist() == ["1", None]
    assert labels(pa.table({"a": [True]}), "a").to_pylist() == ["true"]
