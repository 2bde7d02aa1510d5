"""What is held, by event time: against a filter over all of it."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from sources.batch import TIME_TYPE
from state.held import Held

INSTANTS = st.integers(0, 100)


def table(at):
    return pa.table({"_time": pa.array(at, pa.int64()).cast(TIME_TYPE), "n": range(len(at))})


tables = st.lists(st.lists(INSTANTS, max_size=8).map(table), max_size=6)


@given(tables, INSTANTS, INSTANTS)
def test_a_span_holds_each_event_of_its_time_once_in_order_of_arrival(held, start, end):
    every = [(index, row) for index, each in enumerate(held) for row in each.to_pylist()]
    wanted = [row for _, row in every if start <= _us(row) < end]
    assert [row for each in Held(held).between(start, end) for row in each.to_pylist()] == wanted
    assert Held(held).count(start, end) == len(wanted)


@given(tables, INSTANTS, INSTANTS, st.integers(1, 9))
def test_the_volume_counts_each_event_of_the_span_in_the_part_it_falls_in(held, start, length, bins):
    end = start + length + 1
    at = [_us(row) for each in held for row in each.to_pylist() if start <= _us(row) < end]
    wanted, _ = np.histogram(at, bins=np.linspace(start, end, bins + 1))
    assert Held(held).volume(start, end, bins).sum() == len(at)
    assert np.abs(np.cumsum(Held(held).volume(start, end, bins)) - np.cumsum(wanted)).max() <= _on_edges(
        at, start, end, bins
    )


def _on_edges(at, start, end, bins):
    """Events so near to the edge of a part that rounding may put them on either side."""
    parts = (np.array(at) - start) / (end - start) * bins
    return int((np.abs(parts - parts.round()) < 1e-9).sum()) if len(at) else 0


@given(tables)
def test_the_span_is_from_the_oldest_to_the_newest(held):
    at = [_us(row) for each in held for row in each.to_pylist()]
    assert Held(held).span_us == ((min(at), max(at)) if at else None)


def test_a_whole_table_is_not_copied():
    whole = table([1, 2, 3])
    assert Held([whole]).between(0, 10) == [whole]
    assert Held([whole]).between(0, 10)[0] is whole


def _us(row):
    return round(row["_time"].timestamp() * 1e6)
