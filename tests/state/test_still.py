"""A frame that stands still: the same as the live one, and of a range exactly what pandas says of it."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.batch import Note
from state.choice import Choice
from state.feed import Feed
from state.held import Held
from state.live import Live, Reader
from state.measure import Measure
from state.still import scene_at, scene_of, still
from state.viewer import Viewer
from tests.state.feeds_by_hand import START, ByHand, events, until
from tests.state.lens_by_hand import US, at_second, table_of

READER = Reader(0.0, START)


@given(st.integers(0, 10**15), st.integers(10_000, 10**13), st.integers(60, 360))
def test_a_range_is_whole_buckets_around_what_was_asked_for_and_no_more_than_the_points(start, length, points):
    scene = scene_of(Choice(points=points), start, start + length)
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
    scene = scene_of(Choice(value="value", agg="sum", points=100), at_second(start), at_second(start + length))
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
    frame = viewer.still(scene_at(choice, live.now_us))
    feed.close()
    assert feed.join(5)
    assert (frame.now_us, frame.slots, frame.totals) == (live.now_us, live.slots, live.totals)
    assert np.array_equal(frame.values, live.values, equal_nan=True)
    assert np.array_equal(frame.counts, live.counts)
    assert frame.newest.equals(live.newest)
    assert frame.quantiles == live.quantiles


def test_a_counters_first_increase_in_a_range_begins_before_it():
    table = table_of(range(0, 30, 2), total=[10.0 * n for n in range(15)])
    choice = Choice(value="total", agg="rate", measure=Measure("total", "total", kind="counter"), points=10)
    frame = still(Feed(ByHand()), Held([table]), scene_of(choice, at_second(10), at_second(20)), READER)
    # The last sample within is of second 18: what came after it this range does not know.
    assert frame.values[:, 0] == pytest.approx([5.0] * 8 + [np.nan] * 2, nan_ok=True)


def test_the_notes_of_what_is_shown_are_in_the_frame():
    feed = Feed(ByHand())
    feed.notes.add(Note(at_second(5), "deployed"))
    feed.notes.add(Note(at_second(50), "later"))
    scene = scene_of(Choice(), at_second(0), at_second(10))
    assert [note.text for note in still(feed, Held(()), scene, READER).notes] == ["deployed"]
