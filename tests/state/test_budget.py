"""The memory of all feeds together, tried by more feeds and more pauses than it has room for."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.batch import Batch
from state.budget import MOST_BYTES, Budget, most_bytes
from state.feed import Feed
from state.segment import SEGMENT_BYTES, SEGMENT_EVENTS, Segment
from state.tables import times
from state.viewer import Viewer
from tests.state.feeds_by_hand import START, ByHand, events, until

SEGMENT = 150_000
"""Bytes of a full segment of these events: a time, a number, and an index of a name."""


@pytest.fixture
def start():
    feeds = []

    def started(source, **bounds):
        feeds.append(Feed(source, **bounds))
        feeds[-1].start()
        return feeds[-1]

    yield started
    for feed in feeds:
        feed.close()
    assert all(feed.join(5) for feed in feeds)


def give(source, feed, batches, size=SEGMENT_EVENTS):
    wanted = feed.seen + batches * size
    source.give(*(events(np.arange(size), at=[0] * size) for _ in range(batches)))
    until(lambda: feed.seen == wanted)


def segment(events, first=0):
    made = Segment(first)
    made.append(pa.table({"n": np.arange(events)}))
    return made


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 50)), max_size=60), st.integers(1, 2000))
def test_no_order_of_segments_is_over_the_bound_and_the_largest_feed_gives_first(given_, most):
    budget = Budget(most)
    held = []
    for feed, size in given_:
        held.append((feed, segment(size, len(held))))
        budget.add(feed, held[-1][1])
        before = {key: sum(each.nbytes for name, each in held if name == key) for key, _ in held}
        budget.keep()
        assert budget.held <= most
        after = {key: sum(each.nbytes for name, each in held if name == key) for key, _ in held}
        gave = [key for key in before if after[key] < before[key]]
        # A feed that gave was at least as large as what any other kept: it was the largest when it did.
        assert all(before[key] >= max(after.values()) for key in gave)
    for key in {feed for feed, _ in held}:
        gone = [each.gone for feed, each in held if feed == key]
        assert gone == sorted(gone, reverse=True), "not its oldest"


def test_feeds_that_read_without_end_stay_within_the_budget_and_say_what_they_forgot(start):
    budget = Budget(4 * SEGMENT)
    sources = [ByHand(name) for name in "abc"]
    feeds = [start(source, budget=budget) for source in sources]
    for _ in range(2):
        for source, feed in zip(sources, feeds, strict=True):
            give(source, feed, 2)
            assert budget.held <= 4 * SEGMENT + SEGMENT_BYTES
    for feed in feeds:
        held = sum(map(len, feed.pull(0).spans))
        assert feed.retained.thinned > 0
        assert held == feed.retained.events == feed.seen - feed.retained.thinned


def test_a_small_feed_keeps_its_history_beside_a_large_one(start):
    budget = Budget(2 * SEGMENT)
    small, large = ByHand("small"), ByHand("large")
    quiet, busy = start(small, budget=budget), start(large, budget=budget)
    give(small, quiet, 1, size=100)
    give(large, busy, 4)
    assert (quiet.retained.thinned, quiet.retained.events) == (0, 100)
    assert busy.retained.thinned > 0


def test_paused_boards_of_feeds_that_are_gone_keep_no_more_than_the_budget(start):
    """A stranger opens feed after feed, pauses each, and leaves it."""
    budget = Budget(3 * SEGMENT)
    paused = []
    for number in range(4):
        source = ByHand(str(number))
        feed = start(source, budget=budget)
        give(source, feed, 2)
        viewer = Viewer(feed, clock=lambda: START)
        viewer.have((START + 1) * 1_000_000)
        assert len(viewer.held()) > 0
        paused.append(viewer)
        feed.close()
        assert feed.join(5)
    held = {id(span.segment): span.segment for viewer in paused for span in viewer.window.spans()}
    assert sum(segment.nbytes for segment in held.values()) == budget.held <= 3 * SEGMENT + SEGMENT_BYTES
    assert sum(len(viewer.held()) for viewer in paused) == sum(len(viewer.window) for viewer in paused)
    assert any(viewer.window.evicted for viewer in paused)


def test_what_a_paused_board_looks_at_is_forgotten_with_the_rest(start):
    source = ByHand()
    budget = Budget(3 * SEGMENT)
    feed = start(source, budget=budget)
    give(source, feed, 2)
    viewer = Viewer(feed, clock=lambda: START)
    viewer.have((START + 1) * 1_000_000)
    held = viewer.held()
    table_before = held.between(START * 1_000_000, (START + 1) * 1_000_000)
    assert sum(map(len, table_before)) == 2 * SEGMENT_EVENTS
    del table_before
    give(source, feed, 5)
    assert not held.between(START * 1_000_000, (START + 1) * 1_000_000), "the look back keeps what all forgot"
    assert len(viewer.held()) == 0
    assert viewer.held().span_us is None


def test_events_of_megabytes_are_bounded_in_bytes_as_small_ones_are(start):
    source = ByHand()
    feed = start(source, max_bytes=20_000_000)
    for number in range(20):
        table = pa.table({"n": [number], "text": [chr(97 + number) * 5_000_000]})
        source.give(Batch(table, START + number))
    until(lambda: feed.seen == 20)
    spans = feed.pull(0).spans
    held = sum(table.nbytes for span in spans for table in span.tables())
    assert 10_000_000 < held <= 20_000_000
    assert [table["n"][-1].as_py() for table in spans[-1].tables()] == [19]


def test_a_segment_forgotten_amid_an_append_keeps_nothing():
    kept = segment(10)
    kept.forget()
    kept.append(pa.table({"n": [1]}))
    assert (len(kept), kept.nbytes, kept.slices(0, 11), kept.full) == (11, 0, [], True)


def test_the_times_of_what_stays_are_those_of_the_newest(start):
    source = ByHand()
    feed = start(source, budget=Budget(2 * SEGMENT))
    for second in range(4):
        source.give(events(np.arange(SEGMENT_EVENTS), at=[second] * SEGMENT_EVENTS))
    until(lambda: feed.seen == 4 * SEGMENT_EVENTS)
    stay = {int(each) for span in feed.pull(0).spans for table in span.tables() for each in times(table)}
    assert max(stay) == (START + 3) * 1_000_000
    assert min(stay) > START * 1_000_000


def test_whoever_runs_the_app_sets_the_budget():
    assert most_bytes({}) == MOST_BYTES
    assert most_bytes({"PULSEBOARD_HISTORY_MB": "64"}) == 64 * 1024 * 1024


@pytest.mark.parametrize("said", ["0", "-1", "1.5", "much"])
def test_a_budget_that_is_no_size_is_refused_with_the_settings_name(said):
    with pytest.raises(ValueError, match=r"PULSEBOARD_HISTORY_MB is .*: give a whole number of megabytes"):
        most_bytes({"PULSEBOARD_HISTORY_MB": said})
