"""Who watches the boards of this process."""

import threading
import time
from collections.abc import Callable
from weakref import WeakKeyDictionary

AWAY_S = 5.0
"""Whoever has drawn nothing for two refreshes and so long beyond watches no more."""


class Audience:
    """The viewers whose boards move. Holds none of them alive; safe on any thread.

    >>> class Viewer: ...
    >>> now, one, other = [0.0], Viewer(), Viewer()
    >>> audience = Audience(lambda: now[0])
    >>> audience.watch(one, refresh_s=1), audience.watch(other, refresh_s=60), audience.count()
    (None, None, 2)
    >>> now[0] = 8
    >>> audience.count()
    1
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until: WeakKeyDictionary[object, float] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def watch(self, viewer: object, refresh_s: float) -> None:
        """Say that a viewer is there, and how often it will say so."""
        with self._lock:
            self._until[viewer] = self._clock() + 2 * refresh_s + AWAY_S

    def count(self) -> int:
        """How many watch now. Takes time in proportion to them."""
        now = self._clock()
        with self._lock:
            return sum(until > now for until in self._until.values())
