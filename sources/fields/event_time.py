"""When an event happened: found among the fields of the message, the record's own timestamp, and the arrival."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sources.batch import RESERVED, TIME, TIME_TYPE, Batch
from sources.fields.instants import (
    Instants,
    holds_epochs,
    is_dates,
    is_number,
    may_be_instants,
    names_zone,
    read,
    unit_of,
)
from sources.fields.offsets import NEAR_UTC_S, runs
from sources.fields.time_names import UNNAMED, certainty, unit_said

RECORD_TIME = "_timestamp"
AHEAD_S = 86_400.0
"""An event further in the future than this has no usable time."""
ENOUGH = 0.5
"""A field is taken for event time when at least this share of its values are plausible instants."""
LOOK_AT = 1000
FIRST_EPOCH_US = int(6.3e14)
"""1990: numbers that mean an earlier time are hardly epochs."""
NEAR_S = 3600.0
"""A number whose name does not say time is an epoch when it is so near to the record's time."""
CLOSER, FARTHEST = 0.25, 7
"""Of names that say the same the nearer to the records is likelier: by so much for each digit of tens of seconds less. All
of them together are less than a name that says more."""
STEADY = 0.9
"""Or when so many of the steps of a field named by one letter do not go back."""

_UNITS = {"s": "seconds", "ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds"}


@dataclass(frozen=True, slots=True)
class TimeField:
    """Which field event time is read from and how.

    name  the field; "" for arrival
    unit  s, ms, us or ns for numbers, "" for instants and text
    zone  of texts that name none; "" where they do
    """

    name: str
    unit: str = ""
    zone: str = ""


@dataclass(frozen=True, slots=True)
class FoundTime:
    """A time field, how sure its name and its values make it (0 for none of the message's own), and what told.

    refused  there is a field that was asked for, or looks like the time, but can't be believed: the user can help
    """

    field: TimeField
    score: float
    why: str
    refused: bool = False


def find_time_field(
    table: pa.Table, arrived: float, zone: str = "", only: str = "", *, days: bool = False
) -> FoundTime:
    """The likeliest time field of these events; the record's timestamp, or name "" for arrival, where there is none.

    A number counts if its name says time, or if it is whole, says nothing, and lies near the record's time: a byte counter may
    well look like an epoch. Texts without a zone are those of `zone`; without one they are believed, as UTC, only if they
    then lie within 7 minutes of the record's time.

    only  look at no other field; it is believed whatever its name says
    days  whether days without a time of day are times where nothing better is: not where a record, or its arrival, says more
    """
    head = table.slice(0, LOOK_AT)
    reference = _reference(head, arrived)
    names = [name for name in head.column_names if name != TIME and not name.startswith(RESERVED)]
    if only:
        names = [only] if only in head.column_names else []
    days = days or bool(only)
    judged = [_judge(name, head[name], arrived, reference, zone, forced=bool(only), days=days) for name in names]
    found = [each for each in judged if each is not None]
    best = max(found, key=lambda each: each.score, default=None)
    if best is not None and best.score > 0:
        return best
    fallback = RECORD_TIME if RECORD_TIME in head.column_names else ""
    stands = "the record's timestamp" if fallback else "the arrival"
    if best is not None:
        why = best.why
    elif only:
        why = f"`{only}` {'holds no time that can be read' if names else 'is in no event so far'}"
    else:
        why = "no field holds a time"
    return FoundTime(TimeField(fallback), 0.0, f"{why}; {stands} stands for it", refused=bool(only) or best is not None)


def is_own(field: TimeField) -> bool:
    """Whether it is a field of the message: neither the record's timestamp nor arrival."""
    return field.name not in ("", RECORD_TIME)


def is_better(found: FoundTime, current: FoundTime) -> bool:
    """Whether `found` is likelier than `current` to be what the producer means, or is `current` read in another way."""
    if is_own(found.field) != is_own(current.field):
        return is_own(found.field)
    if not is_own(found.field):
        # Neither is the events' own. The reason stays, or a feed of two kinds of messages would give another with each batch.
        return (found.field.name != "", found.refused) > (current.field.name != "", current.refused)
    return found.field.name == current.field.name or found.score > current.score


def _reference(table: pa.Table, arrived: float) -> Instants:
    """(n,) where the event times are expected: the records' timestamps, else the arrival."""
    at = np.full(len(table), int(arrived * 1e6))
    if RECORD_TIME not in table.column_names:
        return at
    recorded = read(table[RECORD_TIME])
    return np.where(_plausible(recorded, arrived), recorded, at)


def _judge(  # noqa: PLR0911, PLR0913 - what is known of one field, and a table of guards
    name: str, column: pa.ChunkedArray, arrived: float, reference: Instants, zone: str, *, forced: bool, days: bool
) -> FoundTime | None:
    """A field of instants, with a score of 0 where they name no zone and none is known; None for a field of anything else."""
    if column.null_count == len(column) or pa.types.is_boolean(column.type):
        return None
    if is_number(column) or holds_epochs(column):
        return _judge_numbers(name, column, arrived, reference, forced=forced)
    if pa.types.is_timestamp(column.type):
        return _scored(TimeField(name), column, read(column), arrived, reference, "instants")
    if pa.types.is_string(column.type) and not may_be_instants(column):
        return None
    if not days and pa.types.is_string(column.type) and is_dates(column):
        return None
    if names_zone(column):
        return _scored(
            TimeField(name, "", zone), column, read(column, "", zone), arrived, reference, "text with a zone"
        )
    field = TimeField(name, "", zone or "UTC")
    instants = read(column, "", field.zone, reference)
    read_as = f"text without a zone, read as {field.zone}"
    found = _scored(field, column, instants, arrived + (0.0 if zone else 14 * 3600.0), reference, read_as)
    if found is None or zone:
        return found
    ahead_s = (instants - reference)[_plausible(instants, arrived + 14 * 3600.0)] / 1e6
    if abs(float(np.median(ahead_s))) <= NEAR_UTC_S and not is_dates(column):
        return FoundTime(field, found.score, f"{found.why}, for it then lies within 7 minutes of the records")
    why = f"times in `{name}` name no zone{runs(ahead_s)}: set the time zone, such as Europe/Berlin"
    return FoundTime(field, -1.0 / found.score, why)


def _judge_numbers(
    name: str, column: pa.ChunkedArray, arrived: float, reference: Instants, *, forced: bool
) -> FoundTime | None:
    unit = unit_of(column)
    said = unit_said(name)
    if said and said != unit and not forced:
        return None  # a duration: `response_time_ms` of 1.2e9 is no epoch in seconds
    instants = read(column, unit)
    instants = np.where(instants < FIRST_EPOCH_US, -1, instants)
    why = f"epoch {_UNITS[unit]}"
    if forced:
        return _scored(TimeField(name, unit), column, instants, arrived, reference, why)
    sure = certainty(name)
    if sure <= UNNAMED:
        near = np.abs(instants - reference) <= NEAR_S * 1e6
        ordered = instants[_plausible(instants, arrived)]
        steady = len(ordered) > 20 and float((np.diff(ordered) >= 0).mean()) >= STEADY  # noqa: PLR2004 - steps enough
        single = len(name.rsplit(".", 1)[-1]) == 1
        # With a fraction it must be near: so large a number with one is hardly ever anything else then.
        steady = steady and not pa.types.is_floating(column.type)
        if sure < 0 or not (near.mean() > ENOUGH or (single and steady)):
            return None
        why += ", near the record's time" if near.mean() > ENOUGH else ", growing steadily"
    return _scored(TimeField(name, unit), column, instants, arrived, reference, why)


def _scored(  # noqa: PLR0913, PLR0917 - what is known of one field
    field: TimeField, column: pa.ChunkedArray, instants: Instants, arrived: float, reference: Instants, why: str
) -> FoundTime | None:
    plausible = _plausible(instants, arrived)
    given = len(column) - column.null_count
    if np.count_nonzero(plausible) <= ENOUGH * given:
        return None
    score = max(10.0, 50.0 + certainty(field.name) - field.name.count("."))
    # Of an event's several times the one that follows the records is likelier its own than one that stands still.
    offset = float(np.median(np.abs(instants - reference)[plausible]))
    score += 15.0 * (offset <= NEAR_S * 1e6) + 20.0 * given / len(column)
    score += CLOSER * (FARTHEST - min(FARTHEST, len(str(int(offset) // 10_000_000))))
    still = len(column) >= LOOK_AT // 50 and len(np.unique(instants[plausible])) == 1
    score += 1.0 * (not still)
    score -= 30.0 * (still and offset > NEAR_S * 1e6)
    score -= 40.0 * (pa.types.is_string(column.type) and is_dates(column))
    return FoundTime(field, max(score, 1.0), f"`{field.name}` holds {why}")


def _plausible(instants: Instants, arrived: float) -> npt.NDArray[np.bool_]:
    return np.asarray((instants > 0) & (instants <= int((arrived + AHEAD_S) * 1e6)), np.bool_)


def event_times(batch: Batch, chosen: TimeField) -> tuple[Instants, npt.NDArray[np.bool_]]:
    """(n,) event time of each row, microseconds UTC, and (n,) whether it is the row's own.

    A row whose time is absent, unreadable, without a zone, before 1970 or over a day ahead is placed at its record's timestamp,
    else at its arrival.
    """
    table = batch.table
    if not chosen.name:
        return np.full(len(table), int(batch.arrived * 1e6)), np.ones(len(table), np.bool_)
    instants, timed = _usable(table, chosen, batch.arrived)
    if timed.all():
        return instants, timed
    usable = timed
    if chosen.name != RECORD_TIME:
        recorded, recorded_usable = _usable(table, TimeField(RECORD_TIME), batch.arrived)
        instants = np.where(usable, instants, recorded)
        usable = usable | recorded_usable
    return np.where(usable, instants, int(batch.arrived * 1e6)), timed


def _usable(table: pa.Table, chosen: TimeField, arrived: float) -> tuple[Instants, npt.NDArray[np.bool_]]:
    if chosen.name not in table.column_names:
        return np.zeros(len(table), np.int64), np.zeros(len(table), np.bool_)
    column = table[chosen.name]
    # The field may change its type mid-stream: numbers by the unit found first, anything else by what it is now.
    number = is_number(column) or (bool(chosen.unit) and holds_epochs(column))
    near = _reference(table, arrived) if chosen.zone else None
    instants = read(column, chosen.unit if number else "", chosen.zone, near)
    return instants, _plausible(instants, arrived)


def with_event_time(table: pa.Table, instants: Instants) -> pa.Table:
    """The table with event time as its first column."""
    return table.add_column(0, TIME, pa.array(instants).cast(TIME_TYPE))
