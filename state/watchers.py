"""Who watches a feed, and how fresh they want it."""

import time
from collections.abc import Callable, Hashable

KEPT_S = 5.0
"""Who has not asked for so long, besides twice the refresh that they wanted, has gone."""


class Watchers:
    """Told of each look, from any thread; it forgets who has gone.

    >>> watchers = Watchers(clock=lambda: 0.0)
    >>> watchers.look(1.0, "ann"), watchers.look(5.0, "bob"), watchers.look(1.0, "ann")
    (True, True, False)
    >>> watchers.count, watchers.freshest(30.0)
    (2, 1.0)
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since = clock()
        self._looks: dict[tuple[float, Hashable], float] = {}

    def look(self, refresh_s: float, who: Hashable = None) -> bool:
        """Somebody looks, and wants to every `refresh_s` seconds; True if that is new."""
        self._since = self._clock()
        new = (refresh_s, who) not in self._looks
        self._looks[refresh_s, who] = self._since
        return new

    @property
    def idle_s(self) -> float:
        """How long nobody has looked, in seconds."""
        return self._clock() - self._since

    @property
    def unwatched_s(self) -> float:
        """For how long nobody has looked who should have by now, in seconds; 0 while somebody does."""
        return 0.0 if self._there() else self.idle_s

    @property
    def count(self) -> int:
        """How many have a name: a recorder has none."""
        return len({who for _, who in self._there()} - {None})

    def freshest(self, most_s: float) -> float:
        """The shortest refresh that is wanted, in seconds; `most_s` where nobody is there."""
        there = self._there()
        for gone in self._looks.keys() - there:
            self._looks.pop(gone, None)
        return min((refresh_s for refresh_s, _ in there), default=most_s)

    def _there(self) -> set[tuple[float, Hashable]]:
        now = self._clock()
        return {look for look, at in list(self._looks.items()) if now - at <= 2 * look[0] + KEPT_S}
