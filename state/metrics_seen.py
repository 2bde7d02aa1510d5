"""What a sample of a long feed shows of its metrics, of all of them at once."""

from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from state.field_seen import Floats
from state.growth import Codes, Series

STEPS, FEWEST = 12, 3
"""After so many steps of its series on average a metric is known: one that has stood still so far is taken for one that never
changes. The other where a sample cannot hold more, for each scrape is a large part of it."""


class MetricsSeen:
    """The rows of a long feed by their metrics. Metrics have codes, in order of appearance.

    metric  (rows,) texts that name what is measured
    values  (rows,) how much; NaN where there is no number
    labels  (rows,) the combination of labels that each row belongs to
    full    whether the sample holds no more than this

    >>> seen = MetricsSeen(pa.chunked_array([["a", "b"] * 16]), np.array([1.0, 7.0, 2.0, 7.0] * 8), np.zeros(32, np.int64))
    >>> seen.names, seen.still.tolist(), seen.rows(1).tolist()[:4]
    (['a', 'b'], [False, True], [1, 3, 5, 7])
    """

    def __init__(self, metric: pa.ChunkedArray, values: Floats, labels: Codes, *, full: bool = False) -> None:
        names = metric.combine_chunks().dictionary_encode()
        self.names: list[str] = names.dictionary.to_pylist()
        self.values, self.labels = values, labels
        self._enough = FEWEST if full else STEPS
        self._codes = np.asarray(pc.fill_null(names.indices, -1).to_numpy(), np.int64)
        self._order = np.argsort(self._codes, kind="stable")
        self._bounds = np.searchsorted(self._codes[self._order], np.arange(len(self.names) + 1))

    def rows(self, code: int) -> Codes:
        """The rows of one metric, in order of arrival."""
        return self._order[self._bounds[code] : self._bounds[code + 1]]

    @cached_property
    def _course(self) -> tuple[Codes, Codes, Codes]:
        """(metrics,) how many series, steps within them, and steps that change something."""
        there = np.flatnonzero(np.isfinite(self.values) & (self._codes >= 0))
        codes = self._codes[there]
        series = np.unique(self.labels[there], return_inverse=True)[1] + codes * (len(there) + 1)
        stepped, before, after = Series(series).pairs(self.values[there])
        many = len(self.names)
        steps = np.bincount(stepped // (len(there) + 1), minlength=many)
        changes = np.bincount(stepped[before != after] // (len(there) + 1), minlength=many)
        return np.bincount(codes, minlength=many) - steps, steps, changes

    @property
    def steps(self) -> Floats:
        """(metrics,) how many steps a series of each has, on average."""
        series, steps, _ = self._course
        return np.asarray(steps / np.maximum(1, series), np.float64)

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """(metrics,) whether enough of each was seen."""
        return np.asarray(self.steps >= self._enough, np.bool_)

    @property
    def still(self) -> npt.NDArray[np.bool_]:
        """(metrics,) whether no series of it ever changes. After too few steps nothing is said to stand still."""
        return np.asarray(self.known & (self._course[2] == 0), np.bool_)

    @property
    def often(self) -> Floats:
        """(metrics,) how often a series of each comes, in powers of two: a scrape that is cut in two counts for nothing."""
        return np.asarray(np.round(np.log2(1 + self.steps)), np.float64)

    def common(self, texts: pa.ChunkedArray) -> list[str]:
        """(metrics,) of (rows,) texts the one that comes most often with each metric; "" where there is none."""
        encoded = texts.combine_chunks().dictionary_encode()
        about = pc.fill_null(encoded.indices, -1).to_numpy()
        size = max(1, len(encoded.dictionary))
        both = (self._codes * size + about)[(self._codes >= 0) & (about >= 0)]
        pairs, counts = np.unique(both, return_counts=True)
        told = encoded.dictionary.to_pylist()
        found = [""] * len(self.names)
        for at in np.argsort(counts, kind="stable"):
            found[pairs[at] // size] = str(told[pairs[at] % size])
        return found
