"""Fewer points that draw the same line: what the eye would see is kept, what it could not is left out."""

import numpy as np

from state.frame import Floats, Ints
from state.runs import group_starts

_RHYTHM = 0.95
_SILENCE = 3


def gap_breaks(time_us: Ints) -> Ints:
    """Positions in (n,) sorted times before which the feed was silent, so that no line should cross.

    Silent is three times as long as 95 % of the steps in time: a steady feed that misses two events, but not the long waits
    that are usual where events come at random.

    >>> gap_breaks(np.array([0, 1, 2, 3, 50, 51, 52]))
    array([4])
    """
    steps = np.diff(time_us)
    usual = steps[steps > 0]
    if not len(usual):
        return np.empty(0, np.int64)
    return np.flatnonzero(steps > _SILENCE * np.quantile(usual, _RHYTHM, method="lower")) + 1


def decimate(time_us: Ints, value: Floats, points: int) -> Ints:
    """Positions, sorted and at most `points`, of the events that draw the same picture as all n; all if n <= points.

    Kept are the first and the last event, the two on either side of the widest gaps (a quarter of the points at the most),
    and the smallest and the largest value of each of so many slices of time as the rest allows. Values may be NaN; those are no extremes.

    Not MinMaxLTTB (Van Der Donckt et al., 2023): its second step, largest triangles, drops extremes that the first found.

    time_us  (n,) sorted
    """
    if points < 2:  # noqa: PLR2004 - the first and the last
        raise ValueError(f"{points} points: at least 2 are needed, for the first and the last event")
    if len(time_us) <= points:
        return np.arange(len(time_us))
    breaks = gap_breaks(time_us)
    widest = breaks[np.argsort(time_us[breaks - 1] - time_us[breaks], kind="stable")[: points // 8]]
    slices = slice_starts(time_us, (points - 2 - 2 * len(widest)) // 2)
    kept = [np.array([0, len(time_us) - 1]), widest - 1, widest]
    kept += [_where_first(value, extreme.reduceat(value, slices), slices) for extreme in (np.fmin, np.fmax)]
    return np.unique(np.concatenate(kept))


def slice_starts(time_us: Ints, slices: int) -> Ints:
    """Where in (n,) sorted times each slice begins, of so many equal ones of their span; without the empty ones."""
    if slices < 1:
        return np.empty(0, np.int64)
    since = time_us - time_us[0]
    return group_starts(since // (since[-1] // slices + 1))


def _where_first(value: Floats, sought: Floats, starts: Ints) -> Ints:
    """For each slice, the first position of the value sought in it; none where that is NaN."""
    lengths = np.diff(starts, append=len(value))
    found = np.flatnonzero(value == np.repeat(sought, lengths)) if len(starts) else starts
    return found[group_starts(np.repeat(starts, lengths)[found])]
