"""How values spread in each time bucket: a running histogram whose bins follow the values' range."""

import math

import numpy as np

from state.frame import Counts, Floats, Ints
from state.ring import Ring
from state.runs import group_starts

_FINEST = -64
_SIGNIFICANT_BITS = 24
_CONSTANT_BITS = 7
_COARSE_SHARE = 8
_HUGE = float(np.finfo(np.float64).max)


class Density:
    """Events per time bucket and value bin, fed with new events only. See `Ring` for the window, late and early events.

    Bin number b covers [b * w, (b + 1) * w) for one width w, a power of two. A value outside the range doubles w until
    all fit: each new bin is exactly two old ones, so no event need be seen again. The other way needs the events: once the
    range has shrunk, because an outlier has left the window, `coarse` asks for a `rebuild`. Bins are never finer than
    float32's precision of the largest value, so that a constant feed has a bin of visible width.

    >>> density = Density(bucket_us=10, buckets=2, bins=4)
    >>> density.advance(19)
    >>> density.update(np.array([0, 10, 11]), np.array([1.0, 2.0, 2.5]))
    >>> density.edges, density.counts.tolist()
    (array([1. , 1.5, 2. , 2.5, 3. ]), [[1, 0, 0, 0], [0, 0, 1, 1]])
    >>> density.update(np.array([12]), np.array([6.0]))
    >>> density.edges, density.counts.tolist()
    (array([0., 2., 4., 6., 8.]), [[1, 0, 0, 0], [0, 2, 0, 1]])
    """

    def __init__(self, bucket_us: int, buckets: int, bins: int = 128) -> None:
        if bins < 4:  # noqa: PLR2004 - what the widest range needs while w is a finite number: two on either side of zero
            raise ValueError(f"{bins} value bins: at least 4 are needed")
        self.ring = Ring(bucket_us, buckets)
        self._bins = bins
        self._exponent: int
        self._first: int
        self._counts: Counts
        self._clear()

    @property
    def counts(self) -> Counts:
        """(buckets, n) events per time bucket, oldest first, and value bin, trimmed to the values' range."""
        return self.display(self._bins)[0]

    @property
    def edges(self) -> Floats:
        """(n + 1,) bounds of the value bins; n is 0 while the window holds no value."""
        return self.display(self._bins)[1]

    @property
    def events(self) -> int:
        """Events in the window."""
        return int(self._counts[self.ring.positions].sum())

    @property
    def nbytes(self) -> int:
        """Bytes of its counts."""
        return self._counts.nbytes

    @property
    def coarse(self) -> bool:
        """Whether the values in the window use so few of the bins that a `rebuild` would show much more."""
        used = np.flatnonzero(self._counts.any(axis=0))
        if not len(used):
            return False
        low, high = self._first + int(used[0]), self._first + int(used[-1])
        bound = max(abs(low), abs(high + 1)).bit_length() + self._exponent
        return high - low < self._bins // _COARSE_SHARE and self._exponent > _finest(bound)

    def advance(self, now_us: int) -> None:
        """Let the window end with the bucket that holds `now_us`; never moves backwards."""
        self._counts[self.ring.advance(now_us)] = 0

    def update(self, time_us: Ints, value: Floats) -> None:
        """Take in (n,) events, in any order; values that are not finite are left out."""
        finite = np.isfinite(value)
        if not finite.all():
            time_us, value = time_us[finite], value[finite]
        bucket, held = self.ring.place(time_us)
        value = value[held]
        if not len(value):
            return
        self._cover(float(value.min()), float(value.max()))
        column = np.floor_divide(value, math.ldexp(1.0, self._exponent)).astype(np.int64)
        column -= self._first
        column += bucket % self.ring.capacity * self._bins
        np.add.at(self._counts.reshape(-1), column, 1)

    def rebuild(self, time_us: Ints, value: Floats) -> None:
        """Count (n,) events anew, with bins as fine as they allow; all stays as it is where those are not the events counted so far."""
        late, early = self.ring.late, self.ring.early
        before = self._exponent, self._first, self._counts
        self._clear()
        self.update(time_us, value)
        self.ring.late, self.ring.early = late, early  # none is counted late again
        if self._counts.sum() != before[2].sum():
            self._exponent, self._first, self._counts = before

    def display(self, target: int = 40) -> tuple[Counts, Floats]:
        """(buckets, n) counts and (n + 1,) edges in at most `target` bins, at least half as many where the bins allow.

        All values in one bin: it is widened to about 1 % of the value, or 1 for zero.
        """
        if target < 2:  # noqa: PLR2004 - no bin reaches across zero
            raise ValueError(f"{target} bins to display: at least 2 are needed")
        shown = self._counts[self.ring.positions]
        used = np.flatnonzero(shown.any(axis=0))
        if not len(used):
            return shown[:, :0], np.zeros(1)
        low, high = self._first + int(used[0]), self._first + int(used[-1])
        doublings = 0
        if low == high:
            digits = max(abs(low), abs(low + 1)).bit_length()
            doublings = max(0, -self._exponent if low == 0 else digits - _CONSTANT_BITS)
        while (high >> doublings) - (low >> doublings) >= target:
            doublings += 1
        counts, first = _merged(shown[:, used[0] : used[-1] + 1], low, doublings)
        with np.errstate(over="ignore"):
            edges = np.ldexp(
                np.arange(first, first + counts.shape[1] + 1, dtype=np.float64), self._exponent + doublings
            )
        return counts, np.clip(edges, -_HUGE, _HUGE)

    def _clear(self) -> None:
        self._exponent = _FINEST
        self._first = -(self._bins // 2)
        self._counts = np.zeros((self.ring.capacity, self._bins), np.int32)

    def _cover(self, low: float, high: float) -> None:
        """Make the bins reach from `low` to `high` and over all that is counted, as fine as that allows."""
        width = math.ldexp(1.0, self._exponent)
        if self._first <= low // width and high // width < self._first + self._bins:
            return
        exponent = _finest(math.frexp(max(abs(low), abs(high)))[1])
        used = np.flatnonzero(self._counts.any(axis=0))
        if len(used):
            exponent = max(exponent, self._exponent)
        while True:
            width = math.ldexp(1.0, exponent)
            reach = [int(low // width), int(high // width)]
            if len(used):
                reach += [(self._first + int(column)) >> exponent - self._exponent for column in used[[0, -1]]]
            if max(reach) - min(reach) < self._bins:
                break
            exponent += 1
        counts = np.zeros_like(self._counts)
        first = min(reach) - (self._bins - 1 - max(reach) + min(reach)) // 2
        if len(used):
            old = self._counts[:, used[0] : used[-1] + 1]
            merged, start = _merged(old, self._first + int(used[0]), exponent - self._exponent)
            counts[:, start - first : start - first + merged.shape[1]] = merged
        self._counts, self._first, self._exponent = counts, first, exponent


def _finest(exponent: int) -> int:
    """Exponent of the narrowest bins for values below 2**exponent."""
    return max(_FINEST, exponent - _SIGNIFICANT_BITS)


def _merged(counts: Counts, first: int, doublings: int) -> tuple[Counts, int]:
    """Counts in bins 2**doublings as wide, and the first bin's number then; `first` is its number now."""
    number = np.arange(first, first + counts.shape[1]) >> min(doublings, 63)
    return np.add.reduceat(counts, group_starts(number), axis=1), int(number[0])
