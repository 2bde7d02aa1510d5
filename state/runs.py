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


def stable_order(key: Ints) -> Ints:
    """Stable argsort; keys that span 16 bits take numpy's radix sort, several times faster than the merge sort."""
    low = key.min()
    if key.max() - low < 1 << 16:
        return np.argsort((key - low).astype(np.uint16), kind="stable")
    return np.argsort(key, kind="stable")
