"""Which time the events of a feed carry, and how it runs beside ours."""

import math
from collections import deque

import numpy as np
import pyarrow as pa

from sources.batch import TIME, Batch, Timed
from sources.fields.event_time import FoundTime, TimeField, event_times, find_time_field, is_better, is_own
from sources.fields.instants import Instants
from sources.zones import is_zone
from state.choice import MICROSECONDS

LEARN_EVENTS = 1000
"""While fewer events were read, a likelier time field may still take the place of the first one found."""
GIVE_UP_EVENTS = 100
"""After so many events in a row without a time in that field, it was renamed or is gone."""
DELAYS, OF_ONE_BATCH = 100, 5
RIGHT = 0.1
"""`behind_s` is told by so many delays, of which a batch of any size gives so many: it is the smallest but for such a share of them.
An odd event or two do not move it; and where producers' clocks differ, those that are right count, few as they may be."""
ODD_LEAD_S = 10.0
"""An event so much further ahead of the clock than the feed's events are is no watermark."""


class EventClock:
    """Reads the event times of a feed, batch by batch. One odd message moves neither the time field nor the watermark.

    time  the field that holds the event time; "" to find it
    zone  the zone of times that name none, such as `Europe/Berlin`; "" for none
    """

    def __init__(self, time: str = "", zone: str = "") -> None:
        self.untimed = 0
        """Events without a usable time of their own so far."""
        self.newest_us: int | None = None
        """The newest credible event time so far: the watermark."""
        self.behind_s = 0.0
        """Clock minus event time at arrival, of the events that are least off."""
        self._time, self._zone = time, zone if is_zone(zone) else ""
        self._found = FoundTime(TimeField(""), 0.0, "no event has come yet")
        self._events = 0
        self._timeless = 0
        self._delays: deque[float] = deque(maxlen=DELAYS)

    @property
    def field(self) -> TimeField:
        """Where event time is read from; name "" for arrival."""
        return self._found.field

    @property
    def why(self) -> str:
        """What told, and what to do where the events' own time is not believed."""
        return self._found.why

    @property
    def refused(self) -> bool:
        """Whether a time of the events' own is not believed, and the settings could mend that."""
        return self._found.refused

    def read(self, batch: Batch) -> Instants:
        """(n,) event times of the rows of a batch that has some, microseconds UTC."""
        if batch.timed is not None:
            return self._as_told(batch, batch.timed)
        asked_for = self._time in batch.table.column_names and not is_own(self.field)
        if self._events < LEARN_EVENTS or asked_for:
            found = self._find(batch)
            if self._events == 0 or is_better(found, self._found):
                self._found = found
        self._events += len(batch)
        instants, timed = event_times(batch, self.field)
        self._timeless = 0 if timed.any() else self._timeless + len(batch)
        if self._timeless >= GIVE_UP_EVENTS:
            found = self._find(batch)
            if is_own(found.field):
                self._found, self._timeless = found, 0
                instants, timed = event_times(batch, found.field)
        self.untimed += int(np.count_nonzero(~timed))
        # A row placed at its record's time or its arrival says nothing of the others' time, unless there is no other.
        self._follow(instants if self._timeless >= GIVE_UP_EVENTS else instants[timed], batch.arrived)
        return instants

    def _as_told(self, batch: Batch, timed: Timed) -> Instants:
        """The event times that the source has settled on."""
        self._found = FoundTime(TimeField(timed.field), 0.0, timed.why, timed.refused)
        self._events += len(batch)
        self.untimed += timed.untimed
        instants: Instants = batch.table[TIME].cast(pa.int64()).to_numpy()
        self._follow(instants, batch.arrived)
        return instants

    def _find(self, batch: Batch) -> FoundTime:
        return find_time_field(batch.table, batch.arrived, self._zone, self._time)

    def _follow(self, instants: Instants, arrived: float) -> None:
        if not len(instants):
            return
        some = min(len(instants), OF_ONE_BATCH)
        ranks = (2 * np.arange(some) + 1) * len(instants) // (2 * some)
        self._delays.extend((arrived - np.partition(instants, ranks)[ranks] / MICROSECONDS).tolist())
        self.behind_s = sorted(self._delays, key=abs)[math.ceil(RIGHT * (len(self._delays) - 1))]
        latest = (arrived + max(0.0, -self.behind_s) + ODD_LEAD_S) * MICROSECONDS
        credible = instants[instants <= latest]
        if self.newest_us is not None and self.newest_us > latest:
            self.newest_us = None  # of a clock that was ahead, and no longer is the feed's
        if len(credible):
            self.newest_us = max(self.newest_us or 0, int(credible.max()))
