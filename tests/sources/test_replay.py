"""A recording is played in its rhythm, event by event, however fast, shifted and often."""

import threading
from itertools import pairwise

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.batch import TIME, Note
from sources.errors import BadSettings, EndOfStream, NotFound
from sources.replay import Replay
from sources.replay_reader import FULL
from tests.sources.replays import NOW, START, US, Clock, play, record


@pytest.fixture
def recording(tmp_path):
    """Ten events a second, then a gap of 5 s, then one that comes late, then two more."""
    return record(tmp_path / "r.parquet", [*range(10), 14, 12, 15, 16])


def test_events_come_in_their_rhythm_with_their_times(recording):
    played, _ = play(recording, history="0s", zero=START)
    assert [event.n for event in played] == list(range(14))
    assert [event.came for event in played] == [*range(10), 14, 14, 15, 16]
    assert [event.shown for event in played] == [*range(10), 14, 12, 15, 16]


def test_a_faster_replay_comes_sooner_and_shows_the_same_times(recording):
    played, _ = play(recording, history="0s", speed="10", zero=START)
    assert [event.came for event in played] == pytest.approx(
        [each / 10 for each in [*range(10), 14, 14, 15, 16]], abs=2e-3
    )
    assert [event.shown for event in played] == [*range(10), 14, 12, 15, 16]


@pytest.mark.parametrize("speed", [0.5, 1, 4])
def test_shifted_to_now_an_event_happens_when_it_is_played(recording, speed):
    played, _ = play(recording, history="0s", speed=str(speed), times="now")
    on_time = [event for event in played if event.n != 11]
    assert [event.came for event in on_time] == pytest.approx([event.shown for event in on_time], abs=2e-3)
    [late] = [event for event in played if event.n == 11]
    assert late.came - late.shown == pytest.approx(2 / speed, abs=2e-3)


def test_history_comes_at_once_and_the_rest_in_its_rhythm(tmp_path):
    path = record(tmp_path / "r.parquet", [*[0] * FULL, *range(1, 10), 14, 12, 15, 16])
    played, batches = play(path, history="4s", times="now")
    assert [(event.came, event.shown) for event in played[FULL - 1 :][:6]] == [
        (0, -4), (0, -3), (0, -2), (0, -1), (0, 0), (1, 1)
    ]  # fmt: skip
    assert len(batches[0]) == FULL + 4
    assert played[-1].came == 12


@pytest.mark.parametrize("times", ["recorded", "now"])
def test_where_history_holds_few_events_the_first_200_come_at_once(tmp_path, times):
    day = 86_400
    path = record(tmp_path / "daily.parquet", [day * at for at in range(250)])
    played, batches = play(path, speed="1000", times=times, zero=NOW if times == "now" else START)
    assert len(batches[0]) == FULL == 200
    assert [event.came for event in played[FULL:]] == pytest.approx([day / 1000 * at for at in range(1, 51)], abs=2e-3)
    first = -(FULL - 1) * day / 1000 if times == "now" else 0
    step = day / 1000 if times == "now" else day
    assert [event.shown for event in played] == pytest.approx([first + step * at for at in range(250)], abs=2e-3)
    assert len(play(path, history="0s", until=1)[0]) == 1


def test_a_recording_shorter_than_its_history_comes_at_once(recording):
    played, _ = play(recording, history="1h", zero=START)
    assert {event.came for event in played} == {0}
    assert len(played) == 14


def test_as_fast_as_can_be_all_comes_at_once_and_the_newest_is_now(recording):
    played, _ = play(recording, speed="max", times="now")
    assert {event.came for event in played} == {0}
    assert [event.shown for event in played] == [*range(-16, -6), -2, -4, -1, 0]
    assert [event.shown for event in play(recording, speed="max", zero=START)[0]] == [*range(10), 14, 12, 15, 16]


@pytest.mark.parametrize("times", ["recorded", "now"])
def test_a_loop_goes_on_later_by_its_length(recording, times):
    played, _ = play(recording, until=60, history="0s", loop=True, times=times, zero=NOW if times == "now" else START)
    length = 16 + 16 / 13  # as far again as events usually lie apart
    rounds = [played[at : at + 14] for at in range(0, len(played), 14)]
    assert len(rounds) == 4
    for number, events in enumerate(rounds[:3]):
        assert [event.n for event in events] == list(range(14))
        assert [event.shown - number * length for event in events] == pytest.approx(
            [*range(10), 14, 12, 15, 16], abs=5e-3
        )
        assert events[-1].came == pytest.approx(number * length + 16, abs=5e-3)


def test_a_fast_loop_of_recorded_times_is_shifted_to_now_before_it_passes_the_present(tmp_path):
    path = record(tmp_path / "r.parquet", [NOW - START - 5_000 + at for at in range(1_000)])
    played, batches = play(path, until=30, history="0s", loop=True, speed="1000", poll_s=0.1)
    assert [event.n for event in played] == [at % 1_000 for at in range(len(played))]
    assert len(played) > 25_000
    recorded, shifted = played[:5_000], played[5_000:]
    assert [event.shown for event in recorded] == [at - 5_000 for at in range(5_000)]
    assert [event.shown for event in shifted] == pytest.approx(
        [at / 1_000 for at in range(5_000, len(played))], abs=2e-3
    )
    assert all(event.shown <= event.came + 2e-3 for event in played)
    assert "shifted" not in batches[0].timed.why
    assert "shifted to now at 1000 times the speed" in batches[-1].timed.why


def test_a_loop_of_recorded_times_at_their_own_speed_never_needs_to_be_shifted(tmp_path):
    path = record(tmp_path / "r.parquet", [NOW - START - 5 + at for at in range(6)])
    played, batches = play(path, until=60, history="0s", loop=True)
    assert [event.shown for event in played] == [event.came - 5 for event in played]
    assert "shifted" not in batches[-1].timed.why


def test_a_loop_of_one_event_takes_its_time(tmp_path):
    played, _ = play(record(tmp_path / "one.parquet", [3]), until=5, loop=True, history="0s", speed="60")
    assert len(played) <= 6


def test_a_loop_of_nothing_ends(tmp_path):
    assert play(record(tmp_path / "none.parquet", []), until=5, loop=True) == ([], [])


def test_the_notes_come_with_their_instants(tmp_path):
    notes = [Note((START + at) * US, f"at {at}") for at in (1, 5, 99)]
    path = record(tmp_path / "r.parquet", [0, 1, 2, 6], notes)
    _, batches = play(path, history="0s", times="now", speed="2")
    assert [[note.text for note in batch.notes] for batch in batches] == [[], ["at 1"], [], ["at 5"], ["at 99"]]
    assert [note.at_us for batch in batches for note in batch.notes] == [int((NOW + at / 2) * US) for at in (1, 5, 99)]


def test_the_notes_of_a_loop_come_with_each_round(tmp_path):
    path = record(tmp_path / "r.parquet", [0, 1, 2, 3], [Note((START + 1) * US, "a")])
    _, batches = play(path, history="0s", loop=True, until=11)
    assert [note.at_us // US - START for batch in batches for note in batch.notes] == [1, 5, 9]


def test_a_recording_says_again_where_its_times_are_from(recording):
    _, batches = play(recording)
    assert batches[0].timed is not None
    assert (batches[0].timed.field, batches[0].timed.why) == ("ts", "as recorded: `ts` says so")
    assert batches[0].reading.format == "recording"
    _, batches = play(recording, times="now", speed="2")
    assert batches[0].timed.why == "as recorded: `ts` says so; shifted to now at 2 times the speed"


def test_the_parts_of_a_folder_are_one_feed(tmp_path):
    for part in range(3):
        record(tmp_path / f"{part}.parquet", [10 * part, 10 * part + 1])
    (tmp_path / ".half.parquet").write_bytes(b"PAR1")
    (tmp_path / "notes.md").write_text("# no part of it")
    played, _ = play(tmp_path, history="0s", zero=START)
    assert [(event.n, event.came, event.shown) for event in played] == [
        (n, 10 * part + n, 10 * part + n) for part in range(3) for n in range(2)
    ]


def test_a_file_whose_newest_event_stands_first_comes_at_once(tmp_path):
    path = record(tmp_path / "r.parquet", range(100, 0, -1))
    played, _ = play(path, history="0s", times="now")
    assert {event.came for event in played} == {0}
    assert [event.shown for event in played] == [*range(0, -100, -1)]


def test_one_event_far_ahead_does_not_hold_up_the_others(tmp_path):
    played, _ = play(record(tmp_path / "r.parquet", [0, 1, 50_000, 2, 3]), history="0s", zero=START)
    assert [event.came for event in played] == [0, 1, 1, 2, 3]


def test_a_first_event_that_is_far_off_does_not_hold_up_the_others(tmp_path):
    ahead, _ = play(record(tmp_path / "r.parquet", [50_000, 1, 2, 3]), history="0s", zero=START)
    assert [event.came for event in ahead] == [0, 0, 1, 2]
    unset, _ = play(record(tmp_path / "u.parquet", [5 - START, 1, 2, 3]), history="0s", zero=START)
    assert [event.came for event in unset] == [0, 0, 1, 2]


def test_instants_that_are_none_stand_where_the_event_before_them_does(tmp_path):
    played, batches = play(record(tmp_path / "r.parquet", [0, 1, 2**41, -(2**41), 2]), history="0s", zero=START)
    assert [(event.came, event.shown) for event in played] == [(0, 0), (1, 1), (1, 1), (1, 1), (2, 2)]
    assert sum(batch.timed.untimed for batch in batches) == 2


def test_a_part_that_is_gone_since_is_left_out(tmp_path):
    for part in range(3):
        record(tmp_path / f"{part}.parquet", [10 * part])
    clock = Clock()
    reader = Replay(path=str(tmp_path), history="0s").open(clock.now, clock.wait)
    assert len(reader.poll(0)) == 1
    (tmp_path / "1.parquet").unlink()
    assert len(reader.poll(15)) == 0
    assert len(reader.poll(5.1)) == 1
    reader.close()


def test_history_that_waits_is_counted_so_that_the_board_can_say_how_far_it_is(tmp_path):
    path = record(tmp_path / "r.parquet", [at / 100 for at in range(60_000)])
    clock = Clock()
    reader = Replay(path=str(path), history="400s").open(clock.now, clock.wait)
    lags, rows = [], 0
    while not lags or lags[-1]:
        batch = reader.poll(0)
        rows += len(batch)
        lags.append(sum(batch.lag.values()))
    reader.close()
    assert rows == pytest.approx(40_000, abs=2)
    assert len(lags) > 2
    assert lags == sorted(lags, reverse=True)
    assert lags[0] == pytest.approx(40_000 - 16_384, rel=0.1)


def test_as_fast_as_can_be_what_is_left_of_the_file_is_what_waits(tmp_path):
    path = record(tmp_path / "r.parquet", [at / 100 for at in range(60_000)])
    _, batches = play(path, speed="max")
    lags = [sum(batch.lag.values()) for batch in batches]
    assert lags[0] == pytest.approx(60_000 - 16_384, rel=0.05)
    assert lags[-1] == 0
    assert sum(map(len, batches)) == 60_000


@given(
    steps=st.lists(st.floats(-2, 10).map(lambda step: round(step, 2)), min_size=1, max_size=30),
    speed=st.sampled_from(["0.5", "1", "7", "60"]),
    poll_s=st.sampled_from([0.3, 2.0, 100.0]),
    history_s=st.integers(0, 20),
    shifted=st.booleans(),
)
def test_every_event_comes_once_in_its_order_when_the_newest_before_it_is_reached(  # noqa: PLR0913, PLR0917 - what is varied
    tmp_path_factory, steps, speed, poll_s, history_s, shifted
):
    seconds = [100.0]
    for step in steps:
        seconds.append(round(seconds[-1] + step, 2))
    seconds = [seconds[0]] * FULL + seconds  # so many that no more need to come at once than history asks for
    path = record(tmp_path_factory.mktemp("r") / "r.parquet", seconds)
    times = "now" if shifted else "recorded"
    played, _ = play(
        path, speed=speed, history=f"{history_s}s", times=times, poll_s=poll_s, zero=NOW if shifted else START
    )
    assert [event.n for event in played] == list(range(len(seconds)))
    backwards = [a for a, b in pairwise(seconds) if b < a]
    moving = [a for a, b in pairwise(seconds) if b != a]
    if backwards and len(backwards) >= 0.9 * len(moving):
        return  # newest first: it has no rhythm
    newest = seconds[0]
    for event, second in zip(played, seconds, strict=True):
        newest = max(newest, second)
        due = (newest - seconds[0] - history_s) / float(speed)
        assert event.came == pytest.approx(max(0.0, due), abs=5e-3)
        shown = (second - seconds[0] - history_s) / float(speed) if shifted else second
        assert event.shown == pytest.approx(shown, abs=5e-3)


def test_closing_ends_a_wait_at_once(tmp_path):
    reader = Replay(path=str(record(tmp_path / "r.parquet", [0, 3600])), history="0s").open()
    assert len(reader.poll(0)) == 1
    outcome = []
    waiter = threading.Thread(target=lambda: outcome.append(reader.poll(60)), daemon=True)
    waiter.start()
    reader.close()
    waiter.join(5)
    assert [len(batch) for batch in outcome] == [0]


def test_a_poll_waits_no_longer_than_it_may(tmp_path):
    clock = Clock()
    reader = Replay(path=str(record(tmp_path / "r.parquet", [0, 3600])), history="0s").open(clock.now, clock.wait)
    assert len(reader.poll(0)) == 1
    assert len(reader.poll(2.5)) == 0
    assert clock.at - NOW == pytest.approx(2.5)
    reader.close()


def test_a_recording_that_ends_goes_on_saying_so(recording):
    clock = Clock()
    reader = Replay(path=str(recording), speed="max").open(clock.now, clock.wait)
    assert len(reader.poll(0)) == 14
    for _ in range(2):
        with pytest.raises(EndOfStream):
            reader.poll(0)
    reader.close()


@pytest.mark.parametrize(
    "name", ["../r", "..", ".", "/etc/passwd", "a/b", "a\\b", "a\0b", "~", ".hidden", "x" * 300, "r\n"]
)
def test_a_name_that_leads_elsewhere_is_refused(name, tmp_path, monkeypatch):
    with pytest.raises((BadSettings, NotFound)):
        Replay(recording=name).open()


def test_events_keep_their_fields_and_lose_none(tmp_path):
    path = record(tmp_path / "r.parquet", [0, 1, 2], host=["a", None, "b"], value=[1.5, 2.5, None])
    _, [batch] = play(path, speed="max")
    table = batch.table
    assert table.column_names == [TIME, "n", "host", "value"]
    assert table["host"].to_pylist() == ["a", None, "b"]
    assert table["value"].to_pylist() == [1.5, 2.5, None]


def test_a_foreign_table_with_a_column_of_our_name_is_not_taken_for_a_recording(tmp_path):
    pq.write_table(pa.table({TIME: [1, 2], "ts": [START, START + 1]}), tmp_path / "r.parquet")
    played, [batch] = play(tmp_path / "r.parquet", zero=START)
    assert [event.shown for event in played] == [0, 1]
    assert batch.table["value._time"].to_pylist() == [1, 2]


@pytest.mark.parametrize(
    ("written", "means"),
    [("1", "1"), ("1.0", "1"), ("01", "1"), (" 1e1", "10"), ("2.50", "2.5"), ("1000.0", "1000"), ("1.0001", "1.0001")],
)
def test_equal_speeds_are_the_same_feed_however_they_are_written(written, means):
    assert Replay(speed=written) == Replay(speed=means)
    assert hash(Replay(speed=written)) == hash(Replay(speed=means))
    assert Replay(speed=written).speed == means


@pytest.mark.parametrize(("written", "means"), [("300s", "5m"), ("60m", "1h"), ("0m", "0s"), ("90s", "90s")])
def test_equal_histories_are_the_same_feed_however_they_are_written(written, means):
    assert Replay(history=written) == Replay(history=means)
    assert Replay(history=written).history == means


def test_speeds_that_differ_are_different_feeds():
    assert len({Replay(speed=speed) for speed in ("1", "1.0001", "1.00010001", "2", "max")}) == 5
