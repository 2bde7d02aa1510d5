"""One frame for all who watch the same choice, on a clock that suits the feed."""

import threading
import time

import numpy as np
import pytest

from sources.batch import Batch, Note
from sources.errors import EndOfStream
from state.choice import Choice
from state.crash import Failed
from state.feed import Feed
from state.feeds import Feeds
from state.lens import Lens
from state.live import AGAIN_S, Live
from state.still import scene_at
from state.viewer import Viewer
from tests.state.feeds_by_hand import START, ByHand, events, until

US = 1_000_000
CHOICE = Choice(value="value", by="host", window_s=60)


@pytest.fixture
def source():
    return ByHand()


@pytest.fixture
def feed(source):
    feed = Feed(source)
    feed.start()
    yield feed
    feed.close()
    assert feed.join(5)


def give(source, feed, *batches):
    wanted = feed.seen + sum(map(len, batches))
    source.give(*batches)
    until(lambda: feed.seen == wanted)


def late_by(batch, seconds):
    """The same batch, arrived so long after its newest event."""
    return Batch(batch.table, batch.arrived + seconds)


def test_viewers_of_one_tick_share_the_frame_and_what_is_made_of_it(source, feed):
    give(source, feed, events([1.0]))
    live = Live(feed, CHOICE, clock=lambda: START + 5)
    made = []
    ticks = [live.tick(START + 5) for _ in range(3)]
    for tick in ticks:
        tick.make("series", lambda frame: made.append(frame) or len(made))
    assert len({id(tick) for tick in ticks}) == 1
    assert len(made) == 1


def test_a_tick_that_is_due_is_a_new_frame_with_what_came_since(source, feed):
    give(source, feed, events([1.0], at=[0]))
    now = [START + 1.0]
    live = Live(feed, CHOICE, clock=lambda: now[0])
    assert live.tick(START + 1).frame.window_events == 1
    give(source, feed, events([2.0], at=[1]))
    assert live.tick(START + 1).frame.window_events == 1
    now[0] = START + 2.0
    frame = live.tick(START + 2).frame
    assert (frame.window_events, frame.seen, frame.number) == (2, 2, 2)


def test_the_time_of_a_frame_holds_all_that_made_it(source, feed, monkeypatch):
    give(source, feed, events([1.0]))
    made = Lens.frame

    def slowly(lens, **known):
        threading.Event().wait(0.05)
        return made(lens, **known)

    monkeypatch.setattr(Lens, "frame", slowly)
    viewer = Viewer(feed)
    viewer.follow(START * US)
    assert Live(feed, CHOICE).tick(0).frame.health.frame_ms >= 50
    assert viewer.still(whole := scene_at(CHOICE, START * US), whole).health.frame_ms >= 50


def test_many_threads_asking_at_once_compute_one_frame(source, feed):
    give(source, feed, events([1.0]))
    live = Live(feed, CHOICE, clock=lambda: START + 1)
    gate, found = threading.Barrier(20), []

    def ask():
        gate.wait()
        found.append(live.tick(START + 1))

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len({id(tick) for tick in found}) == 1
    assert found[0].frame.number == 1


def test_the_clock_is_ours_while_events_are_of_the_present_so_silence_shows(source, feed):
    give(source, feed, late_by(events([1.0], at=[0]), 0.5))
    assert Live(feed, CHOICE, clock=lambda: START + 30).tick(0).frame.now_us == (START + 30) * US


@pytest.mark.parametrize("seconds", [3600, -3600])
def test_the_clock_is_the_newest_event_where_event_time_is_another(source, feed, seconds):
    give(source, feed, late_by(events([1.0, 2.0], at=[0, 7]), seconds))
    frame = Live(feed, CHOICE, clock=lambda: START + seconds + 30).tick(0).frame
    assert frame.now_us == (START + 7) * US
    assert frame.window_events == 2
    assert abs(frame.health.behind_s) > 3500


def test_one_event_far_ahead_does_not_take_the_board_with_it(source, feed):
    give(source, feed, *(events([1.0], at=[second]) for second in range(5)))
    ahead = events([1.0], at=[80_000])
    give(source, feed, Batch(ahead.table, START + 5.0))
    give(source, feed, events([1.0], at=[6]))
    frame = Live(feed, CHOICE, clock=lambda: START + 7).tick(0).frame
    assert frame.now_us == (START + 7) * US
    assert frame.window_events == 6


@pytest.mark.parametrize("lead", [10, 300, 3 * 3600])
def test_a_feed_ahead_of_the_clock_is_shown_whatever_the_window(source, feed, lead):
    choice = Choice(value="value", by="host", window_s=3600)
    give(source, feed, late_by(events([1.0, 2.0], at=[0, 7]), -lead))
    frame = Live(feed, choice, clock=lambda: START + 8 - lead).tick(0).frame
    assert frame.now_us == (START + 7) * US
    assert frame.totals == {"a": 1.5}
    assert frame.health.early == 0


@pytest.mark.parametrize("lead", [3 * 3600, -3 * 3600, 300, -300])
def test_one_producer_whose_clock_is_off_takes_no_board_along_even_if_it_is_the_first_to_come(source, feed, lead):
    live, now = Live(feed, CHOICE, clock=lambda: now[0]), [START]
    feed.watch(0.1)
    give(source, feed, Batch(events([1.0], at=[lead], host="off").table, START))
    until(lambda: feed.status.state == "live")
    assert live.tick(START).frame.now_us == (START + lead) * US, "nothing else is known yet"
    for second in range(1, 8):
        at, hosts = [second + lead, second, second], ["off", "a", "b"]
        give(source, feed, Batch(events([1.0] * 3, at=at, host=hosts).table, START + second))
    now[0] = START + 7
    frame = live.tick(now[0]).frame
    assert frame.now_us == (START + 7) * US
    assert frame.totals == {"a": 1.0, "b": 1.0}
    assert frame.window_events == 14
    assert frame.newest_us == (START + 7) * US
    [skew] = frame.health.skews
    assert (skew.field, skew.name) == ("host", "off")
    assert skew.ahead_s == pytest.approx(lead, abs=1)


def test_history_that_comes_in_several_batches_is_not_late(source, feed):
    live = Live(feed, CHOICE, clock=lambda: START + 1000)
    # One partition after the other, each with an hour of history; no poll comes between that would find nothing, and no lag.
    source.give(*(Batch(events([1.0] * 1000).table, START + 1000, lag={"0": waiting}) for waiting in (1000, 0)))
    for read in (1000, 2000):
        until(lambda read=read: feed.seen >= read)
        frame = live.tick(START + 2000).frame
    assert frame.health.late == 0
    until(lambda: feed.status.state == "live")
    give(source, feed, late_by(events([1.0], at=[900]), 100))
    assert live.tick(START + 2000).frame.health.late == 1


def test_an_ended_feed_keeps_its_picture(source, feed):
    give(source, feed, events([1.0], at=[0]))
    source.give(EndOfStream())
    until(lambda: feed.status.state == "ended")
    frame = Live(feed, CHOICE, clock=lambda: START + 9999).tick(0).frame
    assert frame.window_events == 1
    assert frame.health.state == "ended"


def test_a_viewer_at_a_standstill_shows_its_own_events_up_to_the_instant(source, feed):
    give(source, feed, events([1.0, 2.0, 3.0], at=[0, 10, 20]))
    viewer = Viewer(feed, clock=lambda: START + 20)
    viewer.follow((START + 20) * US)
    give(source, feed, events([4.0], at=[21]))
    frame = viewer.still(whole := scene_at(CHOICE, (START + 10) * US), whole)
    assert frame.window_events == 2
    assert frame.now_us == (START + 10) * US
    assert frame.newest_us == (START + 10) * US
    assert frame.seen == 3
    assert frame.newest["value"].to_pylist() == [2.0, 1.0]


def test_a_read_that_began_after_the_instant_has_all_that_was_there_by_then(source, feed):
    give(source, feed, events([1.0]))
    until(lambda: feed.status.state == "live")
    assert feed.wait_for_read(time.time(), 5)
    assert not feed.wait_for_read(time.time() + 3600, 0.05)


def test_a_read_comes_when_it_is_wanted_however_long_the_beat(source, monkeypatch):
    monkeypatch.setattr("state.beat.BEAT_S", (1e6, 1e6))
    feed = Feed(source)
    feed.watch(1e6)
    feed.start()
    until(lambda: feed.status.state == "live")
    for value in range(3):
        source.give(events([float(value)]))
        assert feed.wait_for_read(time.time(), 5)
        assert feed.seen == value + 1
    feed.close()
    assert feed.join(5)


def test_what_a_jump_of_the_clock_passes_over_is_not_late(source, feed):
    give(source, feed, late_by(events([1.0], at=[0]), 10**6))
    until(lambda: feed.status.state == "live")
    live = Live(feed, CHOICE, clock=lambda: START + 10**6)
    assert live.tick(0).frame.now_us == START * US
    give(source, feed, late_by(events(np.arange(1000.0), at=range(1, 1001)), 10**6))
    frame = live.tick(START + 10**7).frame
    assert (frame.now_us, frame.health.late) == ((START + 1000) * US, 0)
    give(source, feed, late_by(events([1.0, 2.0], at=[1001, 3]), 10**6))
    assert live.tick(START + 10**8).frame.health.late == 1


def test_notes_outlive_the_feed_they_were_written_on(source):
    feeds = Feeds()
    feed = feeds.feed(source)
    feed.notes.add(Note(START * US, "deployed"))
    feeds.retry(feed)
    assert feed.join(5)
    again = feeds.feed(source)
    assert again is not feed
    assert [note.text for note in again.notes.all] == ["deployed"]
    feeds.close()


def test_a_frame_that_failed_is_made_again_after_a_while_of_all_that_is_held(source, feed, monkeypatch):
    give(source, feed, events([1.0, 2.0]))
    now = [START + 5.0]
    live = Live(feed, CHOICE, clock=lambda: now[0])
    assert live.tick(now[0]).frame.window_events == 2
    give(source, feed, events([3.0], at=[2]))
    update = Lens.update

    def fail(lens, spans, **options):
        raise ZeroDivisionError(lens.choice.value)

    monkeypatch.setattr(Lens, "update", fail)
    now[0] += 1
    with pytest.raises(ZeroDivisionError):
        live.tick(now[0])
    now[0] += AGAIN_S[0] / 2
    with pytest.raises(Failed) as failed:  # not computed again: it costs much where much is held
        live.tick(now[0])
    assert "ZeroDivisionError" in failed.value.trace
    assert failed.value.trace.endswith("\nZeroDivisionError"), "its words may hold an event's value"
    monkeypatch.setattr(Lens, "update", update)
    now[0] += AGAIN_S[0]
    assert live.tick(now[0]).frame.window_events == 3
