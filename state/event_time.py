"""When an event happened: found among the fields of the message, the record's own timestamp, and the arrival."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sources.batch import RESERVED, Batch
from state.tables import TIME, TIME_TYPE

RECORD_TIME = "_timestamp"
NAMES = ("time", "timestamp", "@timestamp", "ts", "event_time", "datetime", "date", "t")
"""Names that mean event time, the likeliest first; then any name that ends in one of them, in `_at` or in a unit."""
ENDINGS = (
    "time",
    "timestamp",
    "_ts",
    ".ts",
    "_at",
    "time_ms",
    "time_us",
    "time_ns",
    "ts_ms",
    "ts_us",
    "ts_ns",
    "date",
    "epoch",
)
AHEAD_S = 86_400.0
"""An event further in the future than this has no usable time."""
ENOUGH = 0.5
"""A field is taken for event time when at least this share of its values are plausible instants."""
LOOK_AT = 1000

Instants = npt.NDArray[np.int64]
NOT_A_TIME = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class TimeField:
    """Which field event time is read from and how: `unit` is s, ms, us or ns for numbers, "" for instants and ISO text."""

    name: str
    unit: str = ""


def find_time_field(table: pa.Table, arrived: float) -> TimeField:
    """The likeliest time field of these events; the record's timestamp, or name "" for arrival, where there is none.

    A number counts only if its name says so: a byte counter may well look like an epoch. ISO text without a zone is
    taken as UTC.
    """
    head = table.slice(0, LOOK_AT)
    candidates = [name for name in head.column_names if not name.startswith(RESERVED)]
    for name in sorted(candidates, key=_rank):
        found = _as_time_field(name, head[name], arrived)
        if found is not None:
            return found
    return TimeField(RECORD_TIME if RECORD_TIME in head.column_names else "")


def is_own(field: TimeField) -> bool:
    """Whether it is a field of the message: neither the record's timestamp nor arrival."""
    return field.name not in ("", RECORD_TIME)


def is_better(found: TimeField, current: TimeField) -> bool:
    """Whether `found` is likelier than `current` to be what the producer means, or is `current` in another unit."""
    if is_own(found) != is_own(current):
        return is_own(found)
    if not is_own(found):
        return bool(found.name)
    return found.name == current.name or _rank(found.name) < _rank(current.name)


def _rank(name: str) -> int:
    last = name.lower().rsplit(".", 1)[-1]
    if last in NAMES:
        return NAMES.index(last)
    return len(NAMES) if last.endswith(ENDINGS) else len(NAMES) + 1


def _as_time_field(name: str, column: pa.ChunkedArray, arrived: float) -> TimeField | None:
    given = len(column) - column.null_count
    if not given:
        return None
    numeric = pa.types.is_integer(column.type) or pa.types.is_floating(column.type)
    if pa.types.is_boolean(column.type) or (numeric and _rank(name) > len(NAMES)):
        return None
    unit = _unit(column) if numeric else ""
    instants = _read(column, unit)
    plausible = np.count_nonzero(_plausible(instants, arrived))
    return TimeField(name, unit) if plausible > ENOUGH * given else None


def _unit(column: pa.ChunkedArray) -> str:
    """The unit in which an epoch of this size falls between 1973 and 5138: the four ranges do not overlap."""
    size = abs(float(pc.approximate_median(column).as_py() or 0.0))
    for unit, limit in (("s", 1e11), ("ms", 1e14), ("us", 1e17)):
        if size < limit:
            return unit
    return "ns"


def _read(column: pa.ChunkedArray, unit: str) -> Instants:
    """Microseconds since the epoch; NOT_A_TIME where there is none."""
    if pa.types.is_timestamp(column.type):
        instants = column.cast(pa.int64())
        return np.asarray((instants.fill_null(NOT_A_TIME) if instants.null_count else instants).to_numpy(), np.int64)
    if pa.types.is_string(column.type):
        return _read_text(column)
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        return np.full(len(column), NOT_A_TIME)
    per_unit = {"s": 1e6, "ms": 1e3, "us": 1.0, "ns": 1e-3}[unit or "s"]
    with np.errstate(over="ignore"):  # infinity is no time either
        scaled = np.asarray(column.cast(pa.float64(), safe=False).to_numpy(), np.float64) * per_unit
    usable = np.abs(scaled) < 2.0**62
    return np.where(usable, np.where(usable, scaled, 0.0).round().astype(np.int64), NOT_A_TIME)


def _read_text(column: pa.ChunkedArray) -> Instants:
    # "2020" is ISO 8601 too, but a feed that says so means a label
    column = pc.if_else(pc.match_substring_regex(column, r"^\d{4}-\d\d-\d\d"), column, pa.scalar(None, pa.string()))
    try:
        return _read(column.cast(TIME_TYPE), "")
    except pa.ArrowInvalid:  # one of them is no ISO instant, or has no zone: pandas judges each on its own
        parsed = pd.to_datetime(
            pd.Series(column.to_pylist(), dtype=object), format="ISO8601", utc=True, errors="coerce"
        )
        instants = parsed.dt.as_unit("us").astype("int64").to_numpy()
        return np.where(parsed.isna().to_numpy(), NOT_A_TIME, instants)


def _plausible(instants: Instants, arrived: float) -> npt.NDArray[np.bool_]:
    return np.asarray((instants > 0) & (instants <= int((arrived + AHEAD_S) * 1e6)), np.bool_)


def event_times(batch: Batch, chosen: TimeField) -> tuple[Instants, npt.NDArray[np.bool_]]:
    """(n,) event time of each row, microseconds UTC, and (n,) whether it is the row's own.

    A row whose time is absent, unreadable, before 1970 or over a day ahead is placed at its record's timestamp, else at its
    arrival.
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
    instants = _read(column, chosen.unit)
    return instants, _plausible(instants, arrived)


def with_event_time(table: pa.Table, instants: Instants) -> pa.Table:
    """The table with event time as its first column."""
    return table.add_column(0, TIME, pa.array(instants).cast(TIME_TYPE))
