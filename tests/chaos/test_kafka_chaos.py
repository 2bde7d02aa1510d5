"""A real broker is killed, paused and grown under a crowd: nothing is lost, nothing comes twice, no figure lies."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

import numpy as np
import pytest

from sources.kafka import Kafka
from state.feed import Feed
from state.feeds import Feeds
from state.frame import Frame
from state.live import Live
from tests.chaos.boards import WHOLE, counts, shown, totals
from tests.chaos.crowd import Crowd
from tests.chaos.log import Ints, Log, read_log, where
from tests.chaos.mortal import UNCLOSED, mortal_broker
from tests.chaos.numbered import Numbered, Written
from tests.chaos.outages import Outages, wait_for
from tests.chaos.witness import Witness, runs
from tests.kafka.broker import KafkaBroker
from tests.kafka.traffic import Traffic

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), UNCLOSED]

RATE = 5_000
LEAST = 50_000
"""So many events are acknowledged at the least, however slow the machine."""
PARTITIONS = 8
QUIET_S = 5.0
KILLED_S = 5.0
PAUSED_S = 20.0
SETTLE_S = 60.0


@dataclass(frozen=True)
class Run:
    """What was written, what the broker holds of it, and what the feed has handed on.

    seen  (n, 4) as `Witness.seen`
    """

    written: Written
    log: Log
    seen: Ints
    crowd: Crowd
    outages: Outages
    took_s: float

    def figures(self) -> dict[str, object]:
        """What is worth knowing of it."""
        feed = self.crowd.witness.feed
        different = len(np.unique(where(self.seen)))
        return {
            "sent": self.written.sent,
            "sent_per_s": round(self.written.sent / self.took_s),
            "acknowledged": len(self.written.acknowledged),
            "logged": len(self.log.messages),
            "malformed": feed.malformed,
            "seen": len(self.seen),
            "lost": len(self.log.events) - different,
            "duplicated": len(self.seen) - different,
            "told_lost": feed.gaps.lost,
            "late_for_a_narrow_window": self.crowd.narrow.draw().health.late,
            "viewers_joined": self.crowd.joined,
            "other_feeds": len(self.crowd.others),
            "outages": [asdict(each) for each in self.outages.log],
        }


@pytest.fixture
def broker() -> Iterator[KafkaBroker]:
    with mortal_broker() as broker:
        yield broker


@pytest.fixture
def run(broker: KafkaBroker) -> Iterator[Run]:
    """Two minutes of chaos. Afterwards another client reads what the broker holds: that is the truth."""
    traffic = Traffic(broker.bootstrap)
    topic = traffic.topic(PARTITIONS)
    feeds = Feeds(idle_s=1000)  # so long that no board is begun anew, however slow the machine
    crowd = Crowd(feeds, Kafka(topic=topic, start="earliest", bootstrap_servers=broker.bootstrap))
    feed = crowd.witness.feed
    outages = Outages(broker, feed)
    try:
        wait_for(lambda: feed.status.state == "live", "the feed to open")
        with crowd, Numbered.to(broker.bootstrap, topic, RATE) as writer:
            began = time.monotonic()
            shake(outages, lambda more: traffic.grow(topic, PARTITIONS + more))
            took_s = time.monotonic() - began
            written = writer.stop()
            log = read_log(broker.bootstrap, topic)
            settle(feed, len(log.messages))
        crowd.witness.look()
        yield Run(written, log, crowd.witness.seen(), crowd, outages, took_s)
    finally:
        feeds.close()


def shake(outages: Outages, grow: Callable[[int], None]) -> None:
    """All that happens to the broker."""
    flow(QUIET_S)
    outages.kill(KILLED_S)
    outages.recover()
    outages.kill(KILLED_S)
    outages.kill(0.0)  # again, while the feed is catching up
    outages.recover()
    grow(3)
    outages.pause(PAUSED_S)
    outages.recover()
    grow(4)
    outages.kill(0.0)  # before the feed knows of the new partition
    outages.recover()
    flow(QUIET_S)


def flow(seconds: float) -> None:
    """Let events flow undisturbed."""
    threading.Event().wait(seconds)


def settle(feed: Feed, messages: int) -> None:
    """Wait until the feed has read so many messages, or until nothing has come for so long that the rest never will."""
    seen, since = -1, time.monotonic()
    while feed.seen + feed.malformed < messages and time.monotonic() < since + SETTLE_S:
        if feed.seen != seen:
            seen, since = feed.seen, time.monotonic()
        threading.Event().wait(0.1)


def test_what_a_shaken_broker_acknowledged_is_seen_once_and_counted_right(run: Run) -> None:
    print(json.dumps(run.figures()))  # noqa: T201 - what happened is worth reading
    assert len(run.written.acknowledged) >= LEAST
    assert len(run.log.bounds) == PARTITIONS + 4
    nothing_is_lost_or_comes_twice(run)
    for each in run.crowd.others:
        it_is_a_part_without_holes(each, run.log)
    the_figures_are_true(run)


def nothing_is_lost_or_comes_twice(run: Run) -> None:
    written, log, seen = run.written, run.log, run.seen
    assert not len(np.setdiff1d(where(written.acknowledged), where(log.messages))), "the broker itself has lost events"
    lost = np.setdiff1d(where(log.events), where(seen))
    assert not len(lost), f"{len(lost)} of {len(log.events)} events were never seen"
    twice = len(seen) - len(np.unique(where(seen)))
    assert not twice, f"{twice} of {len(seen)} events were seen before"
    assert np.array_equal(seen[np.argsort(where(seen))], log.events[np.argsort(where(log.events))])
    assert run.crowd.witness.missed == 0
    for partition, offsets in runs(seen).items():
        assert (np.diff(offsets) > 0).all(), f"partition {partition} came out of its order"


def it_is_a_part_without_holes(witness: Witness, log: Log) -> None:
    """What a feed saw that was open for some seconds: a stretch of each partition."""
    assert witness.missed == 0
    for partition, offsets in runs(witness.seen()).items():
        of = log.events[log.events[:, 0] == partition, 1]
        assert np.array_equal(offsets, of[(of >= offsets[0]) & (of <= offsets[-1])])


def the_figures_are_true(run: Run) -> None:
    """Of boards that watched all the time, and of the same opened now: those have what the feed has kept."""
    feed, log = run.crowd.witness.feed, run.log
    for choice, board in zip(WHOLE, run.crowd.whole, strict=True):
        the_frame_is_true(board.draw(), log.events, log)
        the_frame_is_true(Live(feed, choice).tick(time.time()).frame, run.seen[-feed.retained.events :], log)
    assert run.crowd.narrow.draw().health.late == run.crowd.narrow.late(run.seen[:, 3])


def the_frame_is_true(frame: Frame, events: Ints, log: Log) -> None:
    assert frame.totals == pytest.approx(totals(frame.choice, events), rel=1e-12)
    if frame.choice.agg == "count":
        assert shown(frame) == counts(frame, events)
    health = frame.health
    assert (frame.seen, health.malformed) == (len(log.events), len(log.malformed))
    assert (health.lost, health.unsure_s, health.dropped) == (0, 0.0, 0)
    assert (health.late, health.early, health.untimed, health.valueless) == (0, 0, 0, 0)
