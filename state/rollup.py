"""Running aggregates per series and time bucket, fed with new events only."""

from typing import Literal

import numpy as np
import numpy.typing as npt

from state.choice import MICROSECONDS
from state.frame import Floats, Ints
from state.partial import COUNT, FIELDS, LAST_AT, MAX, MIN, aggregate, combined, nothing, of_groups, of_rows
from state.ring import Ring
from state.runs import group_starts, stable_order
from state.sketch import Sketch

Codes = npt.NDArray[np.int32]

ADDITIVE = frozenset({"count", "rate", "sum"})
"""Aggregates of which an empty bucket has 0: nothing happened, which is a fact and not a gap."""

PERCENTILES = {"p50": 0.50, "p95": 0.95, "p99": 0.99}

_NOTHING = nothing(1)[:, 0]
_NEVER, _EVER = np.iinfo(np.int64).max, np.iinfo(np.int64).min
_FEW = 8


class Rollup:
    """Count, sum, mean, min, max, last, standard deviation, rate and percentiles per series and time bucket.

    An update costs time in proportion to the new events; a reading costs time in proportion to the buckets and series
    read, never to the events they stand for. See `Ring` for the window, late and early events. Series are codes 0, 1, 2 …
    as a `SeriesIndex` gives them; memory is 56 bytes for each bucket and series. Percentiles are kept only if asked for by
    `quantiles`, of each series or of all together: see `Sketch` for their error and memory.

    - `mean`, `min`, `max`, `last`, `std` and percentiles are NaN in a bucket without an event.
    - `count`, `sum` and `rate` are 0 there, from the series' first event on (as a silent pump pumps 0 litres), and NaN
      before it (nobody knew of the pump), as long as the window holds an event of that series.
    - `std` is the sample standard deviation, as in SQL and pandas: NaN for a single event.
    - `rate` is events a second of the bucket's width, so the newest bucket's still grows.
    - `last` is by event time; at equal times the later arrival wins.
    - Percentiles are kept between the bucket's own minimum and maximum, so that of equal values they are exact.

    >>> second = 1_000_000
    >>> rollup = Rollup(bucket_us=second, buckets=3)
    >>> rollup.advance(2 * second)
    >>> times, pump, fan = np.array([0, 1, 2]) * second, 0, 1
    >>> rollup.update(times, np.array([pump, fan, pump], np.int32), np.array([1.0, 7.0, 3.0]))
    >>> rollup.values("mean", [pump, fan])
    array([[ 1., nan],
           [nan,  7.],
           [ 3., nan]])
    >>> rollup.values("count", [pump, fan])
    array([[ 1., nan],
           [ 0.,  1.],
           [ 1.,  0.]])
    >>> rollup.overall("sum")
    11.0
    """

    def __init__(self, bucket_us: int, buckets: int, *, quantiles: Literal["each", "all"] | None = None) -> None:
        self.ring = Ring(bucket_us, buckets)
        self.sketch = Sketch(self.ring) if quantiles else None
        self.quantiles = quantiles
        self._cells = nothing(self.ring.capacity, _FEW)
        self._held = np.zeros(_FEW)
        self._first = np.full(_FEW, _NEVER)
        self.skipped = 0
        self.stamps = np.zeros(self.ring.capacity, np.int64)
        """(ring capacity,) when the cells at each position last changed, as the number of the change."""
        self._changes = 0

    @property
    def nbytes(self) -> int:
        """Bytes of its cells."""
        return self._cells.nbytes + (0 if self.sketch is None else self.sketch.nbytes)

    @property
    def late(self) -> int:
        """Events that came after their bucket had left the window."""
        return self.ring.late

    @property
    def early(self) -> int:
        """Events too far ahead of the clock to be kept."""
        return self.ring.early

    @property
    def times_us(self) -> Ints:
        """(buckets,) starts of the buckets, oldest first, µs since the epoch."""
        return self.ring.times_us

    def advance(self, now_us: int) -> None:
        """Let the window end with the bucket that holds `now_us`; never moves backwards."""
        gone = self.ring.advance(now_us)
        if len(gone):
            self._held -= self._cells[COUNT, gone].sum(axis=0)
            self._first[self._held == 0] = _NEVER
            self._cells[:, gone] = nothing(1, 1)
            self._stamp(gone)
            if self.sketch is not None:
                self.sketch.slide(gone)

    def update(self, time_us: Ints, series: Codes, value: Floats) -> None:
        """Take in events, in any order. All three are (n,); values that are not finite are counted as skipped.

        time_us  µs since the epoch
        series   codes from 0
        """
        finite = np.isfinite(value)
        if not finite.all():
            self.skipped += int(len(value) - finite.sum())
            time_us, series, value = time_us[finite], series[finite], value[finite]
        bucket, held = self.ring.place(time_us)
        if not len(bucket):
            return
        time_us, series, value = time_us[held], series[held], value[held]
        self._grow(int(series.max()) + 1)
        if self.sketch is not None:
            self.sketch.add(bucket, series if self.quantiles == "each" else np.zeros_like(series), value)

        order, starts = self._cellwise(time_us, series, bucket)
        offset = (time_us - bucket * self.ring.bucket_us)[order]
        firsts = order[starts]
        self._fold(bucket[firsts], series[firsts], of_groups(starts, offset, value[order]))

    def update_rows(self, time_us: Ints, series: Codes, rows: Floats) -> None:
        """Take in rows that are aggregates already, in any order: merged as they are, never averaged again.

        Rows that stand for no event are left out; those whose count or sum is no finite number are counted as skipped.
        Percentiles and the spread are those of the rows' means. Minima and maxima are missing where no row says them.

        time_us  (n,) µs since the epoch
        series   (n,) codes from 0
        rows     (4, n) count, sum, min and max of each row
        """
        count, total = rows[0], rows[1]
        usable = np.isfinite(count) & np.isfinite(total) & (count > 0)
        self.skipped += int(len(count) - np.count_nonzero(usable | (count == 0)))
        time_us, series, rows = time_us[usable], series[usable], rows[:, usable]
        bucket, held = self.ring.place(time_us)
        if not len(bucket):
            return
        time_us, series, rows = time_us[held], series[held], rows[:, held]
        self._grow(int(series.max()) + 1)
        if self.sketch is not None:
            self.sketch.add(
                bucket, series if self.quantiles == "each" else np.zeros_like(series), np.divide(rows[1], rows[0])
            )
        order, starts = self._cellwise(time_us, series, bucket)
        offset = (time_us - bucket * self.ring.bucket_us)[order]
        firsts = order[starts]
        self._fold(bucket[firsts], series[firsts], of_rows(starts, offset, rows[:, order]))

    def remember(self, time_us: Ints, series: Codes) -> None:
        """Learn from (n,) events older than the window, of (n,) series codes, since when the series have been known.

        As if the window had slid over them: one that was silent for a whole window in between has begun anew.
        """
        if not len(series):
            return
        self._grow(int(series.max()) + 1)
        newest = np.full(len(self._held), _EVER)
        np.maximum.at(newest, series, time_us // self.ring.bucket_us)
        known = (self._held > 0) & (newest > _EVER)
        known[known] = self._first[known] - newest[known] < self.ring.buckets
        self._first[known] = np.minimum(self._first[known], newest[known])

    def pour(self, codes: Ints, into: int) -> None:
        """Count all that the series `codes` hold to the series `into` from now on, and nothing to them."""
        self._grow(int(max(codes.max(initial=-1), into)) + 1)
        for code in codes:
            part = self._cells[:, :, code]
            self._stamp(np.flatnonzero(part[COUNT]))
            self._cells[:, :, into] = combined(self._cells[:, :, into], part)
            self._cells[:, :, code] = nothing(1)
        self._held[into] += self._held[codes].sum()
        self._first[into] = min(self._first[into], self._first[codes].min(initial=_NEVER))
        self._held[codes], self._first[codes] = 0, _NEVER
        if self.sketch is not None and self.quantiles == "each":
            self.sketch.pour(codes, into)

    def merge(self, other: "Rollup") -> None:
        """Take in all that `other`, of the same buckets and series codes, has seen; at equal times its last value wins."""
        ring, theirs = self.ring, other.ring
        if (ring.bucket_us, ring.buckets) != (theirs.bucket_us, theirs.buckets):
            raise ValueError("rollups of different buckets cannot be merged")
        if self.quantiles != other.quantiles:
            raise ValueError("rollups that keep other quantiles cannot be merged")
        self.advance(theirs.right * theirs.bucket_us)
        bucket, series, part = other.partials()
        _, held = ring.place(bucket * ring.bucket_us, part[COUNT].astype(np.int64))
        self._grow(int(series.max(initial=-1)) + 1)
        self._fold(bucket[held], series[held], part[:, held])
        if self.sketch is not None and other.sketch is not None:
            self.sketch.merge(other.sketch, np.unique(bucket[held] % ring.capacity))
        ring.late += theirs.late
        ring.early += theirs.early
        self.skipped += other.skipped

    def partials(self) -> tuple[Ints, Codes, Floats]:
        """Bucket numbers (n,), series codes (n,) and partial aggregates (FIELDS, n) of all cells that hold an event."""
        position, series = np.nonzero(self._cells[COUNT])
        bucket = self.ring.left + (position - self.ring.left) % self.ring.capacity
        return bucket, series.astype(np.int32), self._cells[:, position, series]

    def values(self, agg: str, codes: npt.ArrayLike) -> Floats:
        """(buckets, len(codes)) one aggregate per bucket, oldest first, and series; see the class for empty buckets."""
        columns = np.asarray(codes, np.intp)
        self._grow(int(columns.max(initial=-1)) + 1)
        rows = self.ring.positions[:, np.newaxis]
        if agg in PERCENTILES:
            shown = self._quantiles(each=True).cells(PERCENTILES[agg], len(self._held))[rows, columns]
            return _between(shown, self._cells[MIN, rows, columns], self._cells[MAX, rows, columns])
        shown = aggregate(counted(agg), lambda field: self._cells[field, rows, columns][np.newaxis])
        if agg not in ADDITIVE:
            return shown
        known = np.arange(self.ring.left, self.ring.right + 1)[:, np.newaxis] >= self._first[columns]
        shown[np.isnan(shown) & known] = 0.0
        return shown / self._seconds(1) if agg == "rate" else shown

    def totals(self, agg: str) -> Floats:
        """(series capacity,) one aggregate over the whole window per series, NaN for a series without an event in it.

        A rate is over the buckets since the series' first event, or all if that has left the window.
        """
        if agg in PERCENTILES:
            shown = self._quantiles(each=True).totals(PERCENTILES[agg], len(self._held))
            return _between(shown, self.totals("min"), self.totals("max"))
        total = aggregate(counted(agg), self._window)
        return total / self._seconds(self._known_buckets(self._first)) if agg == "rate" else total

    def overall(self, agg: str) -> float:
        """One aggregate over the whole window and all series together; NaN without an event."""
        if agg in PERCENTILES:
            return float(self.quantile(PERCENTILES[agg]))
        total = float(aggregate(counted(agg), lambda field: self._window(field).ravel()))
        return total / float(self._seconds(self._known_buckets(self._first.min()))) if agg == "rate" else total

    def quantile(self, q: npt.ArrayLike, series: int | None = None) -> Floats:
        """The quantiles `q`, of any shape, of all values in the window, of one series or of all; NaN without an event."""
        if series is None:
            inside = self.ring.positions
            least, most = np.fmin.reduce(self._cells[MIN, inside], None), np.fmax.reduce(self._cells[MAX, inside], None)
            return _between(self._quantiles().overall(q), least, most)
        self._grow(series + 1)
        found = [self._quantiles(each=True).totals(each, len(self._held))[series] for each in np.ravel(q)]
        return _between(np.reshape(found, np.shape(q)), self.totals("min")[series], self.totals("max")[series])

    def rest(self, agg: str, positions: Ints, without: Ints) -> Floats:
        """(n,) one aggregate at each of (n,) positions of the ring of all series together but the codes `without`; NaN without an event."""

        def field(which: int) -> Floats:
            block = self._cells[which, positions]
            block[:, without] = _NOTHING[which]
            return np.asarray(block.T)

        if agg in PERCENTILES:
            shown = self._quantiles(each=True).rest(PERCENTILES[agg], positions, without)
            return _between(shown, aggregate("min", field), aggregate("max", field))
        shown = aggregate(counted(agg), field)
        return shown / self._seconds(1) if agg == "rate" else shown

    def known(self, without: Ints) -> npt.NDArray[np.bool_]:
        """(buckets,) whether any series but the codes `without` had its first event by then."""
        first = np.delete(self._first, without).min(initial=_NEVER)
        return np.asarray(np.arange(self.ring.left, self.ring.right + 1) >= first)

    @property
    def held(self) -> Floats:
        """(series capacity,) events that the window and the headroom hold of each series."""
        return self._held

    def active(self) -> npt.NDArray[np.bool_]:
        """(series capacity,) whether the window, or the headroom before it, holds an event of the series."""
        return self._held > 0

    def _fold(self, bucket: Ints, series: Codes, part: Floats) -> None:
        """Combine partials, (n,) of distinct cells that the ring holds, into those cells."""
        cell = (bucket % self.ring.capacity) * len(self._held) + series
        flat = self._cells.reshape(FIELDS, -1)
        flat[:, cell] = combined(flat[:, cell], part)
        self._held += np.bincount(series, part[COUNT], len(self._held))
        np.minimum.at(self._first, series, bucket)
        self._stamp(bucket % self.ring.capacity)

    def _stamp(self, positions: Ints) -> None:
        self._changes += 1
        self.stamps[positions] = self._changes

    def _cellwise(self, time_us: Ints, series: Codes, bucket: Ints) -> tuple[Ints, Ints]:
        """The order in which (n,) events stand cell by cell, in each by time, and where in it the cells begin."""
        by_time = None
        if (time_us[1:] < time_us[:-1]).any():
            by_time = time_us.argsort(kind="stable")
            series, bucket = series[by_time], bucket[by_time]
        key = bucket - bucket[0]
        key *= len(self._held)
        key += series
        order = stable_order(key)
        starts = group_starts(key[order])
        return (order if by_time is None else by_time[order]), starts

    def _quantiles(self, *, each: bool = False) -> Sketch:
        if self.sketch is None or (each and self.quantiles != "each"):
            raise ValueError("this rollup does not keep these percentiles: see `quantiles`")
        return self.sketch

    def _window(self, field: int) -> Floats:
        """(buckets, series capacity) one field of the window; the last event's time is since the window's start."""
        block = self._cells[field, self.ring.positions]
        if field == LAST_AT:
            block += np.arange(self.ring.buckets)[:, np.newaxis] * float(self.ring.bucket_us)
        return np.asarray(block)

    def _known_buckets(self, first: Ints | np.int64) -> Ints:
        """How many of the window's buckets are not older than `first`."""
        return self.ring.right + 1 - np.clip(first, self.ring.left, self.ring.right)

    def _seconds(self, buckets: npt.ArrayLike) -> Floats:
        return np.multiply(buckets, self.ring.bucket_us / MICROSECONDS)

    def _grow(self, series: int) -> None:
        """Make room for codes below `series`, by doubling."""
        before = len(self._held)
        if series <= before:
            return
        room = 1 << (series - 1).bit_length()
        cells = nothing(self.ring.capacity, room)
        cells[:, :, :before] = self._cells
        self._cells = cells
        self._held = np.concatenate((self._held, np.zeros(room - before)))
        self._first = np.concatenate((self._first, np.full(room - before, _NEVER)))


def _between(value: Floats, low: npt.ArrayLike, high: npt.ArrayLike) -> Floats:
    """(…) kept from `low` to `high`, where those are known; NaN stays."""
    return np.asarray(np.where(np.isnan(value), value, np.fmin(np.fmax(value, low), high)))


def counted(agg: str) -> str:
    """The aggregate of partials that `agg` is made from."""
    return "count" if agg == "rate" else agg
