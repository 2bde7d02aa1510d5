"""One odd message moves neither the time field nor the watermark; a feed whose own time is another is believed."""

import pyarrow as pa
import pytest

from sources.batch import TIME, TIME_TYPE, Batch, Timed
from sources.fields.event_time import RECORD_TIME, TimeField
from state.event_clock import GIVE_UP_EVENTS, LEARN_EVENTS, EventClock

NOW = 1_700_000_000.0
US = 1_000_000


def message(arrived, **fields):
    """One message, as a quiet topic delivers them, with the time of its record."""
    recorded = pa.array([int(arrived * US)]).cast(TIME_TYPE)
    return Batch(pa.table({**{name: [value] for name, value in fields.items()}, RECORD_TIME: recorded}), arrived)


def learnt(clock, events=LEARN_EVENTS, lead=0.0):
    """Feed it one event a second, up to NOW."""
    for second in range(-events, 0):
        clock.read(message(NOW + second, ts=NOW + second + lead))
    return clock


@pytest.mark.parametrize("events", [1, LEARN_EVENTS])
@pytest.mark.parametrize("fields", [{"v": 1.0}, {"ts": "soon"}, {"ts": -1.0}, {"v": 1.0, "created_at": "2023-11-14"}])
def test_a_message_without_its_time_is_counted_and_the_time_field_stays(events, fields):
    clock = learnt(EventClock(), events)
    [instant] = clock.read(message(NOW, **fields))
    assert clock.field == TimeField("ts", "s")
    assert clock.untimed == 1
    assert instant == NOW * US


def test_a_field_with_a_likelier_name_is_taken_while_learning():
    clock = EventClock()
    clock.read(message(NOW, created_at="2023-11-14T22:13:00Z"))
    clock.read(message(NOW, created_at="2023-11-14T22:13:00Z", ts=NOW))
    assert clock.field == TimeField("ts", "s")


def test_a_renamed_time_field_is_found_again():
    clock = learnt(EventClock())
    for second in range(GIVE_UP_EVENTS):
        clock.read(message(NOW + second, event_time=(NOW + second - 5) * 1000))
    assert clock.field == TimeField("event_time", "ms")
    assert clock.untimed == GIVE_UP_EVENTS - 1


def test_a_field_renamed_in_a_large_batch_is_found_in_that_batch():
    clock = learnt(EventClock())
    ages = [float(age) for age in range(GIVE_UP_EVENTS)]
    instants = clock.read(Batch(pa.table({"when": [NOW] * len(ages), "at_time": [NOW - age for age in ages]}), NOW))
    assert instants.tolist() == [int(NOW - age) * US for age in ages]
    assert clock.untimed == 0


def test_a_time_that_comes_back_after_a_while_is_read_again():
    clock = learnt(EventClock())
    for _ in range(2 * GIVE_UP_EVENTS):
        clock.read(message(NOW, v=1.0))
    [instant] = clock.read(message(NOW, ts=NOW - 3))
    assert instant == (NOW - 3) * US
    assert clock.untimed == 2 * GIVE_UP_EVENTS


def test_an_event_far_ahead_is_no_watermark():
    clock = learnt(EventClock())
    clock.read(message(NOW, ts=NOW + 80_000))
    assert clock.newest_us == (NOW - 1) * US
    assert abs(clock.behind_s) < 1


@pytest.mark.parametrize("lead", [3600, -3600])
def test_a_feed_whose_clock_is_another_is_believed(lead):
    clock = learnt(EventClock(), 10, lead)
    assert clock.newest_us == (NOW - 1 + lead) * US
    assert clock.behind_s == pytest.approx(-lead)


def test_a_row_without_a_time_of_its_own_moves_no_watermark_of_an_old_topic():
    clock = learnt(EventClock(), 10, lead=-1e6)
    clock.read(message(NOW, v=1.0))
    assert clock.newest_us == (NOW - 1 - 1e6) * US


def test_the_watermark_goes_on_with_the_records_once_messages_carry_no_time_any_more():
    clock = learnt(EventClock())
    for second in range(GIVE_UP_EVENTS):
        clock.read(message(NOW + second, v=1.0))
    assert clock.newest_us == (NOW + GIVE_UP_EVENTS - 1) * US


def test_a_feed_of_two_kinds_of_messages_keeps_one_reason_for_its_time():
    clock, whys = EventClock(), set()
    for n in range(40):
        columns = {"when": ["2023-11-14 20:13:19"], "x": [1]} if n % 2 else {"x": [1]}
        clock.read(Batch(pa.table(columns), NOW + n))
        whys.add(clock.why)
    assert len(whys) <= 2  # that there is no time, and then that there is one which is not believed
    assert clock.refused


def test_a_time_that_was_asked_for_and_is_none_is_said_once():
    clock, whys = EventClock(time="note"), set()
    for n in range(40):
        clock.read(Batch(pa.table({"note": ["x"], "a": [1]} if n % 2 else {"a": [1]}), NOW + n))
        whys.add(clock.why)
    assert len(whys) == 1


def test_a_time_that_the_source_has_settled_on_is_taken_as_it_is():
    clock = EventClock("ts")
    ours = pa.array([int((NOW - 60 + second) * US) for second in range(3)]).cast(TIME_TYPE)
    table = pa.table({TIME: ours, "ts": [NOW - 9_000.0] * 3})
    instants = clock.read(Batch(table, NOW, timed=Timed("ts", "`ts` holds epoch seconds, shifted to now", untimed=1)))
    assert instants.tolist() == ours.cast(pa.int64()).to_pylist()
    assert (clock.field.name, clock.why) == ("ts", "`ts` holds epoch seconds, shifted to now")
    assert (clock.untimed, clock.refused, clock.newest_us) == (1, False, int((NOW - 58) * US))
    assert clock.behind_s == pytest.approx(59)
