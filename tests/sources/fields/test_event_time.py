"""Event time is found in every form the field uses, and an impossible one never gets through."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.batch import TIME_TYPE, Batch
from sources.fields.event_time import AHEAD_S, RECORD_TIME, TimeField, event_times, find_time_field

NOW = 1_700_000_000.0
US = int(NOW * 1e6)


def table(**columns):
    return pa.table(columns)


@pytest.mark.parametrize(
    ("columns", "field", "first"),
    [
        ({"ts": [NOW - 1.5, NOW]}, TimeField("ts", "s"), US - 1_500_000),
        ({"ts": [int(NOW * 1e3)]}, TimeField("ts", "ms"), US),
        ({"event_time": [int(NOW * 1e6)]}, TimeField("event_time", "us"), US),
        ({"time_ns": [int(NOW * 1e9)]}, TimeField("time_ns", "ns"), US),
        ({"created_at": ["2023-11-14T22:13:20Z"]}, TimeField("created_at"), US),
        ({"created_at": ["2023-11-15T00:13:20+02:00"]}, TimeField("created_at"), US),
        ({"when": ["2023-11-14 22:13:20.000"]}, TimeField("when", "", "UTC"), US),
        ({"time": pa.array([US]).cast(TIME_TYPE)}, TimeField("time"), US),
        ({"when": ["2023-11-14 22:13:20.000000001 +0000 UTC"]}, TimeField("when"), US),
        ({"when": ["2023-11-15 00:13:20 +0200 CEST m=+0.123"]}, TimeField("when"), US),
        ({"when": ["2023-11-15 03:43:20.5 +0530 +0530"]}, TimeField("when"), US + 500_000),
        ({"when": ["2023-11-14 22:13:20 UTC"]}, TimeField("when"), US),
        ({"when": ["2023-11-14 22:13:20,250Z"]}, TimeField("when"), US + 250_000),
        ({"meta.timestamp": [NOW]}, TimeField("meta.timestamp", "s"), US),
        ({"created_at": ["2023-11-14T00:00:00Z"], "time": ["2023-11-14T22:13:20Z"]}, TimeField("time"), US),
        ({RECORD_TIME: pa.array([US]).cast(TIME_TYPE), "cpu": [0.5]}, TimeField(RECORD_TIME), US),
    ],
)
def test_time_field_is_found_with_its_unit(columns, field, first):
    batch = Batch(table(**columns), NOW)
    assert find_time_field(batch.table, NOW).field == field
    instants, timed = event_times(batch, field)
    assert instants[0] == first
    assert timed.all()


@pytest.mark.parametrize(
    "columns",
    [
        {"bytes": [int(NOW)]},  # looks like an epoch, is not named as one
        {"year": ["2023", "2024"]},
        {"year": [2023.871]},
        {"time": [2023.871, 2023.874]},
        {"date": [20231114]},
        {"ts": [-5.0, 3e20]},
        {"time": [None]},
        {"host": ["a"]},
        {"ts": ["soon"]},
        {"time": [True]},
    ],
)
def test_what_only_looks_like_a_time_is_none_so_arrival_stands(columns):
    batch = Batch(table(**columns), NOW)
    assert find_time_field(batch.table, NOW).field.name == ""
    instants, timed = event_times(batch, TimeField(""))
    assert (instants.tolist(), timed.tolist()) == ([US] * len(batch), [True] * len(batch))


def at(seconds):
    """An instant so long before NOW, as text."""
    return datetime.fromtimestamp(NOW - seconds, UTC).isoformat()


@pytest.mark.parametrize(
    ("further", "nearer"), [("first_shown", "last_shown"), ("created", "updated"), ("updated", "created")]
)
@pytest.mark.parametrize("behind_s", [200, 7200, 20 * 86_400])
def test_of_times_whose_names_say_the_same_the_one_nearest_to_the_records_wins(further, nearer, behind_s):
    columns = {f"{further}_at": [at(behind_s)] * 3, f"{nearer}_at": [at(second) for second in (3, 2, 1)]}
    for order in (columns, dict(reversed(columns.items()))):
        assert find_time_field(table(**order), NOW).field.name == f"{nearer}_at"


def test_of_a_first_and_a_last_time_that_are_equal_in_most_events_the_last_is_taken():
    columns = {"first_shown_at": [at(900), at(2), at(1)], "last_shown_at": [at(3), at(2), at(1)]}
    assert find_time_field(table(**columns), NOW).field.name == "last_shown_at"


def test_when_it_was_made_wins_over_when_somebody_on_the_way_had_it():
    columns = {"created_at": [at(200)] * 3, "received_at": [at(1)] * 3}
    assert find_time_field(table(**columns), NOW).field.name == "created_at"


@pytest.mark.parametrize(("behind_s", "field"), [(2.25, "column1"), (7200.25, "")])
def test_a_number_with_a_fraction_that_no_name_calls_a_time_is_one_only_near_its_record(behind_s, field):
    columns = {"column1": [NOW - behind_s + second for second in range(5)], "column2": [7.5] * 5}
    assert find_time_field(table(**columns), NOW).field.name == field


def test_impossible_times_fall_back_to_the_record_and_then_to_arrival():
    texts = [
        "2023-11-14T22:13:19Z",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        None,
        "garbage",
        "2023-11-14T22:13:18Z",
    ]
    recorded = pa.array([1, US - 7, US - 8, None, 5, 6]).cast(TIME_TYPE)
    batch = Batch(table(time=texts, **{RECORD_TIME: recorded}), NOW)
    instants, timed = event_times(batch, TimeField("time"))
    assert instants.tolist() == [US - 1_000_000, US - 7, US - 8, US, 5, US - 2_000_000]
    assert timed.tolist() == [True, False, False, False, False, True]


def test_a_time_field_that_vanishes_leaves_every_row_untimed():
    batch = Batch(table(cpu=[0.5, 0.6]), NOW)
    instants, timed = event_times(batch, TimeField("time"))
    assert (instants.tolist(), timed.tolist()) == ([US, US], [False, False])


@given(
    st.lists(st.one_of(st.none(), st.floats(), st.integers(-(2**63), 2**63 - 1).map(float)), min_size=1, max_size=20),
    st.sampled_from(["s", "ms", "us", "ns"]),
)
def test_no_number_gets_a_row_out_of_the_plausible_range(values, unit):
    batch = Batch(table(ts=pa.array(values, pa.float64())), NOW)
    instants, timed = event_times(batch, TimeField("ts", unit))
    assert len(timed) == len(values)
    assert all(0 < instant <= US + AHEAD_S * 1e6 for instant in instants)


@given(st.lists(st.text(max_size=30), min_size=1, max_size=20))
def test_no_text_raises_or_leaves_the_plausible_range(values):
    batch = Batch(table(ts=values), NOW)
    find_time_field(batch.table, NOW)
    instants, _ = event_times(batch, TimeField("ts"))
    assert all(0 < instant <= US + AHEAD_S * 1e6 for instant in instants)
