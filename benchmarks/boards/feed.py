"""The events of the peers' boards: 1,000 a second over 5 series, the last 5 minutes from the start.

A pure function of the seed and the clock, and apart from our own sources, so that no peer pays for our code. A process makes
each event once, however many sessions ask: a peer is to pay for its board, not for making its events.
"""

import time
from functools import lru_cache
from typing import TypedDict

import numpy as np

SERIES = ("checkout", "search", "login", "catalog", "payments")
RATE = 1_000
"""Events a second, all series together."""
HELD = 300_000
"""Events a board holds."""
_HELD_S = HELD / RATE
_SEED = 7


class Event(TypedDict):
    """One message as a JSON decoder would hand it over."""

    time: float
    """Seconds since 1970."""
    series: str
    value: float


class Feed:
    """Hands over what has happened: the history at first, then what is new."""

    def __init__(self) -> None:
        self._until_s = 0.0

    def poll(self) -> list[Event]:
        """Events since the last call, oldest first, at most HELD or so."""
        now_s = time.time()
        since_s, self._until_s = max(self._until_s, now_s - _HELD_S), now_s
        return [
            event
            for second in range(int(since_s), int(now_s) + 1)
            for event in _events(second)
            if since_s <= event["time"] < now_s
        ]


@lru_cache(maxsize=HELD // RATE + 1)
def _events(second: int) -> list[Event]:
    """The events of one second since 1970."""
    rng = np.random.default_rng((_SEED, second))
    times = second + (np.arange(RATE) + rng.random(RATE)) / RATE
    series = rng.integers(len(SERIES), size=RATE)
    values = (60 + 10 * series + 20 * np.sin(second / 40 + series)) * rng.lognormal(0, 0.25, RATE)
    return [
        {"time": at, "series": SERIES[index], "value": value}
        for at, index, value in zip(times.tolist(), series.tolist(), values.round(2).tolist(), strict=True)
    ]
