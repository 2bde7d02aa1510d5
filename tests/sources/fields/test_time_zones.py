"""Times without a zone are believed only where something tells which it is, and then to the second, summer and winter."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.batch import TIME_TYPE, Batch
from sources.fields.event_time import RECORD_TIME, TimeField, event_times, find_time_field
from state.event_clock import EventClock

LOCAL_TIMES = (datetime.fromisoformat("1990-01-01"), datetime.fromisoformat("2026-04-01"))
NOW = 1_777_636_800.0
"""2026-05-01 12:00:00 UTC."""


def batch(field, offset_s=0.0, form="%Y-%m-%d %H:%M:%S", rows=20, name=RECORD_TIME):
    """Events one a second up to NOW, whose clocks run so far ahead of the records'."""
    seconds = [NOW - age for age in reversed(range(rows))]
    texts = [datetime.fromtimestamp(second + offset_s, UTC).strftime(form) for second in seconds]
    recorded = pa.array([int(second * 1e6) for second in seconds]).cast(TIME_TYPE)
    return Batch(pa.table({field: texts, "v": [0.5] * rows, name: recorded}), NOW)


def read(given, **settings):
    clock = EventClock(**settings)
    return clock, clock.read(given)


@pytest.mark.parametrize("offset_s", [0, 5, -300, 400])
def test_times_that_lie_near_the_records_as_utc_are_believed(offset_s):
    clock, instants = read(batch("created", offset_s))
    assert clock.field == TimeField("created", "", "UTC")
    assert instants[-1] == int((NOW + offset_s) * 1e6)
    assert "UTC" in clock.why


@pytest.mark.parametrize(
    ("offset_s", "says"),
    [
        (7200, "run 2 h ahead of arrival"),
        (-18_000, "run 5 h behind arrival"),
        (19_800, "run 5 h 30 min ahead of arrival"),
        (-12_600, "run 3 h 30 min behind arrival"),
    ],
)
def test_others_are_refused_and_the_reason_says_how_they_run_and_what_to_do(offset_s, says):
    clock, instants = read(batch("pickup_datetime", offset_s))
    assert clock.field.name == RECORD_TIME
    assert instants[-1] == NOW * 1e6
    assert clock.why.startswith("times in `pickup_datetime` name no zone")
    assert says in clock.why
    assert "set the time zone, such as Europe/Berlin" in clock.why


def test_times_that_no_zone_explains_are_refused_without_a_guess():
    clock, _ = read(batch("created", 1200))
    assert clock.field.name == RECORD_TIME
    assert "ahead" not in clock.why


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"])
def test_a_zone_that_is_told_is_taken(zone):
    offset_s = ZoneInfo(zone).utcoffset(datetime.fromtimestamp(NOW, UTC)).total_seconds()
    clock, instants = read(batch("created", offset_s), zone=zone)
    assert clock.field == TimeField("created", "", zone)
    assert instants[-1] == NOW * 1e6
    assert zone in clock.why


@pytest.mark.parametrize(
    "form",
    ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S,000", "%d.%m.%Y %H:%M:%S", "%Y/%m/%d %H:%M:%S"],
)
def test_every_writing_without_a_zone_is_read_in_the_zone(form):
    _, instants = read(batch("created", 7200, form), zone="Europe/Berlin")
    assert instants[-1] == NOW * 1e6


@pytest.mark.parametrize("form", ["%d/%b/%Y:%H:%M:%S +0000", "%a, %d %b %Y %H:%M:%S GMT", "%Y-%m-%dT%H:%M:%SZ"])
def test_writings_with_a_zone_need_none(form):
    clock, instants = read(batch("created", 0, form))
    assert clock.field.name == "created"
    assert instants[-1] == NOW * 1e6


def test_times_with_a_zone_among_others_keep_their_own():
    table = pa.table({"ts": ["2026-05-01T12:00:00Z", "2026-05-01 14:00:00"]})
    instants, timed = event_times(Batch(table, NOW), TimeField("ts", "", "Europe/Berlin"))
    assert instants.tolist() == [NOW * 1e6] * 2
    assert timed.all()


def test_without_a_zone_a_straggler_stands_at_its_record():
    table = pa.table({"ts": ["2026-05-01T12:00:00Z", "2026-05-01 14:00:00"]})
    _, timed = event_times(Batch(table, NOW), TimeField("ts"))
    assert timed.tolist() == [True, False]


@pytest.mark.parametrize(("arrived_utc", "expected_utc"), [("00:30", "00:30"), ("01:30", "01:30")])
def test_of_the_hour_that_comes_twice_the_one_near_the_record_is_meant(arrived_utc, expected_utc):
    arrived = datetime.fromisoformat(f"2026-10-25T{arrived_utc}:02+00:00").timestamp()
    table = pa.table({"ts": ["2026-10-25 02:30:00"]})
    [instant], _ = event_times(Batch(table, arrived), TimeField("ts", "", "Europe/Berlin"))
    assert instant == datetime.fromisoformat(f"2026-10-25T{expected_utc}:00+00:00").timestamp() * 1e6


def test_an_hour_that_is_left_out_raises_nothing():
    table = pa.table({"ts": ["2026-03-29 02:30:00"]})
    [instant], _ = event_times(Batch(table, NOW), TimeField("ts", "", "Europe/Berlin"))
    assert instant == datetime(2026, 3, 29, 1, 0, tzinfo=UTC).timestamp() * 1e6


@given(st.datetimes(*LOCAL_TIMES), st.sampled_from(["Europe/Berlin", "America/St_Johns"]))
def test_every_local_time_is_read_as_python_reads_it(local, zone):
    [instant], _ = event_times(Batch(pa.table({"ts": [local.isoformat(" ")]}), NOW), TimeField("ts", "", zone))
    meant = [local.replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp() * 1e6 for fold in (0, 1)]
    back = datetime.fromtimestamp(meant[0] / 1e6, ZoneInfo(zone)).replace(tzinfo=None)
    if abs((back - local).total_seconds()) < 1:  # a local time that there is
        assert min(abs(instant - each) for each in meant) < 1000


def test_a_field_that_is_set_is_taken_whatever_its_name():
    clock, instants = read(batch("odd", 0, "%Y-%m-%dT%H:%M:%SZ"), time="odd")
    assert clock.field.name == "odd"
    assert instants[-1] == NOW * 1e6


@pytest.mark.parametrize(
    ("field", "says"), [("nothing", "`nothing` is in no event so far"), ("v", "`v` holds no time")]
)
def test_a_field_that_is_set_and_holds_no_time_is_said_and_the_record_stands(field, says):
    clock, instants = read(batch("ts", 0, "%Y-%m-%dT%H:%M:%SZ"), time=field)
    assert says in clock.why
    assert instants[-1] == NOW * 1e6
    assert clock.field.name == RECORD_TIME


@pytest.mark.parametrize(
    ("columns", "name", "unit"),
    [
        ({"E": [NOW * 1e3], "T": [NOW * 1e3]}, "T", "ms"),
        ({"data.t": [NOW * 1e3]}, "data.t", "ms"),
        ({"expires_at": [NOW + 9000], "created_at": [NOW]}, "created_at", "s"),
        ({"updated_at": [NOW], "occurred_at": [NOW]}, "occurred_at", "s"),
        ({"ts": [str(int(NOW * 1e3))]}, "ts", "ms"),
        ({"ts.$date": [NOW * 1e3]}, "ts.$date", "ms"),
        ({"birth_date": ["1990-01-01"], "ts_ms": [NOW * 1e3]}, "ts_ms", "ms"),
    ],
)
def test_of_several_times_the_events_own_is_taken(columns, name, unit):
    whole = {key: [int(v) if isinstance(v, float) else v for v in values] for key, values in columns.items()}
    if "T" in whole:
        whole = {"T": whole["T"], "E": whole["E"]}
    found = find_time_field(pa.table(whole), NOW)
    assert (found.field.name, found.field.unit) == (name, unit)


@pytest.mark.parametrize(
    "columns",
    [
        {"response_time": [0.25, 12.0]},
        {"response_time_ms": [1_700_000_000, 1_700_000_001]},
        {"uptime": [1_700_000_000]},
        {"bytes_total": [1_777_636_800]},
        {"elapsed_time": [35]},
    ],
)
def test_lengths_of_time_and_counters_are_no_event_times(columns):
    assert find_time_field(pa.table(columns), NOW).field.name == ""


def test_a_field_that_is_set_is_found_whenever_it_comes():
    clock = EventClock(time="when")
    for second in range(1500):
        clock.read(Batch(pa.table({"v": [0.5]}), NOW + second))
    [instant] = clock.read(Batch(pa.table({"v": [0.5], "when": [NOW + 1]}), NOW + 1500))
    assert instant == (NOW + 1) * 1e6


def test_what_is_no_zone_is_as_if_there_were_none():
    clock, _ = read(batch("created", 7200), zone="Nowhere")
    assert clock.field.name == RECORD_TIME


@pytest.mark.parametrize("zone", ["", "Europe/Berlin"])
def test_days_do_not_displace_the_time_of_a_record(zone):
    days = [f"2026-04-{day:02}" for day in range(1, 29)]
    columns = {"date": days, "_timestamp": pa.array([NOW * 1e6] * 28).cast(pa.int64()).cast(TIME_TYPE)}
    found = find_time_field(pa.table(columns), NOW, zone)
    assert (found.field.name, found.refused) == ("_timestamp", False)
