"""A real feed that gives what a test puts in, and the board that was asked for."""

import contextlib
from collections.abc import Iterable, Iterator
from itertools import count

from sources.batch import Batch
from state.arrivals import Arrivals
from state.choice import Choice
from state.feed import Feed
from state.measure import Measure
from tests.state.feeds_by_hand import ByHand
from tests.truth.oracle import Asked

OVERVIEW = (Measure("load", "load"), Measure("size", "size", kind="amount"))
READ_S = 30


def choice_of(asked: Asked) -> Choice:
    return Choice(
        asked.value,
        asked.by,
        asked.agg,
        tuple(map(":".join, asked.where)),
        asked.window_s,
        points=asked.buckets,
        overview=OVERVIEW,
    )


class Watched:
    """A feed on its own thread, and what it is given."""

    def __init__(self, *, present: bool) -> None:
        self._source = ByHand()
        self._given = 0
        self.feed = Feed(self._source)
        if not present:  # an old feed that is still: whenever it is looked at, nothing has arrived for a while
            self.feed.arrivals = Arrivals(clock=count(step=10.0).__next__)

    def give(self, batches: Iterable[Batch]) -> None:
        """Have these batches read."""
        for batch in batches:
            self._source.give(batch)
            self._given += len(batch)
        with self.feed._news:
            assert self.feed._news.wait_for(lambda: self.feed.seen == self._given, READ_S)


@contextlib.contextmanager
def watched(*, present: bool) -> Iterator[Watched]:
    """A feed that is read until the end of the test."""
    each = Watched(present=present)
    each.feed.start()
    try:
        yield each
    finally:
        each.feed.close()
        assert each.feed.join(READ_S)
