"""How many feeds and boards a process carries, whatever its viewers open."""

import pytest

from sources.batch import Batch, Malformed, Note
from state import feeds as module
from state.choice import Choice
from state.feed import MALFORMED_SAMPLES
from state.feeds import MOST_FEEDS, MOST_NOTED, Feeds, TooManyFeeds
from tests.state.feeds_by_hand import START, ByHand, events, until


@pytest.fixture
def feeds():
    feeds = Feeds()
    yield feeds
    feeds.close()


def test_as_many_feeds_as_may_be_are_watched_and_the_next_is_refused_with_what_to_do(feeds):
    for number in range(MOST_FEEDS):
        feeds.feed(ByHand(str(number))).watch(1.0)
    with pytest.raises(TooManyFeeds, match=f"as may be at once, {MOST_FEEDS}: close a board"):
        feeds.feed(ByHand("one too many"))
    assert feeds.feed(ByHand("0")) is feeds.feed(ByHand("0")), "one that others watch is open to all"
    feeds.feed(ByHand("0")).close()
    until(lambda: feeds.running(ByHand("0")) is None)
    assert feeds.feed(ByHand("one too many"))


def test_a_feed_that_was_left_makes_room_for_the_next(monkeypatch):
    small = Feeds(most_feeds=2)
    watched, left = small.feed(ByHand("watched")), small.feed(ByHand("left"))
    watched.watch(1.0)
    with pytest.raises(TooManyFeeds):
        small.feed(ByHand("next"))  # the other was opened just now: whoever did will watch it
    monkeypatch.setattr(module, "LEFT_S", 0.0)
    small.feed(ByHand("next")).watch(1.0)
    assert left.join(10), "its thread still runs"
    assert small.running(ByHand("left")) is None
    assert small.running(ByHand("watched")) is watched
    small.close()


def test_a_stranger_who_opens_a_thousand_feeds_leaves_no_more_than_may_be(monkeypatch):
    monkeypatch.setattr(module, "LEFT_S", 0.0)
    small = Feeds(most_feeds=5)
    opened = [small.feed(ByHand(str(number))) for number in range(1000)]
    running = [feed for feed in opened if small.running(feed.source) is feed]
    assert len(running) == 5
    assert all(feed.join(10) for feed in opened[:-5])
    small.close()


def test_notes_outlive_only_so_many_feeds(monkeypatch):
    monkeypatch.setattr(module, "LEFT_S", 0.0)
    small = Feeds(most_feeds=1)
    for number in range(MOST_NOTED + 50):
        small.feed(ByHand(str(number))).notes.add(Note(number, "seen"))
    assert len(small._notes) == MOST_NOTED
    assert small.feed(ByHand(str(MOST_NOTED))).notes.all, "those of the newest are kept"
    small.close()


def test_a_thousand_settings_leave_no_more_aggregates_than_may_be(feeds, monkeypatch):
    monkeypatch.setattr(module, "MOST_LIVE_BYTES", 8_000_000)
    source = ByHand()
    feed = feeds.feed(source)
    source.give(events([1.0] * 100))
    until(lambda: feed.seen == 100)
    watched = Choice(value="value", window_s=60)
    for number in range(1000):
        feeds.live(feed, watched)
        live = feeds.live(feed, Choice(value="value", window_s=61 + number))
        if number % 100 == 0:
            live.tick(START)
        assert sum(each.nbytes for each in feeds._lives.values()) <= 8_000_000 + live.nbytes
    assert (source, watched) in feeds._lives, "what is in use went first"
    assert len(feeds._lives) < 100


def test_aggregates_of_a_feed_that_has_ended_are_not_kept(feeds):
    feed = feeds.feed(ByHand())
    feeds.retry(feed)
    feeds.live(feed, Choice(value="value", window_s=60))
    assert not feeds._lives


def test_one_board_is_carried_however_large_it_is(feeds, monkeypatch):
    monkeypatch.setattr(module, "MOST_LIVE_BYTES", 1)
    feed = feeds.feed(ByHand())
    choice = Choice(value="value", window_s=60)
    assert feeds.live(feed, choice) is feeds.live(feed, choice)


def test_a_hundred_thousand_malformed_messages_a_second_leave_a_few_samples(feeds):
    source = ByHand()
    feed = feeds.feed(source)
    for second in range(50):
        told = tuple(Malformed(f"no JSON in {second}", "offset 2", b"{") for _ in range(5))
        source.give(Batch(events([1.0]).table, START, malformed=100_000, samples=told, lag={"0": 1}))
    until(lambda: feed.seen == 50)
    assert feed.malformed == 5_000_000
    assert len(feed.samples) == MALFORMED_SAMPLES
    assert feed.samples[-1].reason == "no JSON in 49"
