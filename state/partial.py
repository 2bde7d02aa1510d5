"""Partial aggregates: a few numbers that stand for any set of events, and two sets' numbers combine into their union's.

A block of partials is one float64 array of shape (FIELDS, …). The spread is kept as the sum of squared deviations from the
mean and combined by Chan, Golub and LeVeque ("Updating formulae and a pairwise algorithm for computing sample variances",
1979), because a sum of squares loses every digit once the mean is large beside the spread.
"""

from collections.abc import Callable

import numpy as np

from state.frame import Floats, Ints

COUNT, SUM, SPREAD, MIN, MAX, LAST, LAST_AT = range(7)
FIELDS = 7

_QUIET = np.errstate(divide="ignore", invalid="ignore", over="ignore")
"""No events have no mean, and the sum of huge values is infinite: both are answers and no reason for a warning."""

_EXTREMES = {"min": (np.fmin, MIN), "max": (np.fmax, MAX)}
_NOTHING = np.array([0.0, 0.0, 0.0, np.nan, np.nan, np.nan, -np.inf])


def nothing(*shape: int) -> Floats:
    """(FIELDS, *shape) partials of no events."""
    block = np.empty((FIELDS, *shape))
    block[:] = _NOTHING.reshape(FIELDS, *(1,) * len(shape))
    return block


@_QUIET
def of_groups(starts: Ints, at: Ints, value: Floats) -> Floats:
    """(FIELDS, groups) partials of events that stand group by group, in the order of time within each.

    starts  (groups,) where each group begins; the first is 0, none is empty
    at      (n,) event times on any scale the caller combines on
    value   (n,) finite
    """
    ends = np.append(starts[1:], len(value))
    count = ends - starts
    part = np.empty((FIELDS, len(starts)))
    part[COUNT] = count
    np.add.reduceat(value, starts, out=part[SUM])
    deviation = value - np.repeat(part[SUM] / count, count)
    deviation *= deviation
    np.add.reduceat(deviation, starts, out=part[SPREAD])
    np.minimum.reduceat(value, starts, out=part[MIN])
    np.maximum.reduceat(value, starts, out=part[MAX])
    part[LAST] = value[ends - 1]
    part[LAST_AT] = at[ends - 1]
    return part


@_QUIET
def of_rows(starts: Ints, at: Ints, rows: Floats) -> Floats:
    """(FIELDS, groups) partials of rows that are aggregates already, group by group, in the order of time within each.

    The last value is the newest row's mean, and the spread that of the rows' means: what is within a row it does not say.

    starts  (groups,) where each group begins; the first is 0, none is empty
    at      (n,) times on any scale the caller combines on
    rows    (4, n) count, above 0, sum, min and max of each row; min and max are NaN where the row does not say
    """
    count, total, low, high = rows
    ends = np.append(starts[1:], len(count))
    part = np.empty((FIELDS, len(starts)))
    np.add.reduceat(count, starts, out=part[COUNT])
    np.add.reduceat(total, starts, out=part[SUM])
    deviation = total / count - np.repeat(part[SUM] / part[COUNT], ends - starts)
    np.add.reduceat(count * deviation**2, starts, out=part[SPREAD])
    np.fmin.reduceat(low, starts, out=part[MIN])
    np.fmax.reduceat(high, starts, out=part[MAX])
    part[LAST] = (total / count)[ends - 1]
    part[LAST_AT] = at[ends - 1]
    return part


@_QUIET
def combined(old: Floats, new: Floats) -> Floats:
    """(FIELDS, …) partials of `old` and `new` together; at equal times the last value is the new one's."""
    both = old + new
    gap = new[SUM] / new[COUNT] - old[SUM] / old[COUNT]
    gap *= gap * (old[COUNT] * new[COUNT] / both[COUNT])
    both[SPREAD] += np.where((old[COUNT] > 0) & (new[COUNT] > 0), gap, 0.0)
    np.fmin(old[MIN], new[MIN], out=both[MIN])
    np.fmax(old[MAX], new[MAX], out=both[MAX])
    later = new[LAST_AT] >= old[LAST_AT]
    both[LAST:] = np.where(later, new[LAST:], old[LAST:])
    return both


@_QUIET
def aggregate(agg: str, field: Callable[[int], Floats]) -> Floats:
    """One aggregate of each column of a block whose fields have shape (n, …): an array of shape (…), NaN where no event is.

    agg    `count`, `sum`, `mean`, `std`, `min`, `max` or `last`
    field  gives a field of the block, so that only what the aggregate needs is gathered
    """
    if agg in _EXTREMES:
        keep, extreme = _EXTREMES[agg]
        return np.asarray(keep.reduce(field(extreme)))
    if agg == "last":
        newest = field(LAST_AT).argmax(axis=0)
        return np.asarray(np.take_along_axis(field(LAST), newest[np.newaxis], axis=0)[0])
    counts = field(COUNT)
    count = counts.sum(axis=0)
    if agg == "count":
        return np.where(count > 0, count, np.nan)
    sums = field(SUM)
    total = sums.sum(axis=0)
    if agg == "sum":
        return np.where(count > 0, total, np.nan)
    mean = np.asarray(total / count)
    return mean if agg == "mean" else _deviation(counts, sums, field(SPREAD), mean)


def _deviation(counts: Floats, sums: Floats, spreads: Floats, mean: Floats) -> Floats:
    """Sample standard deviation of (n, …) partials together, NaN for fewer than two events."""
    count = counts.sum(axis=0)
    between = np.where(counts > 0, counts * (sums / counts - mean) ** 2, 0.0)
    return np.asarray(np.sqrt((spreads + between).sum(axis=0) / np.where(count > 1, count - 1, np.nan)))
