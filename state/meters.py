"""The counters of a feed: which fields tell them apart, and how fast each series of them grows."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from state.counters import Codes, Counters
from state.frame import Floats, Ints
from state.identity import Identities
from state.tables import labels


class Meters:
    """`Counters` that are told apart by the labels in `fields`; those that have fallen silent make room for others."""

    def __init__(self, bucket_us: int, buckets: int, fields: Sequence[str]) -> None:
        self.counters = Counters(bucket_us, buckets)
        self._fields = tuple(dict.fromkeys(field for field in fields if field))
        self._identities = Identities()

    def advance(self, now_us: int) -> None:
        """Move the right edge of the window to `now_us`; never backwards."""
        right = self.counters.ring.right
        self.counters.advance(now_us)
        if self.counters.ring.right != right:
            taken = self._identities.taken()
            active = self.counters.active()[: len(taken)]
            taken[: len(active)] &= ~active
            self._identities.release(np.flatnonzero(taken))

    def update(self, tables: Sequence[pa.Table], time_us: Ints, series: Codes, value: Floats) -> None:
        """Take in the rows of tables in the order of their arrival; the others are (n,) for all rows of all tables."""
        counter = [
            self._identities.encode([labels(table, field) for field in self._fields], len(table)) for table in tables
        ]
        self.counters.update(time_us, np.concatenate(counter), series, value)
