"""The time between samples: what is usual of it, and which buckets it crosses."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from state.frame import Floats, Ints

RECENT = 5
"""A counter's usual interval is the median of so many of its gaps."""
SURE = 3
"""So many gaps tell what is usual."""
_PIECES = 1 << 18
"""Long intervals cross many buckets: they are taken apart so many pieces at a time, to bound the memory."""


class Intervals(NamedTuple):
    """What lies between two samples of one counter: (n,) codes, times in µs and increases; in order of counter and time."""

    counter: Ints
    series: Ints
    start: Ints
    end: Ints
    increase: Floats

    def part(self, first: int, last: int) -> "Intervals":
        """Those from `first` to before `last`."""
        some = slice(first, last)
        return Intervals(self.counter[some], self.series[some], self.start[some], self.end[some], self.increase[some])


def pieces(intervals: Intervals, left: int, bucket_us: int) -> Iterator[tuple[Intervals, Ints, Ints, Ints]]:
    """Some of the intervals at a time, and for each bucket that one crosses: which, the bucket's number, the length in µs in it.

    left  number of the oldest bucket that counts

    >>> one = Intervals(np.array([0]), np.array([0]), np.array([5]), np.array([32]), np.array([1.0]))
    >>> [(bucket.tolist(), length.tolist()) for _, _, bucket, length in pieces(one, 1, 10)]
    [([1, 2, 3], [10, 10, 2])]
    """
    first = np.maximum(intervals.start // bucket_us, left)
    crossed = np.maximum((intervals.end - 1) // bucket_us - first + 1, 0)
    upto = crossed.cumsum()
    begin = 0
    while begin < len(upto):
        before = upto[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(upto, before + _PIECES, side="right")))
        part, some = intervals.part(begin, end), crossed[begin:end]
        which = np.repeat(np.arange(len(some)), some)
        bucket = np.arange(len(which)) - np.repeat(some.cumsum() - some, some) + first[begin:end][which]
        length = np.minimum(part.end[which], (bucket + 1) * bucket_us) - np.maximum(
            part.start[which], bucket * bucket_us
        )
        if len(which):
            yield part, which, bucket, length
        begin = end


def usual_gaps(before: Floats, starts: Ints, gap: Floats) -> tuple[Floats, Floats]:
    """(n,) what had been the usual gap of each sample's counter until then, NaN while it is not sure; (groups, RECENT) the newest gaps.

    before  (groups, RECENT) the newest gaps of each counter before these samples, NaN where there were fewer
    starts  (groups,) where each counter's samples begin
    gap     (n,) time since the sample before, counter by counter; NaN where there is none

    >>> usual, newest = usual_gaps(np.full((1, RECENT), np.nan), np.array([0]), np.array([np.nan, 15, 15, 16, 90]))
    >>> usual, newest
    (array([nan, nan, nan, nan, 15.]), array([[nan, 15., 15., 16., 90.]]))
    """
    ends = np.append(starts[1:], len(gap)) - 1
    group = np.arange(len(starts))
    # Each counter's gaps follow those it had before, so that a look back never leaves the counter.
    places = np.arange(len(gap)) + np.repeat((group + 1) * RECENT, ends - starts + 1)
    gaps = np.full(len(gap) + len(starts) * RECENT, np.nan)
    gaps[places] = gap
    gaps[(starts + group * RECENT)[:, np.newaxis] + np.arange(RECENT)] = before
    view = np.lib.stride_tricks.sliding_window_view(gaps, RECENT)
    return middle(view[places - RECENT], SURE), view[places[ends] - RECENT + 1]


def middle(gaps: Floats, least: int = 1) -> Floats:
    """(n,) the upper median of the numbers in each row of (n, RECENT); NaN where there are fewer than `least`."""
    ordered = np.sort(gaps, axis=1)  # NaN last
    known = np.count_nonzero(~np.isnan(ordered), axis=1)
    place = (known // 2).clip(max=gaps.shape[1] - 1)
    median = np.take_along_axis(ordered, place[:, np.newaxis], axis=1)[:, 0]
    return np.where(known >= least, median, np.nan)
