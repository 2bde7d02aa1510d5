import numpy as np
import pyarrow as pa
import pytest

from state.choice import Choice
from state.filters import parse_filter
from state.identity import MOST_COUNTERS, Identities
from state.measure import Measure
from state.meters import Meters, plain, update
from tests.state import lens_by_hand as by_hand

US = 1_000_000


def meters_of(by="", identity=()):
    return Meters(Choice("", by, window_s=10, points=10, identity=identity))


def give(counters, meters, second, values, **columns):
    meters.advance(second * US)
    zeros = np.zeros(len(values), np.int32)
    update(
        counters, [meters.coded(pa.table(columns))], np.full(len(values), second * US), zeros, np.array(values, float)
    )


def test_counters_past_the_limit_are_valueless_and_the_known_ones_go_on():
    meters = meters_of("host", ("host", ""))
    counters = meters.add([])
    names = [f"host-{row}" for row in range(MOST_COUNTERS + 500)]
    for second in range(3):
        give(counters, meters, second, np.full(len(names), 2.0 * second), host=names)
    assert counters.skipped == 1500
    np.testing.assert_allclose(counters.values([0])[-3:, 0], [2.0 * MOST_COUNTERS] * 2 + [np.nan])


def test_counters_that_have_fallen_silent_make_room():
    meters = meters_of("host")
    counters = meters.add([])
    for second in range(0, 100, 20):
        names = [f"host-{second}-{row}" for row in range(MOST_COUNTERS)]
        give(counters, meters, second, np.ones(MOST_COUNTERS), host=names)
    assert counters.skipped == 0
    assert len(meters._identities) == MOST_COUNTERS
    assert len(counters.active()) <= 2 * MOST_COUNTERS


def test_a_counter_of_no_field_is_one():
    meters = meters_of()
    counters = meters.add([])
    for second in range(3):
        give(counters, meters, second, [second * 5.0], host=["a"])
    np.testing.assert_allclose(counters.values([0])[-3:-1, 0], 5.0)


def test_a_code_is_released_only_when_no_measure_holds_it():
    meters = meters_of("host")
    one, other = meters.add([]), meters.add([])
    give(one, meters, 0, [1, 1], host=["a", "b"])
    give(other, meters, 5, [1], host=["b"])
    meters.advance(12 * US)
    assert meters._identities.taken().tolist() == [False, True]
    assert not one.active().any()
    meters.advance(30 * US)
    assert not len(meters._identities)


def test_rows_of_no_counter_take_no_place():
    meters = meters_of("host")
    meters.add([parse_filter("name:eq:bytes")])
    meters.add([parse_filter("name:eq:orders")])
    table = pa.table({"host": ["a", "b", "c", "a"], "name": ["load", "bytes", "orders", "bytes"]})
    coded = meters.coded(table)
    assert coded.column(2).to_pylist() == [-1, 0, 1, 2]
    assert len(meters._identities) == 3
    assert plain(coded).equals(table)


def test_filters_by_a_field_that_is_not_there_leave_no_counter():
    meters = meters_of("host")
    meters.add([parse_filter("name:eq:bytes")])
    assert meters.coded(pa.table({"host": ["a", "b"]})).column(1).to_pylist() == [-1, -1]


def test_where_nothing_counts_up_labels_are_not_read():
    table = pa.table({"host": ["a"]})
    assert meters_of("host").coded(table) is table


@pytest.fixture
def encoded(monkeypatch):
    """How many rows each call of `encode` had."""
    calls = []
    encode = Identities.encode
    monkeypatch.setattr(
        Identities, "encode", lambda self, fields, events: calls.append(events) or encode(self, fields, events)
    )
    return calls


def test_a_lens_reads_the_labels_of_a_piece_once_however_many_counters_it_shows(encoded):
    measures = tuple(Measure(f"c{each}", f"c{each}", kind="counter") for each in range(12))
    choice = Choice("c0", "host", "rate", window_s=10, points=10, measure=measures[0], overview=measures)
    lens = by_hand.lens_at(choice, 3)
    columns = {each.name: [1.0, 2.0, 3.0] for each in measures}
    by_hand.give(lens, by_hand.table_of([0, 1, 2], host=["a", "a", "b"], **columns))
    assert encoded == [3]
    assert set(by_hand.look(lens).newest.column_names) == {"_time", "host", *columns}
