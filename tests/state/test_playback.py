"""A board that is played again shows at each instant what it shows when it stands there."""

import numpy as np
import pytest

from state.choice import Choice
from state.feed import Feed
from state.playback import SPEEDS, Playback
from state.still import scene_at
from state.viewer import Viewer
from tests.state.feeds_by_hand import START, ByHand, events, until
from tests.state.lens_by_hand import US, at_second

CHOICE = Choice(value="value", by="host", window_s=20)


class Clock:
    def __init__(self, now):
        self.now = now

    def __call__(self):
        return self.now


@pytest.fixture
def source():
    return ByHand()


@pytest.fixture
def viewer(source):
    """Follows a feed of 60 s, an event each half second, of which the one before the last came late."""
    feed = Feed(source)
    feed.start()
    at = [n / 2 for n in range(120)]
    at[-2], at[40] = at[40], at[-2]
    source.give(events(np.arange(120.0), at=at, host=["a", "b"] * 60))
    until(lambda: feed.seen == 120)
    viewer = Viewer(feed, clock=lambda: START + 60)
    viewer.follow(at_second(60))
    yield viewer
    feed.close()
    assert feed.join(5)


@pytest.mark.parametrize("speed", SPEEDS)
def test_each_frame_is_that_of_a_board_which_stands_there(viewer, speed):
    clock = Clock(START + 100)
    playback = Playback(viewer, CHOICE, at_second(20), speed, clock=clock)
    for tick in range(4):
        clock.now = START + 100 + tick * 20 / speed / 2
        frame = playback.tick(clock.now).frame
        assert frame.now_us == pytest.approx(at_second(20) + tick * 10 * US, abs=100)
        stood = viewer.still(whole := scene_at(CHOICE, frame.now_us), whole)
        assert dict(frame.totals) == pytest.approx(dict(stood.totals))
        assert frame.window_events == stood.window_events
        assert int(frame.counts.sum()) == int(stood.counts.sum())
        assert frame.newest_us == stood.newest_us
        assert frame.health.late == 0


def test_it_has_caught_up_where_nothing_is_left_to_play(viewer):
    clock = Clock(START + 100)
    playback = Playback(viewer, CHOICE, at_second(50), 5, clock=clock)
    playback.tick(clock.now)
    assert not playback.caught_up
    clock.now += 2
    end = playback.tick(clock.now).frame.now_us
    assert playback.caught_up
    assert end == viewer.feed.times.newest_us
    clock.now += 1000
    assert playback.tick(clock.now).frame.now_us == end


def test_what_comes_meanwhile_is_played_too(viewer, source):
    clock = Clock(START + 100)
    playback = Playback(viewer, CHOICE, at_second(55), 1, clock=clock)
    source.give(events([7.0], at=[63], host="a"))
    until(lambda: viewer.feed.seen == 121)
    clock.now += 8
    assert playback.tick(clock.now).frame.newest_us == at_second(63)


def test_another_choice_is_shown_with_what_was_before(viewer):
    clock = Clock(START + 100)
    playback = Playback(viewer, CHOICE, at_second(30), 1, clock=clock)
    playback.tick(clock.now)
    playback.choice = Choice(value="value", agg="count", window_s=10)
    clock.now += 1
    frame = playback.tick(clock.now).frame
    assert frame.totals == viewer.still(whole := scene_at(playback.choice, at_second(31)), whole).totals


def test_a_tick_that_is_not_due_is_the_one_before(viewer):
    clock = Clock(START + 100)
    playback = Playback(viewer, CHOICE, at_second(30), 1, clock=clock)
    assert playback.tick(START + 100) is playback.tick(START + 99)
