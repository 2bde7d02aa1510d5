"""How many events a name may have: a token bucket."""

import time
from collections.abc import Callable

EVENTS_PER_S = 50_000
"""As many as one post may hold, so that each can be accepted some time."""


class Rate:
    """So many events a second, and as many at once.

    >>> now = 0.0
    >>> rate = Rate(100, lambda: now)
    >>> rate.take(80), rate.take(80)
    (True, False)
    >>> now = 0.7
    >>> rate.take(80)
    True
    """

    def __init__(self, per_s: float = EVENTS_PER_S, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_s = per_s
        self._clock = clock
        self._left = float(per_s)
        self._at = clock()

    def take(self, events: int) -> bool:
        """Whether there may be so many more now; then they count."""
        now = self._clock()
        self._left = min(self._per_s, self._left + (now - self._at) * self._per_s)
        self._at = now
        if events > self._left:
            return False
        self._left -= events
        return True
