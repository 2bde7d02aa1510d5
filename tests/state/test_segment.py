"""A segment's rows are the same whatever the batching and the joining."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.segment import LOOSE_TABLES, SEGMENT_EVENTS, Segment
from state.tables import concat


@given(st.lists(st.integers(1, 5), min_size=1, max_size=3 * LOOSE_TABLES), st.data())
def test_slices_are_the_rows_asked_for(sizes, data):
    segment = Segment(0)
    rows: list[int] = []
    for size in sizes:
        new = list(range(len(rows), len(rows) + size))
        segment.append(pa.table({"n": new}))
        rows += new
    start = data.draw(st.integers(0, len(rows)))
    stop = data.draw(st.integers(start, len(rows)))
    assert [n for table in segment.slices(start, stop) for n in table["n"].to_pylist()] == rows[start:stop]


def test_a_quiet_feeds_batches_are_joined_so_that_few_tables_remain():
    segment = Segment(0)
    for n in range(1000):
        segment.append(pa.table({"n": [n]}))
    assert len(segment.slices(0, 1000)) <= LOOSE_TABLES
    assert segment.nbytes == 8000


def test_a_segment_is_full_at_its_bound_and_then_one_table():
    segment = Segment(0)
    segment.append(pa.table({"n": range(SEGMENT_EVENTS - 1)}))
    assert not segment.full
    segment.append(pa.table({"n": [0]}))
    assert segment.full
    assert len(segment.slices(0, len(segment))) == 1


@pytest.mark.parametrize("batches", [1, 4])
def test_a_full_segment_takes_less_memory_for_the_same_rows(batches):
    hosts = ["pump", "fan", None, "saw"] * (SEGMENT_EVENTS // 4 // batches)
    batch = pa.table({"host": hosts, "n": range(len(hosts))})
    segment = Segment(0)
    for _ in range(batches):
        segment.append(batch)
    (kept,) = segment.slices(0, len(segment))
    assert concat([kept]).equals(concat([batch] * batches))
    assert (
        segment.nbytes < SEGMENT_EVENTS * 9.3
    )  # 8 for the number, 1 for the name and an eighth for whether there is one
