"""How fast counters grow: the increase a second per series and time bucket, from samples of values that only grow."""

import numpy as np
import numpy.typing as npt

from state.choice import MICROSECONDS
from state.frame import Floats, Ints
from state.intervals import RECENT, Intervals, middle, pieces, usual_gaps
from state.ring import Ring
from state.runs import group_starts

Codes = npt.NDArray[np.int32]

LONG = 5.0
"""A gap of more than so many usual intervals is a gap, not an interval."""
PATIENCE = 2.0
"""A counter that has said nothing for so many usual intervals is no longer waited for."""
_NEVER = np.iinfo(np.int64).min


class Counters:
    """Increase a second of series whose values are cumulative counters, over buckets of time.

    Between two samples of one counter the increase is the difference, or the new value where it fell, because a counter
    that restarts begins at 0 (as Prometheus' `rate` has it); it is spread evenly over the time between them. The first sample
    tells nothing. One that is not newer than its counter's newest is left out and counted. A gap longer than five of the
    counter's usual intervals, or than the window, is not bridged: nobody knows what happened in it.

    A bucket's rate is the increase over the time that was observed of it: of the counters of a series, the longest. It is NaN
    where no counter was observed, and where one that still reports may yet add to it: newer buckets than its newest sample.
    Nor is it known before all counters that were there at the beginning have been seen: they do not start, the feed does.

    An update costs time in proportion to the samples and to the buckets between them, a reading to the counters and buckets.

    >>> second = 1_000_000
    >>> counters = Counters(bucket_us=5 * second, buckets=4)
    >>> counters.advance(19 * second)
    >>> one = np.zeros(3, np.int32)
    >>> counters.update(np.array([0, 10, 15]) * second, one, one, np.array([100.0, 150.0, 20.0]))
    >>> counters.rates, counters.values([0])[:, 0]
    (array([nan,  5.,  4.]), array([ 5.,  5.,  4., nan]))
    """

    def __init__(self, bucket_us: int, buckets: int) -> None:
        self.ring = Ring(bucket_us, buckets)
        self.outdated = 0
        """Samples that came after a newer one of their counter."""
        self.skipped = 0
        """Samples without a finite value, or of no counter."""
        self.rates: Floats = np.empty(0)
        """(n,) the increase a second since its counter's sample before, of each sample of the last update; NaN where unknown."""
        self._increase = np.zeros((self.ring.capacity, 1))
        self._observed = np.zeros((self.ring.capacity, 1))
        self._series = np.empty(0, np.int64)
        self._began = np.iinfo(np.int64).max
        self._first = np.empty(0, np.int64)
        self._at = np.empty(0, np.int64)
        self._value = np.empty(0)
        self._gaps = np.empty((0, RECENT))
        self._usual = np.empty(0)
        self._bucket = np.empty(0, np.int64)
        self._covered = np.empty(0)

    @property
    def nbytes(self) -> int:
        """Bytes of its buckets, and of what is known of each counter."""
        return self._increase.nbytes + self._observed.nbytes + self._gaps.nbytes + 7 * self._at.nbytes

    def advance(self, now_us: int) -> None:
        """Let the window end with the bucket that holds `now_us`; never moves backwards."""
        gone = self.ring.advance(now_us)
        if len(gone):
            self._increase[gone] = 0.0
            self._observed[gone] = 0.0
            old = (self._at != _NEVER) & (self._at < self.ring.left * self.ring.bucket_us)
            self._forget(np.flatnonzero(old))

    def update(self, time_us: Ints, counter: Codes, series: Codes, value: Floats) -> None:
        """Take in samples in the order of their arrival. All are (n,).

        time_us  µs since the epoch
        counter  codes from 0; below 0 for a sample of none
        series   codes from 0, the one that the counter counts to
        value    cumulative
        """
        self.rates = np.full(len(time_us), np.nan)
        usable = np.flatnonzero(np.isfinite(value) & (counter >= 0))
        self.skipped += len(time_us) - len(usable)
        _, held = self.ring.place(time_us[usable])
        usable = usable[held]
        if not len(usable):
            return
        self._grow(int(counter[usable].max()) + 1, int(series[usable].max()) + 1)
        order = usable[np.argsort(counter[usable], kind="stable")]
        order = order[self._newer(counter[order].astype(np.int64), time_us[order])]
        self.outdated += len(usable) - len(order)
        if len(order):
            self._take(
                order, counter[order].astype(np.int64), series[order].astype(np.int64), time_us[order], value[order]
            )

    def pour(self, codes: Ints, into: int) -> None:
        """Count all that the series `codes` hold to the series `into` from now on, and nothing to them."""
        self._grow(0, int(max(codes.max(initial=-1), into)) + 1)
        self._increase[:, into] += self._increase[:, codes].sum(axis=1)
        self._observed[:, into] = np.maximum(self._observed[:, into], self._observed[:, codes].max(axis=1, initial=0.0))
        self._increase[:, codes] = self._observed[:, codes] = 0.0
        self._series[np.isin(self._series, codes)] = into

    def active(self) -> npt.NDArray[np.bool_]:
        """(counters,) whether the window holds a sample of the counter."""
        return np.asarray(self._at != _NEVER)

    def series(self) -> Ints:
        """(…) codes of the series that active counters count to."""
        return np.unique(self._series[self.active()])

    def values(self, codes: npt.ArrayLike) -> Floats:
        """(buckets, len(codes)) increase a second per bucket, oldest first, and series; NaN where it is not known."""
        columns = np.asarray(codes, np.intp)
        self._grow(0, int(columns.max(initial=-1)) + 1)
        increase, observed = self._known(columns)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(increase / observed * MICROSECONDS)

    def totals(self) -> Floats:
        """(series capacity,) increase a second over the known part of the window; NaN for a series without one."""
        increase, observed = self._known(np.arange(self._increase.shape[1]))
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(increase.sum(axis=0) / observed.sum(axis=0) * MICROSECONDS)

    def together(self, codes: npt.ArrayLike) -> Floats:
        """(buckets,) increase a second of several series as one; NaN where it is not known of one that still reports."""
        columns = np.asarray(codes, np.intp)
        self._grow(0, int(columns.max(initial=-1)) + 1)
        inside = self.ring.positions[:, np.newaxis]
        increase = self._increase[inside, columns].sum(axis=1)
        observed = self._observed[inside, columns].max(axis=1, initial=0.0)
        since, until = self._complete()
        bucket = np.arange(self.ring.left, self.ring.right + 1)
        complete = until[columns].min(initial=np.iinfo(np.int64).max)
        incomplete = (bucket < since[columns].max(initial=_NEVER)) | ((bucket + 1) * self.ring.bucket_us > complete)
        increase[incomplete] = observed[incomplete] = 0.0
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(increase / observed * MICROSECONDS)

    # Updating

    def _newer(self, counter: Ints, at: Ints) -> npt.NDArray[np.bool_]:
        """(n,) whether each sample, counter by counter in order of arrival, is newer than all before it of its counter."""
        starts = group_starts(counter)
        # One running maximum serves all counters, if each one's times are lifted above those of the counter before.
        known = self._at[counter[starts]]
        base = self.ring.left * self.ring.bucket_us  # older samples are late, older counters forgotten
        span = int(max(at.max(), known.max())) - base + 2
        lift = np.repeat(np.arange(len(starts)) * span, np.diff(starts, append=len(at)))
        since = at - base + 1 + lift
        before = np.empty_like(since)
        before[1:] = np.maximum.accumulate(since)[:-1]
        before[starts] = np.where(known == _NEVER, 0, known - base + 1) + lift[starts]
        return np.asarray(since > np.maximum.accumulate(before))

    def _take(self, order: Ints, counter: Ints, series: Ints, at: Ints, value: Floats) -> None:
        """Take in samples that stand counter by counter, each newer than the one before; `order` says where they came from."""
        starts = group_starts(counter)
        ends = np.append(starts[1:], len(counter)) - 1
        of = counter[starts]
        previous_at, previous = np.empty_like(at), np.empty_like(value)
        previous_at[1:], previous[1:] = at[:-1], value[:-1]
        previous_at[starts], previous[starts] = self._at[of], self._value[of]
        told = previous_at != _NEVER
        self._first[counter[~told]] = at[~told]
        self._began = min(self._began, int(at[~told].min(initial=self._began)))
        gap = np.where(told, at - np.where(told, previous_at, 0), np.nan)
        usual, newest = usual_gaps(self._gaps[of], starts, gap)
        self._gaps[of], self._usual[of] = newest, middle(newest)
        window = self.ring.buckets * self.ring.bucket_us
        bridged = np.flatnonzero(gap <= np.fmin(usual * LONG, window))
        increase = np.where(value >= previous, value - previous, value)[bridged]
        self.rates[order[bridged]] = increase / gap[bridged] * MICROSECONDS
        self._series[of], self._at[of], self._value[of] = series[ends], at[ends], value[ends]
        self._spread(Intervals(counter[bridged], series[bridged], previous_at[bridged], at[bridged], increase))

    def _spread(self, intervals: Intervals) -> None:
        """Add increases to the buckets between the samples."""
        for part, which, bucket, length in pieces(intervals, self.ring.left, self.ring.bucket_us):
            self._add(part, which, bucket, length)

    def _add(self, intervals: Intervals, which: Ints, bucket: Ints, length: Ints) -> None:
        speed = intervals.increase / (intervals.end - intervals.start)
        series, counter = intervals.series[which], intervals.counter[which]
        cell = bucket % self.ring.capacity * self._increase.shape[1] + series
        np.add.at(self._increase.reshape(-1), cell, speed[which] * length)
        # What was observed of a bucket adds up within a counter; of several counters the longest counts.
        starts = group_starts(counter * self.ring.capacity + bucket % self.ring.capacity)
        observed = np.add.reduceat(length.astype(np.float64), starts)
        bucket, counter, cell = bucket[starts], counter[starts], cell[starts]
        observed[self._bucket[counter] == bucket] += self._covered[counter[self._bucket[counter] == bucket]]
        np.maximum.at(self._observed.reshape(-1), cell, observed)
        ends = np.append(group_starts(counter)[1:], len(counter)) - 1
        self._bucket[counter[ends]], self._covered[counter[ends]] = bucket[ends], observed[ends]

    # Reading

    def _known(self, columns: npt.NDArray[np.intp]) -> tuple[Floats, Floats]:
        """(buckets, len(columns)) increase and observed µs of the window, both 0 in buckets that are not complete."""
        inside = self.ring.positions[:, np.newaxis]
        since, until = self._complete()
        bucket = np.arange(self.ring.left, self.ring.right + 1)[:, np.newaxis]
        incomplete = (bucket < since[columns]) | ((bucket + 1) * self.ring.bucket_us > until[columns])
        increase, observed = self._increase[inside, columns], self._observed[inside, columns]
        increase[incomplete] = observed[incomplete] = 0.0
        return increase, observed

    def _complete(self) -> tuple[Ints, Ints]:
        """(series capacity,) the bucket numbers from which, and the instants up to which, all counters of a series are known.

        Those that are silent for longer than two of their usual intervals, while others report, are waited for no longer, and those that were first
        seen so long after the first of all have only begun then.
        """
        since = np.full(self._increase.shape[1], _NEVER)
        until = np.full(self._increase.shape[1], np.iinfo(np.int64).max)
        live = np.flatnonzero(self.active())
        if len(live):
            usual = self._usual[live]
            if np.isnan(usual).any():  # one that has begun just now may be expected when others are
                known = usual[~np.isnan(usual)]
                usual = np.where(np.isnan(usual), np.median(known) if len(known) else np.inf, usual)
            patience = np.maximum(usual * PATIENCE, 2 * self.ring.bucket_us)
            series, at, first = self._series[live], self._at[live], self._first[live]
            due = at.max() - at <= patience  # not the clock: all of a feed may come late
            np.minimum.at(until, series[due], at[due])
            early = first - self._began <= patience
            np.maximum.at(since, series[early], -(-first[early] // self.ring.bucket_us))
        return since, until

    def _forget(self, counters: Ints) -> None:
        self._at[counters] = _NEVER
        self._gaps[counters] = np.nan
        self._usual[counters] = np.nan
        self._bucket[counters] = _NEVER

    def _grow(self, counters: int, series: int) -> None:
        """Make room for codes below these, by doubling."""
        before = len(self._at)
        if counters > before:
            more = (1 << (counters - 1).bit_length()) - before
            self._series = np.concatenate((self._series, np.zeros(more, np.int64)))
            self._first = np.concatenate((self._first, np.full(more, _NEVER)))
            self._at = np.concatenate((self._at, np.full(more, _NEVER)))
            self._value = np.concatenate((self._value, np.zeros(more)))
            self._gaps = np.concatenate((self._gaps, np.full((more, RECENT), np.nan)))
            self._usual = np.concatenate((self._usual, np.full(more, np.nan)))
            self._bucket = np.concatenate((self._bucket, np.full(more, _NEVER)))
            self._covered = np.concatenate((self._covered, np.zeros(more)))
        room = self._increase.shape[1]
        if series > room:
            more = (1 << (series - 1).bit_length()) - room
            self._increase = np.pad(self._increase, ((0, 0), (0, more)))
            self._observed = np.pad(self._observed, ((0, 0), (0, more)))
