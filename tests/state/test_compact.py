"""A compact table holds the same rows, and a dictionary is a way of storing that shows nowhere."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.batch import TIME, TIME_TYPE
from sources.fields.event_time import with_event_time
from sources.fields.numbers import numbers
from state.choice import Choice
from state.compact import compact
from state.frame import Health
from state.lens import Lens
from state.segment import Segment, Span
from state.series import SeriesIndex
from state.tables import concat, labels
from tests.state.dictionaries import indices, stored
from tests.state.feeds_by_hand import START

US = 1_000_000
texts = st.none() | st.sampled_from(["", "pump", "fan", "1.5", "-2e3", "ü"])
columns = st.lists(texts, max_size=40).map(lambda cells: pa.array(cells, pa.string()))
chunked = st.lists(columns, max_size=3).map(lambda chunks: pa.chunked_array(chunks, pa.string()))


def plain(table):
    """Each column as what it holds."""
    held = [c.cast(c.type.value_type) if pa.types.is_dictionary(c.type) else c for c in table.columns]
    return pa.table(held, names=table.column_names).combine_chunks()


@given(chunked, st.lists(st.none() | st.integers(0, 3), max_size=3))
def test_a_compact_table_holds_the_same_rows(text, offsets):
    shift = np.resize(np.array(offsets or [0], object), len(text))
    own = pa.array([None if s is None else at + s for at, s in enumerate(shift)], pa.int64()).cast(TIME_TYPE)
    table = with_event_time(pa.table({"own": own, "text": text, "n": range(len(text))}), np.arange(len(text)))
    assert plain(compact(table)).equals(table.combine_chunks())
    assert compact(compact(table)).equals(compact(table))


@pytest.mark.parametrize(
    ("distinct", "kind"),
    [
        (1, pa.dictionary(pa.int8(), pa.string())),
        (128, pa.dictionary(pa.int8(), pa.string())),
        (129, pa.dictionary(pa.int16(), pa.string())),
        (2048, pa.dictionary(pa.int16(), pa.string())),
        (2049, pa.string()),
        (8192, pa.string()),
    ],
)
@pytest.mark.parametrize("order", ["mixed", "sorted"])
def test_texts_that_repeat_are_stored_as_the_smallest_indices(distinct, kind, order):
    at = np.arange(8192) % distinct
    at = np.sort(at) if order == "sorted" else np.random.default_rng(1).permutation(at)
    table = pa.table({"text": [f"name-{n}" for n in at]})
    assert compact(table)["text"].type == kind
    assert plain(compact(table)).equals(table)


def test_a_text_that_no_event_has_stays_so():
    table = pa.table({"text": pa.nulls(100, pa.string())})
    assert plain(compact(table)).equals(table)


@pytest.mark.parametrize(("own", "shared"), [([1, 2, 3], True), ([1, 2, 4], False), ([1, 2, None], False)])
def test_a_field_that_says_the_event_time_shares_its_memory(own, shared):
    table = with_event_time(pa.table({"own": pa.array(own, TIME_TYPE)}), np.array([1, 2, 3]))
    kept = compact(table)
    times, owns = (kept[name].chunk(0).buffers()[1].address for name in (TIME, "own"))
    assert (times == owns) is shared
    assert kept["own"].equals(table["own"])


@given(st.lists(st.tuples(chunked, st.none() | indices), max_size=4), st.sampled_from([None, [7], [0.5], [True]]))
def test_concat_gives_the_same_whatever_the_storage(parts, drifted):
    tables = [(pa.table({"text": text}), index) for text, index in parts]
    if drifted:
        tables.append((pa.table({"text": drifted}), None))
    twins = [table if index is None else stored(table, index) for table, index in tables]
    assert concat(twins).equals(concat([table for table, _ in tables]))


def test_more_names_than_one_dictionary_could_hold_are_joined():
    tables = [pa.table({"text": [f"{start}-{n}" for n in range(100)]}) for start in range(3)]
    assert concat([stored(table, pa.int8()) for table in tables]).equals(concat(tables))


@given(chunked, indices, st.integers(0, 50), st.integers(0, 50))
def test_numbers_and_labels_and_series_are_the_same_whatever_the_storage(text, index, start, length):
    table = pa.table({"text": text}).slice(start, length)
    twin = stored(pa.table({"text": text}), index).slice(start, length)
    np.testing.assert_array_equal(numbers(twin, "text"), numbers(table, "text"))
    assert labels(twin, "text").to_pylist() == labels(table, "text").to_pylist()
    one, other = SeriesIndex(max_series=3), SeriesIndex(max_series=3)
    np.testing.assert_array_equal(one.encode(labels(table, "text")), other.encode(labels(twin, "text")))
    assert one.names == other.names


rows = st.lists(st.tuples(st.integers(0, 60), texts, texts, st.floats(-1e6, 1e6)), min_size=1, max_size=30)


@given(
    st.lists(st.tuples(rows, st.none() | indices), min_size=1, max_size=5),
    st.sampled_from([(), ("site:ne:pump",), ("site:contains:u", "host:in:,fan,ü"), ("host:ge:fan",)]),
    st.sampled_from(["value", "site"]),
)
def test_a_frame_is_the_same_whatever_the_storage(batches, where, value):
    choice = Choice(value=value, by="host", agg="sum", where=where, window_s=60, points=60)
    plain_lens, twin_lens = Lens(choice), Lens(choice)
    frames = []
    for lens in (plain_lens, twin_lens):
        lens.advance((START + 60) * US)
        for events, index in batches:
            at, host, site, number = zip(*events, strict=True)
            columns = {"host": pa.array(host, pa.string()), "site": pa.array(site, pa.string()), "value": number}
            table = pa.table(columns)
            if lens is twin_lens and index is not None:
                table = stored(table, index)
            segment = Segment(0)
            segment.append(with_event_time(table, (START + np.array(at)) * US))
            lens.update([Span(segment, 0, len(segment))])
        frames.append(lens.frame(seen=0, newest_us=None, health=Health()))
    one, other = frames
    assert (one.slots, one.totals, one.quantiles, one.raw_series) == (
        other.slots,
        other.totals,
        other.quantiles,
        other.raw_series,
    )
    for name in ("values", "raw_us", "raw_values", "counts", "edges"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert one.newest.equals(other.newest)
