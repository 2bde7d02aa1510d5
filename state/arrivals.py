"""How fast events arrive."""

import threading
import time
from collections import deque
from collections.abc import Callable

OVER_S = 5.0


class Arrivals:
    """Events a second over the last few seconds. One thread updates; any thread may read.

    >>> now = iter([0.0, 1.0, 2.0, 2.0])
    >>> arrivals = Arrivals(clock=lambda: next(now))
    >>> arrivals.update(100), arrivals.update(10), arrivals.update(10)
    (None, None, None)
    >>> arrivals.rate()
    10.0
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._recent: deque[tuple[float, int]] = deque()
        self._lock = threading.Lock()

    def update(self, events: int) -> None:
        """So many events have just arrived."""
        with self._lock:
            self._recent.append((self._clock(), events))
            while self._recent[0][0] < self._recent[-1][0] - OVER_S:
                self._recent.popleft()

    def clear(self) -> None:
        """Forget: what was read so far, such as history, says nothing of the rate."""
        with self._lock:
            self._recent.clear()

    def rate(self) -> float:
        """Events a second."""
        now = self._clock()
        with self._lock:
            recent = [(at, events) for at, events in self._recent if at > now - OVER_S]
        if len(recent) < 2:  # noqa: PLR2004 - a rate takes two moments
            return sum(events for _, events in recent) / OVER_S
        # The first arrival opens the span; its events came before it. The last one closes it, until the next is overdue.
        span, gaps = recent[-1][0] - recent[0][0], len(recent) - 1
        overdue = max(0.0, now - recent[-1][0] - 2 * span / gaps)
        return sum(events for _, events in recent[1:]) / max(span + overdue, 0.1)
