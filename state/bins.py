"""Sparse counts in logarithmic bins, from which any quantile can be read within a bounded relative error.

This is the heart of DDSketch (Masson, Rim and Lee: "DDSketch: A fast and fully-mergeable quantile sketch with
relative-error guarantees", VLDB 2019), for many distributions at once: bin i counts the values in (g^(i-1), g^i], and with
g = (1 + a) / (1 - a) the bin's middle is within the share a of each of them. Negative values mirror the positive ones, zero
has its own bin. All of float64 is covered without clamping, but that magnitudes below 2.2e-308 count as that.

Bins can be merged in pairs, which squares g and about doubles a, as in UDDSketch (Epicoco et al., IEEE Access 2020).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from state.frame import Floats, Ints
from state.runs import group_starts

ACCURACY = 0.0025
"""Relative error of a quantile, as long as no bins had to be merged."""

BIN_BITS = 20
"""A key holds the bin in so many of its lowest bits, biased so that bins sort as their values do."""

_DENSE = 4
"""A range of so many times the keys is still counted bin by bin."""

_BIN = (1 << BIN_BITS) - 1
_ZERO = 1 << BIN_BITS - 1
_ONE = 1 << BIN_BITS - 2
_TINY = float(np.finfo(np.float64).tiny)
_HUGE = float(np.finfo(np.float64).max)


class Bins(NamedTuple):
    """Counts by key, sorted by key: which distribution in the upper bits, its bin in the lowest."""

    keys: Ints
    counts: Ints


NO_BINS = Bins(np.empty(0, np.int64), np.empty(0, np.int64))


def relative_error(merges: int) -> float:
    """Bound of a quantile's relative error after bins were merged so many times."""
    return float(np.tanh(_log_base(merges) / 2))


def bins_of(value: Floats, merges: int) -> Ints:
    """(n,) bins of (n,) finite values."""
    index = np.ceil(np.log(np.maximum(np.abs(value), _TINY)) / _log_base(merges))
    index += _ONE
    index *= np.sign(value)
    return index.astype(np.int64) + _ZERO


def quantiles(bins: Bins, q: float, merges: int) -> tuple[Ints, Floats]:
    """Each distribution that `bins` holds, in order, and its q-quantile by nearest rank (SQL's PERCENTILE_DISC).

    That is the smallest value which a share q of the values does not exceed; q is between 0 and 1.
    """
    _check(q)
    which = bins.keys >> BIN_BITS
    starts = group_starts(which)
    upto = np.concatenate(([0], bins.counts.cumsum()))
    before = upto[starts]
    count = np.diff(before, append=upto[-1:])
    at = np.searchsorted(upto[1:], before + _rank(q, count))
    return which[starts], _middles(bins.keys[at] & _BIN, merges)


def ranked(bins: Bins, q: Floats, merges: int) -> Floats:
    """The quantiles `q`, of any shape, of the one distribution that `bins` holds; NaN where that is empty."""
    _check(q)
    if not len(bins.keys):
        return np.full(np.shape(q), np.nan)
    upto = bins.counts.cumsum()
    return _middles(bins.keys[np.searchsorted(upto, _rank(q, upto[-1]))] & _BIN, merges)


def _check(q: npt.ArrayLike) -> None:
    if not np.all((np.asarray(q) >= 0) & (np.asarray(q) <= 1)):
        raise ValueError(f"a quantile of {q!r}: it must lie between 0 and 1")


def _rank(q: npt.ArrayLike, count: npt.ArrayLike) -> Ints:
    """By nearest rank, from 1."""
    return np.maximum(np.ceil(np.multiply(q, count) - 1e-9), 1).astype(np.int64)


def added(parts: Sequence[Bins]) -> Bins:
    """The bins of all parts together, without those that come to nothing; what is taken away has negative counts."""
    keys = np.concatenate([part.keys for part in parts])
    if not len(keys):
        return NO_BINS
    order = keys.argsort(kind="stable")
    keys = keys[order]
    starts = group_starts(keys)
    counts = np.add.reduceat(np.concatenate([part.counts for part in parts])[order], starts)
    kept = np.flatnonzero(counts)
    return Bins(keys[starts[kept]], counts[kept])


def together(bins: Bins) -> Bins:
    """All distributions as one."""
    key = bins.keys & _BIN
    if not len(key):
        return NO_BINS
    low = int(key.min())
    if int(key.max()) - low >= _DENSE * len(key):
        return added([Bins(key, bins.counts)])
    # Counting into every bin of the range is several times faster than sorting. Counts are whole, so floats are exact.
    counts = np.bincount(key - low, bins.counts)
    used = np.flatnonzero(counts)
    return Bins(used + low, counts[used].astype(np.int64))


def coarser(bins: Bins, merges: int) -> Bins:
    """The bins that the same values have after so many more merges."""
    keys = bins.keys
    for _ in range(merges):
        signed = (keys & _BIN) - _ZERO
        keys = (keys & ~_BIN) + np.sign(signed) * (_ONE - (_ONE - np.abs(signed)) // 2) + _ZERO
    return added([Bins(keys, bins.counts)])


def _log_base(merges: int) -> float:
    return float(2 * np.arctanh(ACCURACY) * 2**merges)


def _middles(bins: Ints, merges: int) -> Floats:
    """The value of each bin that is within the relative error of all values in it."""
    signed = bins - _ZERO
    exponent = (np.abs(signed) - _ONE) * _log_base(merges) + np.log1p(-relative_error(merges))
    with np.errstate(over="ignore"):
        middles: Floats = np.sign(signed) * np.minimum(np.exp(exponent), _HUGE)
    return middles
