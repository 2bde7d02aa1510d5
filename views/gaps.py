"""When a series is silent, and when it merely reports less often than a bucket is wide."""

import numpy as np
import numpy.typing as npt

from state.choice import MICROSECONDS
from state.frame import Frame, Ints

USUAL_STEPS = 3
"""A gap of up to so many times the distance that 95 % of a series' values keep is no silence."""

Flags = npt.NDArray[np.bool_]


def usual_gap(known: Ints) -> float:
    """The longest distance, in buckets, at which two values belong together; `known` is where the values stand."""
    if len(known) < 3:  # noqa: PLR2004 - two values have one distance, and nothing to compare it with
        return 1.0
    steps = np.sort(np.diff(known))
    return USUAL_STEPS * float(steps[int(0.95 * (len(steps) - 1))])  # numpy's `lower`, which takes it thrice as long


def polled_gap(frame: Frame) -> float:
    """How many buckets USUAL_STEPS polls take, in which nobody knows whether a series is silent; 0 where nothing is polled."""
    delivery = frame.health.delivery
    return USUAL_STEPS * delivery.every_s * MICROSECONDS / frame.choice.bucket_us if delivery else 0.0


def bridged(values: npt.NDArray[np.floating]) -> Flags:
    """(n,) which buckets without a value stand in a gap that is usual for this series, so that its line passes over.

    A series that reports every ten seconds has nine empty buckets between two values, and is not silent for that.

    >>> nan = np.nan
    >>> bridged(np.array([1, nan, 2, nan, 3, nan, nan, nan, nan, nan, nan, 4])).nonzero()
    (array([1, 3]),)
    """
    known = np.flatnonzero(np.isfinite(values))
    after = np.searchsorted(known, np.arange(len(values)))
    gap = np.concatenate(([np.inf], np.diff(known), [np.inf]))[after] if len(known) else np.full(len(values), np.inf)
    return np.asarray(np.isnan(values) & (gap <= usual_gap(known)), np.bool_)
