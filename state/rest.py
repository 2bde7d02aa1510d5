"""All series that have no slot of their own, as one line."""

import numpy as np

from state.frame import Floats, Ints
from state.rollup import ADDITIVE, Rollup


class Rest:
    """One aggregate per bucket of all series of a rollup together, but a few.

    Exact, as if the rest were one series; percentiles within the sketch's error. A bucket is computed anew where it changed, all are
    where others are left out: a reading costs time in proportion to the new buckets and the series.

    >>> rollup = Rollup(bucket_us=1_000_000, buckets=2)
    >>> rollup.advance(1_000_000)
    >>> rollup.update(np.array([0, 0, 0, 1_000_000]), np.array([0, 1, 2, 2], np.int32), np.array([9.0, 1.0, 3.0, 5.0]))
    >>> Rest(rollup, "mean").values(np.array([0]))
    array([2., 5.])
    """

    def __init__(self, rollup: Rollup, agg: str) -> None:
        self._rollup = rollup
        self._agg = agg
        self._without: bytes | None = None
        self._shown = np.full(rollup.ring.capacity, np.nan)
        self._stamps = np.full(rollup.ring.capacity, -1)

    def values(self, without: Ints) -> Floats:
        """(buckets,) the aggregate of all but the series codes `without`, oldest first; see `Rollup` for empty buckets."""
        rollup = self._rollup
        if without.tobytes() != self._without:
            self._without = without.tobytes()
            self._stamps[:] = -1
        inside = rollup.ring.positions
        stale = inside[self._stamps[inside] != rollup.stamps[inside]]
        if len(stale):
            self._shown[stale] = rollup.rest(self._agg, stale, without)
            self._stamps[stale] = rollup.stamps[stale]
        shown = self._shown[inside]
        if self._agg in ADDITIVE:
            shown[np.isnan(shown) & rollup.known(without)] = 0.0
        return shown
