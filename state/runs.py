"""Runs of equal values in ordered arrays: what a vectorised group-by stands on."""

import numpy as np

from state.frame import Ints


def group_starts(ordered: Ints) -> Ints:
    """(groups,) where each run of equal values begins, as `np.ufunc.reduceat` wants it.

    >>> group_starts(np.array([3, 3, 5, 7, 7]))
    array([0, 2, 3])
    """
    changes = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=changes[1:])
    return np.flatnonzero(changes)
