"""How often a feed that is up to date is read."""

import math
import time

from state.watchers import Watchers

BEAT_S = (0.1, 1.0)
"""The shortest and the longest time between two reads, if no tick asks for one."""
READ_S = 0.005
"""Reads come so often that one takes about so long: more often costs more, and no tick would show it."""


class Beat:
    """Follows how much of its time the thread works that reads; that thread updates it.

    >>> beat, watchers = Beat(), Watchers()
    >>> watchers.look(0.4)
    True
    >>> beat.busy = 0.1
    >>> beat.every_s(watchers)
    0.1
    """

    def __init__(self) -> None:
        self.busy = READ_S / BEAT_S[0]
        """The share of its time that the thread works, of late."""
        self._at = time.monotonic()
        self._used = 0.0

    def update(self) -> None:
        """A read is done."""
        now, used = time.monotonic(), time.thread_time()
        self.busy += (min(1.0, (used - self._used) / max(now - self._at, 1e-3)) - self.busy) / 4
        self._at, self._used = now, used

    def every_s(self, watchers: Watchers) -> float:
        """Seconds between reads: the freshest refresh that is wanted, or the part of it that makes reads short."""
        shortest, longest = BEAT_S
        most = max(shortest, min(longest, READ_S / max(self.busy, 1e-6)))
        refresh = watchers.freshest(longest)
        return refresh / math.ceil(refresh / most)
