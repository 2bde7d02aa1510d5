"""When the events of a recording happened: as it says itself, or found in its first events."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sources.batch import TIME, Batch
from sources.fields.event_time import AHEAD_S, TimeField, event_times, find_time_field, is_own
from sources.fields.instants import Instants, is_dates
from sources.replay_part import Origin

UNTIMED_US = 100_000
"""Events of which none has a time follow each other at this distance, a tenth of a second."""


@dataclass(frozen=True, slots=True)
class Happened:
    """When the events of a piece happened.

    at     (n,) microseconds since the epoch; where an event has no usable time of its own, that of the one before it
    timed  (n,) whether the time is its own
    """

    at: Instants
    timed: npt.NDArray[np.bool_]


class Times:
    """Reads the times of a recording's events, in order. What is learnt of its first events holds for all.

    now   seconds since the epoch: what is more than a day ahead of it is no time
    zone  of times that name none; "" to read them as UTC, and say so
    only  the field to read them from; "" to find it
    """

    def __init__(self, first: pa.Table, origin: Origin | None, now: float, zone: str = "", only: str = "") -> None:
        self._now = now
        self._last = 0
        self._own = TIME in first.column_names
        self._field = TimeField("")
        self.refused = False
        if self._own:
            self.field, told = (origin.field, origin.why) if origin else ("", "")
            self.why = f"as recorded: {told or self.field or 'arrival'}"
            return
        found = find_time_field(first, now, zone, only, days=True)
        if not is_own(found.field) and found.refused and not zone:
            as_utc = find_time_field(first, now, "UTC", only, days=True)
            if is_own(as_utc.field):
                found, self.refused = as_utc, True
        self._field, self.field, self.why = found.field, found.field.name, found.why
        if self.refused and is_dates(first[self.field]):  # no day is wrong by more than its zone, and most name none
            self.refused = False
            self.why = f"`{self.field}` holds days, which begin at midnight UTC: set the time zone if it is another"
        elif self.refused:
            self.why = f"times in `{self.field}` name no zone and are read as UTC: set the time zone if it is another"
        elif not is_own(found.field):
            self.refused = found.refused
            self.why = f"{found.why.partition('; the arrival')[0]}: the events follow each other at a tenth of a second"

    @property
    def untimed(self) -> bool:
        """Whether no event has a time: then they are numbered, UNTIMED_US apart."""
        return not self._own and not is_own(self._field)

    def rewind(self) -> None:
        """The first events come again."""
        self._last = 0

    def suits(self, table: pa.Table) -> bool:
        """Whether the events of another file have their times in the same place."""
        if self._own or TIME in table.column_names:
            return self._own and TIME in table.column_names
        return self.untimed or self.field in table.column_names

    def read(self, table: pa.Table) -> Happened:
        """The times of the rows that come next."""
        rows = len(table)
        if self.untimed:
            at = self._last + UNTIMED_US * np.arange(1, rows + 1, dtype=np.int64)
            self._last = int(at[-1]) if rows else self._last
            return Happened(at, np.ones(rows, np.bool_))
        if self._own:
            instants = np.asarray(table[TIME].cast(pa.int64()).to_numpy(), np.int64)
            timed = (instants > 0) & (instants <= int((self._now + AHEAD_S) * 1e6))
        else:
            instants, timed = event_times(Batch(table, self._now), self._field)
        if not timed.all():
            # (n,) the last row up to each that has a time; before the first of them, that one
            place = np.maximum.accumulate(np.where(timed, np.arange(rows), -1))
            first = int(instants[timed][0]) if timed.any() else int(self._now * 1e6)
            instants = np.where(place >= 0, instants[place], self._last or first)
        self._last = int(instants[-1]) if rows else self._last
        return Happened(instants, timed)
