"""The newest events of one series, as they came."""

from collections import deque

import numpy as np

from state.decimate import decimate
from state.frame import Floats, Ints

RAW_EVENTS = 2000
"""The newest so many events of one series are shown raw."""
RAW_POINTS = 240
"""Drawn at half the page's width, at most one point per 2 px."""


class Raw:
    """The `RAW_EVENTS` newest events, in order of arrival.

    >>> raw = Raw()
    >>> raw.update(np.array([20, 10]), np.array([2.0, 1.0]))
    >>> raw.points(0, 30, RAW_POINTS)
    (array([10, 20]), array([1., 2.]), 2)
    """

    def __init__(self) -> None:
        self._parts: deque[tuple[Ints, Floats]] = deque()
        self._events = 0

    def update(self, time_us: Ints, value: Floats) -> None:
        """Take in (n,) events; values that are not finite are left out."""
        finite = np.isfinite(value)
        if not finite.any():
            return
        self._parts.append((time_us[finite][-RAW_EVENTS:], value[finite][-RAW_EVENTS:]))
        self._events += len(self._parts[-1][0])
        while self._events - len(self._parts[0][0]) >= RAW_EVENTS:
            self._events -= len(self._parts.popleft()[0])

    def clear(self) -> None:
        """Forget all."""
        self._parts.clear()
        self._events = 0

    def points(self, from_us: int, to_us: int, most: int) -> tuple[Ints, Floats, int]:
        """Times and values of at most so many points, and how many events they stand for; by event time, decimated for drawing."""
        if not self._parts:
            return np.empty(0, np.int64), np.empty(0), 0
        at = np.concatenate([at for at, _ in self._parts])[-RAW_EVENTS:]
        value = np.concatenate([value for _, value in self._parts])[-RAW_EVENTS:]
        young = (at >= from_us) & (at <= to_us)
        at, value = at[young], value[young]
        order = np.argsort(at, kind="stable")
        at, value = at[order], value[order]
        kept = decimate(at, value, most)
        return at[kept], value[kept], len(at)
