"""Percentiles per series and time bucket, from counts in logarithmic bins that slide with the window."""

import numpy as np
import numpy.typing as npt

from state.bins import (
    BIN_BITS,
    NO_BINS,
    Bins,
    added,
    bins_of,
    coarser,
    quantiles,
    ranked,
    relative_error,
    together,
)
from state.frame import Floats, Ints
from state.ring import Ring
from state.runs import group_starts

MAX_BINS = 1 << 22
"""Bins in use, all series and buckets together, at 16 bytes each; where more would be needed, all are merged in pairs."""

_MERGES = 6
_PENDING = 1 << 16
_CHANGES = 64
_CODE_BITS = 20  # a million series, and ring positions above them up to 2**23
_CELL_BITS = BIN_BITS + _CODE_BITS


class Sketch:
    """Quantiles per series and time bucket, and per series over the window, within `relative_error` of the exact ones.

    New events cost a logarithm each and their share of a sort. Per-bucket quantiles are kept, and computed anew for the
    buckets that changed; those over the window come from a running sum, to which is added what comes in and from which is
    taken what falls out. The caller owns the ring and says with `slide` that it has moved.

    >>> ring = Ring(bucket_us=10, buckets=2)
    >>> sketch = Sketch(ring)
    >>> sketch.slide(ring.advance(10))
    >>> sketch.add(np.array([0, 1, 1, 1]), np.zeros(4, np.int32), np.array([-5.0, 0.0, 100.0, 1000.0]))
    >>> sketch.cells(0.5, 1)[ring.positions, 0].round(1)
    array([ -5. , 100.2])
    >>> sketch.totals(0.75, 1).round(1)
    array([100.2])
    """

    def __init__(self, ring: Ring, max_bins: int = MAX_BINS) -> None:
        self._ring = ring
        self._max_bins = max_bins
        self._merges = 0
        self._cells = [NO_BINS] * ring.capacity
        self._held = 0
        self._counted = np.zeros(ring.capacity, np.bool_)
        self._total = NO_BINS
        self._changes: list[Bins] = []
        self._pending: list[Ints] = []
        self._waiting = 0
        self._shown: dict[float, Floats] = {}
        self._stale: dict[float, npt.NDArray[np.bool_]] = {}

    @property
    def relative_error(self) -> float:
        """Bound of a quantile's relative error: 0.0025, and about twice that for each time bins had to be merged."""
        return relative_error(self._merges)

    @property
    def nbytes(self) -> int:
        """Bytes of its bins, and of the quantiles that are kept of them."""
        return 16 * (self._held + len(self._total.keys)) + sum(shown.nbytes for shown in list(self._shown.values()))

    def add(self, bucket: Ints, series: npt.NDArray[np.int32], value: Floats) -> None:
        """Count events, in any order: (n,) bucket numbers that the ring holds, series codes and finite values."""
        key = bucket % self._ring.capacity << _CELL_BITS
        key |= series.astype(np.int64) << BIN_BITS
        key |= bins_of(value, self._merges)
        self._pending.append(key)
        self._waiting += len(key)
        if self._waiting >= _PENDING:
            self._settle()

    def slide(self, gone: Ints) -> None:
        """Follow the ring after it advanced: drop the positions `gone`, and count those that the window has reached."""
        self._settle()
        for position in gone[self._counted[gone]]:
            keys, counts = self._cells[position]
            self._change(Bins(keys, -counts))
        for position in gone:
            self._keep(int(position), NO_BINS)
        self._counted[gone] = False
        self._soil(gone)
        inside = self._ring.positions
        for position in inside[~self._counted[inside]]:
            self._change(self._cells[position])
        self._counted[inside] = True

    def merge(self, other: "Sketch", positions: Ints) -> None:
        """Add what `other`, on an equal ring, holds at `positions`."""
        merges, cells = other.held()
        self._settle()
        self._coarsen(max(self._merges, merges))
        for position in positions:
            self._put(int(position), coarser(cells[position], self._merges - merges))
        self._keep_bound()

    def pour(self, codes: Ints, into: int) -> None:
        """Count all that the series `codes` hold to the series `into` from now on."""
        self._settle()
        self._sum()
        self._total = _poured(self._total, codes, into)
        for position, cell in enumerate(self._cells):
            poured = _poured(cell, codes, into)
            if poured is not cell:
                self._keep(position, poured)
                self._soil(position)

    def rest(self, q: float, positions: Ints, without: Ints) -> Floats:
        """(n,) the q-quantile at each of (n,) positions of all series together but those `without`; NaN without an event."""
        self._settle()
        left_out = np.zeros(1 << _CODE_BITS, np.bool_)
        left_out[without] = True
        rows = []
        for row, position in enumerate(positions):
            cell = self._cells[position]
            kept = ~left_out[cell.keys >> BIN_BITS]
            bins = together(Bins(cell.keys[kept], cell.counts[kept]))
            rows.append(Bins(bins.keys | row << BIN_BITS, bins.counts))
        shown = np.full(len(positions), np.nan)
        if rows:
            keys, counts = (np.concatenate(part) for part in zip(*rows, strict=True))
            which, value = quantiles(Bins(keys, counts), q, self._merges)
            shown[which] = value
        return shown

    def held(self) -> tuple[int, list[Bins]]:
        """How often bins were merged, and the bins at each position of the ring, which their keys say the series of."""
        self._settle()
        return self._merges, self._cells

    def cells(self, q: float, series: int) -> Floats:
        """(ring capacity, series) the q-quantile by position and series code; NaN where no event is."""
        self._settle()
        shown = self._shown.get(q)
        if shown is None or shown.shape[1] < series:
            shown = self._shown[q] = np.full((self._ring.capacity, series), np.nan)
            self._stale[q] = np.ones(self._ring.capacity, np.bool_)
        stale = np.flatnonzero(self._stale[q])
        if len(stale):
            self._stale[q][stale] = False
            cells = [self._cells[position] for position in stale]
            keys = np.concatenate([cell.keys for cell in cells])
            keys |= np.repeat(stale << _CELL_BITS, [len(cell.keys) for cell in cells])
            cell, value = quantiles(Bins(keys, np.concatenate([cell.counts for cell in cells])), q, self._merges)
            shown[stale] = np.nan
            shown[cell >> _CODE_BITS, cell & (1 << _CODE_BITS) - 1] = value
        return shown[:, :series]

    def totals(self, q: float, series: int) -> Floats:
        """(series,) the q-quantile over the whole window by series code; NaN where no event is."""
        codes, values = quantiles(self._whole(), q, self._merges)
        shown = np.full(series, np.nan)
        shown[codes] = values
        return shown

    def overall(self, q: npt.ArrayLike) -> Floats:
        """The quantiles `q`, of any shape, over the whole window and all series together; NaN without an event."""
        return ranked(together(self._whole()), np.asarray(q), self._merges)

    def _settle(self) -> None:
        """Move the pending events into their cells."""
        if not self._waiting:
            return
        keys = np.sort(np.concatenate(self._pending))
        self._pending.clear()
        self._waiting = 0
        starts = group_starts(keys)
        counts = np.diff(starts, append=len(keys))
        keys = keys[starts]
        position = keys >> _CELL_BITS
        keys &= (1 << _CELL_BITS) - 1
        bounds = group_starts(position)
        for start, end in zip(bounds, np.append(bounds[1:], len(keys)), strict=True):
            self._put(int(position[start]), Bins(keys[start:end], counts[start:end]))
        self._keep_bound()

    def _put(self, position: int, bins: Bins) -> None:
        self._keep(position, added([self._cells[position], bins]))
        self._soil(position)
        if self._counted[position]:
            self._change(bins)

    def _keep(self, position: int, bins: Bins) -> None:
        self._held += len(bins.keys) - len(self._cells[position].keys)
        self._cells[position] = bins

    def _soil(self, positions: int | Ints) -> None:
        for stale in self._stale.values():
            stale[positions] = True

    def _change(self, bins: Bins) -> None:
        self._changes.append(bins)
        if len(self._changes) > _CHANGES:
            self._sum()

    def _whole(self) -> Bins:
        """The bins of the whole window."""
        self._settle()
        self._sum()
        return self._total

    def _sum(self) -> None:
        self._total = added([self._total, *self._changes])
        self._changes.clear()

    def _keep_bound(self) -> None:
        while self._held > self._max_bins and self._merges < _MERGES:
            self._coarsen(self._merges + 1)

    def _coarsen(self, merges: int) -> None:
        """Merge bins until they have been so many times; nothing may be pending."""
        if merges > self._merges:
            self._sum()
            self._total = coarser(self._total, merges - self._merges)
            self._cells = [coarser(cell, merges - self._merges) for cell in self._cells]
            self._held = sum(len(cell.keys) for cell in self._cells)
            self._merges = merges
            self._soil(np.arange(self._ring.capacity))


def _poured(bins: Bins, codes: Ints, into: int) -> Bins:
    """The bins with those of the series `codes` counted to `into`; the same object where there are none."""
    moved = np.isin(bins.keys >> BIN_BITS, codes)
    if not moved.any():
        return bins
    keys = bins.keys & (1 << BIN_BITS) - 1 | into << BIN_BITS
    return added([Bins(np.where(moved, keys, bins.keys), bins.counts)])
