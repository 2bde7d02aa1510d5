"""A feed is read once, bounded, shared by cursor, and tells the truth about what it could not give."""

import threading
import time
from dataclasses import replace

import pyarrow as pa
import pytest

from sources.batch import NO_ROWS, TIME, TIME_TYPE, Batch, Delivery, Gap, Malformed, Reading, Timed
from sources.errors import AuthFailed, EndOfStream, Unreachable
from sources.fields.numbers import numbers
from state.feed import BACKOFF_S, Feed
from state.feeds import Feeds
from state.schema import MAX_FIELDS
from state.segment import SEGMENT_EVENTS
from state.stumbles import MOST
from state.tables import concat
from tests.state.feeds_by_hand import START, ByHand, events, until

MORE = {"0": 1}
"""A lag at which the feed reads on without waiting for its next beat."""


@pytest.fixture
def start():
    started = []

    def make(source, **options):
        feed = Feed(source, **options)
        started.append(feed)
        feed.start()
        return feed

    yield make
    for feed in started:
        feed.close()
        assert feed.join(5)


def read(pull):
    return [value for span in pull.spans for table in span.tables() for value in table["value"].to_pylist()]


def test_every_viewer_gets_every_event_once_in_order_wherever_it_joins(start):
    source = ByHand()
    feed = start(source)
    source.give(events([1, 2]))
    until(lambda: feed.seen == 2)
    early = feed.pull(0)
    source.give(events([3], at=[5]), events([4, 5]))
    until(lambda: feed.seen == 5)
    assert read(early) + read(feed.pull(early.cursor)) == read(feed.pull(0)) == [1, 2, 3, 4, 5]
    assert len(source.opened) == 1


def test_rows_carry_their_event_time_first(start):
    source = ByHand()
    feed = start(source)
    source.give(events([1.0], at=[7]))
    until(lambda: feed.seen == 1)
    [table] = feed.pull(0).spans[0].tables()
    assert table.column_names[0] == TIME
    assert table[TIME][0].as_py().timestamp() == START + 7
    assert feed.times.newest_us == (START + 7) * 1_000_000


def test_a_viewer_that_falls_out_of_the_retained_range_is_told_how_much_it_missed(start):
    source = ByHand()
    feed = start(source, max_events=2 * SEGMENT_EVENTS)
    source.give(events([0.0]))
    until(lambda: feed.seen == 1)
    cursor = feed.pull(0).cursor
    for _ in range(4):
        source.give(events([0.0] * SEGMENT_EVENTS))
    until(lambda: feed.seen == 4 * SEGMENT_EVENTS + 1)
    pull = feed.pull(cursor)
    assert feed.retained.events <= 2 * SEGMENT_EVENTS
    assert pull.missed + sum(map(len, pull.spans)) == 4 * SEGMENT_EVENTS
    assert pull.missed > 0
    assert feed.pull(0).missed == 0


@pytest.mark.parametrize("bound", [{"max_events": 2 * SEGMENT_EVENTS}, {"max_bytes": 400_000}])
def test_what_is_let_go_at_a_bound_is_the_oldest_and_counted(start, bound):
    source = ByHand()
    feed = start(source, **bound)
    feed.watch(0.1)
    assert feed.retained.let_go == 0
    for part in range(5):
        source.give(events([float(part)] * SEGMENT_EVENTS))
    until(lambda: feed.seen == 5 * SEGMENT_EVENTS)
    held = read(feed.pull(0))
    assert held
    assert held[-1] == 4.0
    assert held == sorted(held), "the newest are kept"
    assert feed.retained.let_go == 5 * SEGMENT_EVENTS - len(held) > 0


@pytest.mark.slow
def test_retention_is_bounded_in_bytes_too(start):
    source = ByHand()
    feed = start(source, max_bytes=2_000_000)
    for _ in range(20):
        source.give(events([0.0] * SEGMENT_EVENTS))
    until(lambda: feed.seen == 20 * SEGMENT_EVENTS)
    held = sum(table.nbytes for span in feed.pull(0).spans for table in span.tables())
    assert held <= 2_000_000


@pytest.mark.slow
def test_field_names_made_of_data_take_no_endless_memory(start):
    source = ByHand()
    feed = start(source)
    messages = 2 * MAX_FIELDS // 10
    for n in range(messages):
        fields = {f"users.{10 * n + each}": [1.0] for each in range(10)}
        source.give(Batch(pa.table({"value": [1.0], **fields}), START + n, lag=MORE))
    until(lambda: feed.seen == messages, 60)
    assert read(feed.pull(0)) == [1.0] * messages
    fields = {name for span in feed.pull(0).spans for table in span.tables() for name in table.column_names}
    assert len(fields - {TIME}) == MAX_FIELDS


def test_bytes_are_counted_as_they_are_held_not_as_they_came(start):
    source = ByHand()
    feed = start(source, max_bytes=2_000_000)
    rows = 1000
    for n in range(60):  # joined, each row has 60 fields
        source.give(Batch(pa.table({"value": [0.0] * rows, f"only-{n}": [0.0] * rows}), START, lag=MORE))
    until(lambda: feed.seen == 60 * rows)
    segments = {id(span.segment): span.segment for span in feed.pull(0).spans}
    held = sum(table.nbytes for segment in segments.values() for table in segment.slices(0, len(segment)))
    assert held <= 2_000_000
    assert held == sum(segment.nbytes for segment in segments.values())


def test_malformed_messages_are_counted_and_sampled_and_their_neighbours_kept(start):
    source = ByHand()
    feed = start(source)
    good = events([1.0])
    source.give(Batch(good.table, good.arrived, malformed=3, samples=(Malformed("no JSON", "offset 2", b"{"),)))
    until(lambda: feed.seen == 1)
    assert feed.malformed == 3
    assert feed.samples[0].reason == "no JSON"


def test_a_feed_waits_out_a_counterpart_that_is_away_and_says_so(start, monkeypatch):
    monkeypatch.setattr("state.feed.BACKOFF_S", (0.01,))
    source = ByHand()
    feed = start(source)
    source.give(events([1.0]), Unreachable("no answer from broker:9092"))
    until(lambda: feed.status.state == "waiting")
    assert feed.status.message == "no answer from broker:9092"
    source.give(events([2.0]))
    until(lambda: feed.seen == 2)
    assert feed.status.state == "live"
    assert len(source.opened) == 1  # the same reader resumes: nothing is lost or repeated
    assert BACKOFF_S[0] > 0


def test_what_only_the_user_can_mend_ends_the_feed_with_its_message(start):
    source = ByHand()
    feed = start(source)
    source.give(AuthFailed("the broker refused user 'me'"))
    until(lambda: feed.status.state == "failed")
    assert feed.status.message == "the broker refused user 'me'"
    until(source.opened[0].closed.is_set)


def test_an_unforeseen_error_is_told_counted_and_logged_and_the_same_reader_goes_on(start, caplog):
    source = ByHand()
    feed = start(source)
    source.give(events([1.0]), ZeroDivisionError("secret"))
    until(lambda: feed.status.state == "waiting")
    assert "ZeroDivisionError" in feed.status.message
    assert "secret" not in feed.status.message
    source.give(events([2.0]))
    until(lambda: feed.status.state == "live" and feed.seen == 2)
    assert len(source.opened) == 1
    assert [gap.why for gap in feed.gaps.log] == ["reading failed"]
    assert [each.message for each in caplog.records if each.exc_info] == ["reading failed"]


def test_events_that_could_not_be_taken_in_are_counted_as_lost(start, monkeypatch):
    source = ByHand()
    feed = start(source)
    source.give(events([1.0]))
    until(lambda: feed.seen == 1)
    update = feed.schema.update
    monkeypatch.setattr(feed.schema, "update", lambda _: 1 / 0)
    source.give(events([2.0, 3.0]))
    until(lambda: feed.gaps.lost == 2)
    monkeypatch.setattr(feed.schema, "update", update)
    source.give(events([4.0]))
    until(lambda: feed.seen == 2)
    assert read(feed.pull(0)) == [1.0, 4.0]


def test_a_reader_that_takes_its_stumbling_for_its_end_has_not_ended(start):
    source = ByHand()
    feed = start(source)
    source.give(events([1.0]), ZeroDivisionError(), EndOfStream())
    until(lambda: feed.status.state in ("ended", "failed"))
    assert feed.status.state == "failed"


def test_a_feed_that_stumbles_too_often_stops_and_is_opened_anew_for_who_still_watches(monkeypatch):
    monkeypatch.setattr("state.feed.BACKOFF_S", (0.01,))
    feeds = Feeds(reopen_s=0.2)
    source = ByHand()
    feed = feeds.feed(source)
    source.give(*[ZeroDivisionError()] * (MOST + 1))
    until(lambda: feed.status.state == "failed")
    assert "opened anew" in feed.status.message
    until(lambda: feeds.feed(source) is not feed)
    again = feeds.feed(source)
    source.give(events([1.0]))
    until(lambda: again.seen == 1)
    assert len(source.opened) == 2
    feeds.close()


def test_what_only_the_user_can_mend_is_not_opened_anew_by_itself():
    feeds = Feeds(reopen_s=0.0)
    source = ByHand()
    feed = feeds.feed(source)
    source.give(AuthFailed("no"))
    until(lambda: feed.status.state == "failed")
    assert feeds.feed(source) is feed
    feeds.close()


def test_a_finite_source_ends_and_what_it_gave_stays(start):
    source = ByHand()
    feed = start(source)
    source.give(events([1.0]), EndOfStream())
    until(lambda: feed.status.state == "ended")
    assert read(feed.pull(0)) == [1.0]


def test_history_is_caught_up_with_progress(start):
    source = ByHand()
    feed = start(source)
    first, second = events([1.0] * 50), events([1.0] * 50)
    source.give(Batch(first.table, first.arrived, lag={"0": 150}))
    until(lambda: feed.status.state == "catching up")
    source.give(Batch(second.table, second.arrived, lag={"0": 75}))
    until(lambda: feed.seen == 100)
    assert feed.progress() == pytest.approx(0.5)
    source.give(Batch(NO_ROWS, START, lag={"0": 0}))
    until(lambda: feed.status.state == "live")
    assert feed.progress() == 1.0


def test_an_unwatched_feed_closes_its_source_and_is_forgotten():
    feeds = Feeds(idle_s=0.05)
    source = ByHand()
    feed = feeds.feed(source)
    until(lambda: source.opened)
    until(source.opened[0].closed.is_set)
    assert feed.join(5)
    until(lambda: feeds.feed(source) is not feed)
    feeds.close()


def test_a_watched_feed_lives_past_its_idle_time():
    feeds = Feeds(idle_s=0.2)
    source = ByHand()
    feed = feeds.feed(source)
    until(lambda: source.opened)
    began = time.monotonic()
    while time.monotonic() - began < 0.6:
        feed.watch(1.0)
        threading.Event().wait(0.02)
    assert not source.opened[0].closed.is_set()
    feeds.close()
    assert source.opened[0].closed.is_set()


def test_equal_settings_share_one_feed_and_others_do_not():
    feeds = Feeds()
    one, same, other = ByHand("one"), ByHand("one"), ByHand("two")
    assert feeds.feed(one) is feeds.feed(same)
    assert feeds.feed(one) is not feeds.feed(other)
    feeds.close()


def test_trying_again_opens_the_source_anew():
    feeds = Feeds()
    source = ByHand()
    feed = feeds.feed(source)
    source.give(AuthFailed("no"))
    until(lambda: feed.status.state == "failed")
    feeds.retry(feed)
    again = feeds.feed(source)
    feeds.retry(feed)  # another viewer, who had not yet seen that it is done
    assert feeds.feed(source) is again
    source.give(events([1.0]))
    until(lambda: again.seen == 1)
    assert len(source.opened) == 2
    feeds.close()


def test_whoever_opens_a_page_has_a_feed_that_failed_tried_again_but_not_at_once(monkeypatch):
    feeds, source = Feeds(), ByHand()
    feed = feeds.feed(source, anew=True)
    source.give(AuthFailed("no"))
    until(lambda: feed.status.state == "failed")
    for _ in range(50):
        assert feeds.feed(source, anew=True) is feed, "it has only just failed"
    monkeypatch.setattr("state.feeds.RETRY_S", 0.0)
    assert feeds.feed(source) is feed, "who is here already asks for it by hand"
    again = feeds.feed(source, anew=True)
    assert again is not feed
    source.give(events([1.0]))
    until(lambda: again.seen == 1)
    assert feeds.feed(source, anew=True) is again, "it has not failed"
    assert len(source.opened) == 2
    feeds.close()


def test_first_events_are_waited_for_while_history_is_read(start):
    source = ByHand()
    feed = start(source)
    source.give(Batch(NO_ROWS, START, lag={"0": 5}))
    until(lambda: feed.status.state == "catching up")
    source.give(events([1.0]))
    feed.wait_for_first_events(10)
    assert feed.seen == 1


def test_a_live_feed_without_events_is_not_waited_for(start):
    feed = start(ByHand())
    until(lambda: feed.status.state == "live")
    began = time.monotonic()
    feed.wait_for_first_events(10)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("refresh_s", "busy", "beat_s"),
    [(1.0, 0.0, 1.0), (1.0, 0.02, 0.25), (1.0, 0.9, 0.1), (0.2, 0.0, 0.2), (0.2, 0.9, 0.1), (60.0, 0.0, 1.0)],
)
def test_reads_are_parts_of_the_freshest_refresh_and_short(refresh_s, busy, beat_s):
    feed = Feed(ByHand())
    feed.watch(90.0)
    feed.watch(refresh_s)
    feed._beat.busy = busy
    assert feed._beat.every_s(feed._watchers) == pytest.approx(beat_s)


def test_a_feed_tells_what_has_changed_in_it_and_how_it_is_read(start):
    source = ByHand()
    feed = start(source)
    source.give(events([1.0] * 300))
    until(lambda: feed.seen == 300)
    assert feed.drifts == ()
    table = events([2.0] * 10, start=START + 300).table.append_column("load", pa.array([0.5] * 10))
    source.give(Batch(table, START + 310, reading=Reading("json", "asked for")))
    until(lambda: feed.seen == 310)
    [drift] = feed.drifts
    assert (drift.field, drift.kind, drift.at_us) == ("load", "appeared", (START + 300) * 1_000_000)
    assert feed.reading == Reading("json", "asked for")

    def offered() -> bool:  # a new field waits for a while where the look before it took long
        source.give(events([2.0], start=START + 320))
        return {"value", "load"} == {each.name for each in feed.schema.offer.measures}

    until(offered)


def test_events_before_and_after_a_change_of_type_stay_readable(start):
    source = ByHand()
    feed = start(source)
    table = events([1.0] * 300).table
    source.give(Batch(table, START), Batch(table.set_column(2, "value", pa.array(["2.5"] * 300)), START))
    until(lambda: feed.seen == 600)
    whole = concat([each for span in feed.pull(0).spans for each in span.tables()])
    assert numbers(whole, "value").sum() == 300 * 1.0 + 300 * 2.5
    assert [each.kind for each in feed.drifts] == ["changed type"]


def test_the_sources_own_time_field_and_zone_are_used(start):
    source = ByHand(time="wall", zone="Europe/Berlin")
    feed = start(source)
    source.give(Batch(pa.table({"time": [START - 99], "wall": ["2023-11-14 23:13:21"], "value": [1.0]}), START + 2))
    until(lambda: feed.seen == 1)
    assert feed.times.newest_us == (START + 1) * 1_000_000
    assert feed.times.field.name == "wall"


def test_event_times_that_the_source_has_settled_on_are_kept(start):
    source = ByHand()
    feed = start(source)
    table = events([1.0, 2.0]).table
    shifted = pa.array([(START + 50) * 1_000_000, (START + 51) * 1_000_000]).cast(TIME_TYPE)
    batch = Batch(table.add_column(2, TIME, shifted), START + 51, timed=Timed("time", "shifted"))
    source.give(batch)
    until(lambda: feed.seen == 2)
    whole = concat([each for span in feed.pull(0).spans for each in span.tables()])
    assert whole.column_names[0] == TIME
    assert whole.column_names.count(TIME) == 1
    assert whole[TIME].to_pylist() == shifted.to_pylist()
    assert whole["time"].to_pylist() == table["time"].to_pylist()
    assert (feed.times.field.name, feed.times.why) == ("time", "shifted")


def test_what_was_lost_on_the_way_is_told_with_how_events_get_here(start):
    source = ByHand()
    feed = start(source)
    source.give(replace(events([1.0], at=[7]), delivery=Delivery(30.0)))
    until(lambda: feed.seen == 1)
    assert feed.delivery == Delivery(30.0)
    gap = Gap((START + 1) * 1_000_000, (START + 3) * 1_000_000, None, "the connection was lost")
    source.give(Batch(NO_ROWS, arrived=START + 8, gaps=(gap, Gap(gap.from_us, gap.from_us, 4, "too fast"))))
    until(lambda: feed.gaps.lost == 4)
    assert feed.gaps.seconds == 2.0
    assert [(each.kind, each.at_us) for each in feed.drifts] == [("interrupted", gap.from_us)] * 2
