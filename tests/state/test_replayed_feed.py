"""A recording as a feed: read to its end, with its times and its notes."""

from dataclasses import replace

from sources.batch import TIME
from sources.replay import Replay
from state.feed import Feed
from state.tables import concat
from tests.state.feeds_by_hand import until


def test_the_demo_is_read_to_its_end_with_its_times_and_its_notes():
    feed = Feed(Replay(speed="max"))
    feed.start()
    until(lambda: feed.status.state == "ended")
    assert feed.seen == 21_600
    assert [note.text for note in feed.notes.all] == [
        "payment 2.14.0 rolls out",
        "on-call paged: checkouts fail",
        "payment rolled back to 2.13.2",
    ]
    assert (feed.times.field.name, feed.times.untimed) == ("ts", 0)
    assert feed.reading is not None
    assert feed.reading.format == "recording"
    whole = concat([each for span in feed.pull(0).spans for each in span.tables()])
    assert whole[TIME].to_pylist() == whole["ts"].to_pylist()
    assert feed.schema.offer.split == "service"
    feed.close()
    assert feed.join(10)


def test_a_recording_that_is_gone_says_so_on_the_board():
    feed = Feed(replace(Replay(), recording="absent"))
    feed.start()
    until(lambda: feed.failed)
    assert "there is no recording 'absent'" in feed.status.message
    feed.close()
    assert feed.join(10)
