"""How far back a board must look to show a course and not a point."""

import numpy as np

from sources.durations import parse_duration
from state.frame import Ints
from state.growth import Codes

LADDER = ("5m", "15m", "1h", "6h", "1d", "7d", "30d", "90d", "365d", "1095d", "3650d", "7300d")
"""The windows that are chosen from. The shortest does for whatever comes faster."""
POINTS = 20
"""So many events of a usual series fit in the window, or all that there are."""


def usual_window(times_us: Ints, series: Codes) -> str:
    """The shortest window in which a usual series has POINTS events, by the median distance of its neighbours, or all events fit.

    times_us, series  (n,) event times in any order, and a number for each event's series

    >>> minutes = np.arange(600) * 60_000_000
    >>> usual_window(minutes, np.zeros(600, np.int64)), usual_window(minutes, np.arange(600) % 10)
    ('1h', '6h')
    """
    order = np.lexsort((times_us, series))
    distances = np.diff(times_us[order])[np.diff(series[order]) == 0]
    distances = distances[distances > 0]
    if not len(distances):
        return LADDER[0]
    needed_s = min(POINTS * float(np.median(distances)), float(np.ptp(times_us))) / 1e6
    return next((window for window in LADDER if parse_duration(window) >= needed_s), LADDER[-1])
