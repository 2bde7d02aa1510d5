"""A viewer who writes down every event that a feed hands on."""

import numpy as np
import pyarrow as pa

from state.feed import Feed
from state.tables import times
from tests.chaos.log import Ints

FIELDS = ("_partition", "_offset", "n")


class Witness:
    """Follows a feed with a cursor, as every viewer does."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self.cursor = 0
        self.missed = 0
        self._seen: list[Ints] = []

    def look(self) -> None:
        """Take what is new."""
        pull = self.feed.pull(self.cursor)
        self.cursor = pull.cursor
        self.missed += pull.missed
        self._seen += [_columns(table) for span in pull.spans for table in span.tables()]

    def seen(self) -> Ints:
        """(n, 4) partition, offset, number and time in microseconds of each event, in order of arrival."""
        return np.concatenate([np.empty((0, 4), np.int64), *self._seen])


def _columns(table: pa.Table) -> Ints:
    return np.stack([*(table[name].cast(pa.int64()).to_numpy() for name in FIELDS), times(table)], axis=1)


def runs(seen: Ints) -> dict[int, Ints]:
    """The offsets of each partition, in order of arrival."""
    return {int(each): seen[seen[:, 0] == each, 1] for each in np.unique(seen[:, 0])}
