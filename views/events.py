"""Newest events, as they came."""

import pyarrow as pa

from sources.batch import RESERVED, TIME
from state.frame import Frame
from views.inspector import HEIGHT, ordered, still
from views.numbers import plain
from views.panel import Panel, Payload, Table, no_events

COLUMNS = 9
"""At most so many beside the time: more would leave each too narrow to read."""
_CELL = 60


def prepare(frame: Frame) -> Payload:
    """The time, what the board is about, the message's other fields, then those of the transport."""
    events = frame.newest
    if not events.num_rows or TIME not in events.column_names:
        return no_events(frame, HEIGHT)
    shown = _most_telling(ordered(events, frame.choice)[1:])
    return Table(
        columns=("time", *shown),
        rows=tuple(zip(*(_cells(events[name]) for name in (TIME, *shown)), strict=True)),
        muted=sum(name.startswith(RESERVED) for name in shown),
        now_us=frame.now_us,
    )


def _most_telling(names: list[str]) -> list[str]:
    """The first columns, the message's before the transport's; of room that is short, the message has two thirds."""
    message = [name for name in names if not name.startswith(RESERVED)]
    transport = [name for name in names if name.startswith(RESERVED)][: max(COLUMNS // 3, COLUMNS - len(message))]
    return message[: COLUMNS - len(transport)] + transport


def _cells(column: pa.ChunkedArray) -> list[str | int]:
    if pa.types.is_timestamp(column.type):
        return ["" if us is None else us for us in column.cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_pylist()]
    if pa.types.is_boolean(column.type):
        return [{None: "", True: "true", False: "false"}[value] for value in column.to_pylist()]
    return [_text(value) for value in column.to_pylist()]


def _text(value: object) -> str:
    if isinstance(value, float):
        return plain(value)
    text = "" if value is None else str(value)
    return text if len(text) <= _CELL else text[: _CELL - 1] + "…"


PANEL = Panel("events", "Newest events", "table_rows", "full", prepare, rest_s=0.5, still=still)
