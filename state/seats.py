"""Which series have one of the few places on a chart, and keep it."""

from collections.abc import Sequence

import numpy as np

from state.choice import MICROSECONDS
from state.frame import SLOTS, Floats, Ints

LEAD = 1.5
"""An unseated series must be so many times as active as the one whose seat it takes."""
LOOKS = 3
"""It must be so on so many looks in a row."""
LOOK_US = MICROSECONDS
"""Looks are at least so far apart in event time, however often the board is drawn."""


class Seats:
    """Seats of a chart, each with a series' code or None.

    Who sits keeps the seat, and so the colour, while it is active. A free seat goes to the most active without one, an occupied one
    only to a series that has been half as active again for some seconds, and one at a time: two that are equal but for chance never swap.

    kept  names whose series sit in this order, each in its own place, if they sit at all

    >>> seats = Seats(2)
    >>> names = ["fan", "pump", "saw"]
    >>> seats.update(0, np.array([0, 1]), np.array([5.0, 9.0, 0.0]), names)
    >>> seats.slots
    [0, 1]
    >>> for second in range(1, 4):
    ...     seats.update(second * 1_000_000, np.array([0, 1, 2]), np.array([5.0, 9.0, 8.0]), names)
    >>> seats.slots
    [2, 1]
    """

    def __init__(self, seats: int = SLOTS, kept: Sequence[str] = ()) -> None:
        self.slots: list[int | None] = [None] * seats
        self._kept = kept
        self._looked_us: int | None = None
        self._ahead: dict[int, int] = {}

    def update(self, now_us: int, active: Ints, events: Floats, names: Sequence[str]) -> None:
        """Seat series anew.

        now_us  the board's clock
        active  codes of the series that may sit
        events  (series capacity,) activity by code
        names   by code; who gets a seat at the same time sits in their order
        """
        present = set(active.tolist())
        self.slots = [code if code in present else None for code in self.slots]
        waiting = present.difference(self.slots)
        free = self.slots.count(None)
        if free and waiting:
            busiest = active[np.argsort(-events[active], kind="stable")].tolist()
            chosen = [code for code in busiest if code in waiting][:free]
            waiting.difference_update(chosen)
            self._fill(sorted(chosen, key=lambda code: names[code]), names)
        if waiting:
            self._look(now_us, waiting, events)
        else:
            self._ahead.clear()

    def _fill(self, chosen: list[int], names: Sequence[str]) -> None:
        for slot, name in enumerate(self._kept[: len(self.slots)]):
            own = next((code for code in chosen if names[code] == name), None)
            if own is not None and self.slots[slot] is None:
                self.slots[slot] = own
                chosen.remove(own)
        unkept = range(len(self._kept), len(self.slots))
        for slot in (*unkept, *range(min(len(self._kept), len(self.slots)))):
            if self.slots[slot] is None and chosen:
                self.slots[slot] = chosen.pop(0)

    def _look(self, now_us: int, waiting: set[int], events: Floats) -> None:
        """Compare those without a seat with the least active that has one; exchange them if it has been so for long enough."""
        if self._looked_us is not None and now_us - self._looked_us < LOOK_US:
            return
        self._looked_us = now_us
        seated = [code for code in self.slots if code is not None]
        weakest = min(seated, key=lambda code: events[code])
        ahead = [code for code in waiting if events[code] > LEAD * events[weakest]]
        self._ahead = {code: self._ahead.get(code, 0) + 1 for code in ahead}
        ready = [code for code, looks in self._ahead.items() if looks >= LOOKS]
        if ready:
            newcomer = max(ready, key=lambda code: (events[code], -code))
            self.slots[self.slots.index(weakest)] = newcomer
            del self._ahead[newcomer]
