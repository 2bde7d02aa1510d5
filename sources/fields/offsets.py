"""How far clocks that name no zone run from the arrival, as a time zone would explain it."""

import numpy as np
import numpy.typing as npt

NEAR_UTC_S = 7 * 60.0
"""Times without a zone are believed as UTC when they lie so near: the smallest step between zones is 15 minutes."""
QUARTER_S = 900
FURTHEST_S = 14 * 3600
"""No zone is further from UTC."""
STEADY_S = 120.0
"""Times of live events lie about so near to a whole offset."""
MOST = 0.9


def runs(ahead_s: npt.NDArray[np.float64]) -> str:
    """How (n,) times run against their records, where it is by one offset that a zone may have; "" where it is not.

    >>> runs(np.array([7199.0, 7201.0])), runs(np.array([-19800.0])), runs(np.array([7199.0, 500.0]))
    (' and run 2 h ahead of arrival', ' and run 5 h 30 min behind arrival', '')
    """
    if not len(ahead_s):
        return ""
    offset = round(float(np.median(ahead_s)) / QUARTER_S) * QUARTER_S
    if not 0 < abs(offset) <= FURTHEST_S or (np.abs(ahead_s - offset) <= STEADY_S).mean() < MOST:
        return ""
    hours, minutes = divmod(abs(offset) // 60, 60)
    length = " ".join([f"{hours} h"] * (hours > 0) + [f"{minutes} min"] * (minutes > 0))
    return f" and run {length} {'ahead of' if offset > 0 else 'behind'} arrival"
