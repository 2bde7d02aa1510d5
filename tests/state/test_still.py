"""A frame that stands still: the same as the live one, and of a range exactly what pandas says of it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.batch import Note
from sources.errors import EndOfStream
from state.choice import Choice
from state.feed import Feed
from state.held import Held
from state.live import Live, Reader
from state.measure import Measure
from state.still import busiest, scene_at, scene_of, still
from state.viewer import Viewer
from tests.state.feeds_by_hand import START, ByHand, ReaderByHand, events, until
from tests.state.lens_by_hand import US, at_second, table_of

READER = Reader(0.0, START)
FAR = 10**14


@given(st.integers(0, 10**15), st.integers(10_000, 10**13), st.integers(60, 360))
def test_a_range_is_whole_buckets_around_what_was_asked_for_and_no_more_than_the_points(start, length, points):
    scene = scene_of(Choice(points=points), start, start + length, start + length + FAR)
    width = scene.choice.bucket_us
    assert scene.from_us % width == scene.to_us % width == 0
    assert scene.from_us <= start
    assert start + length <= scene.to_us
    assert scene.choice.buckets == (scene.to_us - scene.from_us) // width
    assert scene.choice.buckets <= points or width == Choice(window_s=7300 * 86400).bucket_us
    # Not magnified: the next finer width would take more points than there are, but for a bucket at either end.
    finer = Choice(points=points, window_s=length / US).bucket_us
    assert width <= finer or (start // finer * finer, -(-(start + length) // finer) * finer) != (
        scene.from_us,
        scene.to_us,
    )


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 30), st.floats(-100, 100)), min_size=1, max_size=60),
    st.floats(0, 20),
    st.floats(0.5, 10),
)
def test_the_frame_of_a_range_is_what_pandas_says_of_it(rows, start, length):
    table = table_of([at for at, _ in rows], value=[value for _, value in rows])
    scene = scene_of(
        Choice(value="value", agg="sum", points=100), at_second(start), at_second(start + length), at_second(99)
    )
    frame = still(Feed(ByHand()), Held([table]), scene, READER)
    told = pd.DataFrame({"at": [at_second(at) for at, _ in rows], "value": [value for _, value in rows]})
    told = told[(told["at"] >= scene.from_us) & (told["at"] < scene.to_us)]
    assert frame.window_events == len(told)
    assert int(frame.counts.sum()) == len(told)
    assert (frame.start_us, frame.end_us) == (scene.from_us, scene.to_us)
    sums = told.groupby((told["at"] - scene.from_us) // scene.choice.bucket_us)["value"].sum()
    shown = np.nan_to_num(frame.values[:, [name is not None for name in frame.slots]].sum(axis=1))
    assert shown[sums.index] == pytest.approx(sums.to_numpy(), abs=1e-9)
    assert frame.newest_us == max(
        (at for at in [at_second(at) for at, _ in rows] if at < scene.to_us), default=None
    ) or (max(at_second(at) for at, _ in rows) >= scene.to_us)
    assert (
        all(scene.from_us <= at for at in frame.newest["_time"].cast(pa.int64()).to_pylist())
        if len(frame.newest)
        else True
    )


def test_a_board_that_is_paused_shows_what_the_live_one_showed():
    source = ByHand()
    feed = Feed(source)
    feed.start()
    source.give(events(np.arange(50.0), at=[n * 0.7 for n in range(50)], host=["a", "b"] * 25))
    until(lambda: feed.seen == 50)
    choice = Choice(value="value", by="host", window_s=20)
    now = START + 34.3
    live, viewer = Live(feed, choice, clock=lambda: now).tick(0).frame, Viewer(feed, clock=lambda: now)
    viewer.stand(live.now_us)
    frame = viewer.still(whole := scene_at(choice, live.now_us), whole)
    feed.close()
    assert feed.join(5)
    assert (frame.now_us, frame.slots, frame.totals) == (live.now_us, live.slots, live.totals)
    assert np.array_equal(frame.values, live.values, equal_nan=True)
    assert np.array_equal(frame.counts, live.counts)
    assert frame.newest.equals(live.newest)
    assert frame.quantiles == live.quantiles


@pytest.mark.parametrize(("seconds", "rate"), [((0, 50), 1 / 60), ((0, 99), 1 / 2)])
def test_a_series_that_comes_seldom_has_been_known_since_before_a_board_opened_or_stood_still(seconds, rate):
    """Two events in a window of 60 s that ends at 100: one that was silent for longer than that has begun anew.

    .   x(0)      ┬─────x(50)───────────┬ 100     1 in 60 s
        x(0)      ┬────────────────x(99)┬ 100     1 in the 2 s since
    """
    source, choice, now = ByHand(), Choice(value="value", agg="rate", window_s=60, points=60), [float(START)]
    feed = Feed(source)
    feed.start()
    watched = Live(feed, choice, clock=lambda: now[0])
    for second in seconds:
        source.give(events([1.0], at=[second]))
        until(lambda second=second: feed.times.newest_us == at_second(second) == feed.pull(0).newest_us)
        now[0] = START + second
        watched.tick(START + second)
    now[0] = START + 100.0
    opened, viewer = Live(feed, choice, clock=lambda: now[0]), Viewer(feed)
    viewer.stand(at_second(100))
    whole = scene_at(choice, at_second(100))
    frames = [watched.tick(START + 100).frame, opened.tick(START + 100).frame, viewer.still(whole, whole)]
    feed.close()
    assert feed.join(5)
    assert [frame.totals["value"] for frame in frames] == pytest.approx([rate] * 3, rel=0.01)
    for frame in frames[1:]:
        np.testing.assert_array_equal(frame.values, frames[0].values)


def test_a_counters_first_increase_in_a_range_begins_before_it():
    table = table_of(range(0, 30, 2), total=[10.0 * n for n in range(15)])
    choice = Choice(value="total", agg="rate", measure=Measure("total", "total", kind="counter"), points=10)
    frame = still(Feed(ByHand()), Held([table]), scene_of(choice, at_second(10), at_second(20), at_second(99)), READER)
    # The last sample within is of second 18: what came after it this range does not know.
    assert frame.values[:, 0] == pytest.approx([5.0] * 8 + [np.nan] * 2, nan_ok=True)


def test_the_notes_of_what_is_shown_are_in_the_frame():
    feed = Feed(ByHand())
    feed.notes.add(Note(at_second(5), "deployed"))
    feed.notes.add(Note(at_second(50), "later"))
    scene = scene_of(Choice(), at_second(0), at_second(10), at_second(99))
    assert [note.text for note in still(feed, Held(()), scene, READER).notes] == ["deployed"]


def test_a_range_ends_with_the_instant_of_the_pause():
    scene = scene_of(Choice(points=100), at_second(0), at_second(20), at_second(10.3))
    assert scene.to_us == at_second(10.3) + 1
    assert scene.cut
    table = table_of([n / 100 for n in range(1500)], value=[1.0] * 1500)
    choice = Choice(value="value", agg="count", points=100)
    scene = scene_of(choice, at_second(0), at_second(20), at_second(10.3))
    frame = still(Feed(ByHand()), Held([table]), scene, READER)
    assert frame.window_events == 1031
    shown = frame.values[: len(frame.values) - frame.open, 0]
    assert set(shown.tolist()) == {scene.choice.bucket_us / US * 100}, "what is shown as full has no drop"


def test_the_last_bucket_of_a_feed_that_has_ended_is_full():
    source = ByHand()
    feed = Feed(source)
    feed.start()
    source.give(events(np.arange(20.0), at=range(20)), EndOfStream())
    until(lambda: feed.status.state == "ended")
    at_us = at_second(19)
    live, viewer = Live(feed, Choice(value="value", window_s=30)).tick(0).frame, Viewer(feed)
    viewer.stand(at_us)
    whole = scene_at(Choice(value="value", window_s=30), at_us)
    assert (live.now_us, live.open) == (at_us, 0)
    assert viewer.still(whole, whole).open == 0
    feed.close()
    assert feed.join(5)


def test_a_series_keeps_its_place_whatever_the_filters_and_the_range():
    table = table_of([n / 10 for n in range(300)], host=["b", "c", "a"] * 100, value=[1.0] * 300)
    choice = Choice(value="value", by="host", window_s=30)
    whole = scene_at(choice, at_second(29.9))
    seats = busiest(Held([table]), whole)
    assert seats == ("a", "b", "c")
    for where, slots in (
        ((), ("a", "b", "c")),
        (("host:eq:c",), (None, None, "c")),
        (("host:ne:a",), (None, "b", "c")),
    ):
        scene = scene_of(replace(choice, where=where), at_second(5), at_second(9), at_second(29.9))
        assert still(Feed(ByHand()), Held([table]), scene, READER, seats).slots[:3] == slots


def test_a_history_that_is_still_read_is_not_taken_for_what_came_since(monkeypatch):
    monkeypatch.setattr("state.viewer.HISTORY_S", 0.01)
    source, waiting = ByHand(), {"0": 700}
    poll = ReaderByHand.poll
    monkeypatch.setattr(ReaderByHand, "poll", lambda *given: replace(poll(*given), lag=dict(waiting)))
    feed = Feed(source)
    feed.start()
    source.give(events(np.arange(300.0)))
    until(lambda: feed.seen == 300)
    viewer = Viewer(feed)
    viewer.stand(at_second(2000))
    assert not viewer.ready
    waiting["0"] = 0
    source.give(events(np.arange(700.0), at=range(300, 1000)))
    until(lambda: feed.seen == 1000 and feed.status.state == "live")
    viewer.stand(at_second(2000))
    assert viewer.ready
    assert len(viewer.held()) == 1000
    assert viewer.came_since(at_second(2000)) == 0
    feed.close()
    assert feed.join(5)
