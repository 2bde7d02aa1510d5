"""Newest events, as they came."""

import pyarrow as pa
import pyarrow.compute as pc

from sources.batch import RESERVED
from state.frame import Frame
from views.numbers import number
from views.panel import Panel, Payload, Table, no_events

COLUMNS = 9
"""At most so many beside the time: more would leave each too narrow to read."""
_CELL = 60
HEIGHT = 320
TIME = "_time"


def prepare(frame: Frame) -> Payload:
    """Message fields first, then those of the transport."""
    events = frame.newest
    if not events.num_rows:
        return no_events(frame, HEIGHT)
    names = sorted((name for name in events.column_names if name != TIME), key=lambda name: name.startswith(RESERVED))
    shown = _most_telling(names)
    columns = [_texts(events[name]) for name in shown]
    times = pc.cast(events[TIME], pa.int64()).to_pylist() if TIME in events.column_names else [None] * events.num_rows
    return Table(
        columns=tuple(shown),
        rows=tuple(zip(*columns, strict=True)) if columns else ((),) * events.num_rows,
        times_us=tuple(times),
        muted=sum(name.startswith(RESERVED) for name in shown),
        now_us=frame.now_us,
    )


def _most_telling(names: list[str]) -> list[str]:
    """The first columns, of which the transport has a third at the most while the message could fill them."""
    message = [name for name in names if not name.startswith(RESERVED)]
    transport = names[len(message) :][: max(COLUMNS // 3, COLUMNS - len(message))]
    return message[: COLUMNS - len(transport)] + transport


def _texts(column: pa.ChunkedArray) -> list[str]:
    return [_text(value) for value in column.to_pylist()]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return number(value)
    text = str(value)
    return text if len(text) <= _CELL else text[: _CELL - 1] + "…"


PANEL = Panel("events", "Newest events", "table_rows", "full", prepare)
