"""What is done to a broker, and how long it takes to be noticed and to be over."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from state.feed import Feed
from tests.kafka.broker import KafkaBroker

DEADLINE_S = 60.0
CATCH_UP_S = 10.0


@dataclass
class Outage:
    """Seconds of one outage; None where that was not waited for, or did not come in time.

    kind         what was done
    away_s       how long the broker was away
    told_s       how soon the feed said so
    reads_s      how soon after the broker's return the feed read again
    caught_up_s  how soon after it the feed had read on to the end
    """

    kind: str
    away_s: float
    told_s: float | None = None
    reads_s: float | None = None
    caught_up_s: float | None = None


class Outages:
    """Does it, and notes it in `log`."""

    def __init__(self, broker: KafkaBroker, feed: Feed) -> None:
        self.log: list[Outage] = []
        self._broker = broker
        self._feed = feed

    def kill(self, away_s: float) -> None:
        """SIGKILL, and a start on the same data after so many seconds at least."""
        self._away("killed", self._broker.kill, self._broker.run, away_s)

    def pause(self, away_s: float) -> None:
        """SIGSTOP, and SIGCONT after so many seconds at least."""
        self._away("paused", self._broker.pause, self._broker.resume, away_s)

    def recover(self) -> None:
        """Wait until the feed reads again, and give it some time to catch up, which a slow machine may not be able to."""
        back, seen = time.monotonic(), self._feed.seen
        wait_for(lambda: self._feed.seen > seen, "the feed to read again")
        self.log[-1].reads_s = round(time.monotonic() - back, 1)
        if comes_true(lambda: caught_up(self._feed), CATCH_UP_S):
            self.log[-1].caught_up_s = round(time.monotonic() - back, 1)

    def _away(self, kind: str, begin: Callable[[], None], end: Callable[[], None], away_s: float) -> None:
        began, told_s = time.monotonic(), None
        begin()
        if away_s:
            wait_for(lambda: self._feed.status.state == "waiting", "the feed to say that the broker is away")
            told_s = round(time.monotonic() - began, 1)
            threading.Event().wait(max(0.0, began + away_s - time.monotonic()))
        end()
        self.log.append(Outage(kind, round(time.monotonic() - began, 1), told_s))


def caught_up(feed: Feed) -> bool:
    """Whether it is live, and hardly anything waits."""
    assert not feed.failed, feed.status.message
    return feed.status.state == "live" and sum(feed.lag.values()) < feed.arrivals.rate() + 100


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Until the condition holds. Raises AssertionError if it does not within DEADLINE_S."""
    assert comes_true(condition, DEADLINE_S), f"waited {DEADLINE_S:.0f} s in vain for {what}"


def comes_true(condition: Callable[[], bool], deadline_s: float) -> bool:
    """Whether the condition holds within so many seconds."""
    deadline = time.monotonic() + deadline_s
    while not condition():
        if time.monotonic() >= deadline:
            return False
        threading.Event().wait(0.05)
    return True
