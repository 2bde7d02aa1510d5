"""The events of a board that stands still: a table to sort, search and select in, and the selected event whole."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from html import escape
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from sources.batch import RESERVED, TIME
from sources.columns import REST
from state.choice import Choice
from state.latest import Latest, latest
from views.event_json import event_json, present
from views.numbers import number
from views.panel import Stand

HEIGHT = 320
ROWS = 5_000
COLUMNS = 60
"""So many fields are columns of the table; a selected event shows all."""
CELL = 300
"""So many characters of a text stand in a cell; a selected event shows all."""
MOST_BYTES = 8_000_000
"""What is sent to the browser: fewer rows where they are wide."""
DETAIL_HEIGHT = 420
_LINES = 14
"""An event of more is scrolled in DETAIL_HEIGHT pixels."""
_FACT = 2_000
_COLORED = 20_000
"""Longer texts are shown in one colour: finding out which part is what takes the browser too long."""
_EXACT = 2**53
"""From here on a browser's numbers lose digits, so whole numbers go there as text."""
_FACTS = {
    TIME: "event time",
    "_timestamp": "record time",
    "_key": "key",
    "_partition": "partition",
    "_offset": "offset",
}
_HEADER = "_header."
_SELECTED = "event-selected"
"""Where the session keeps which row was selected last, and in which table."""

_STYLE = """<style>
.pb-facts { display: grid; grid-template-columns: fit-content(45%) 1fr; gap: .25rem .9rem; margin: 0 !important; padding: 0 !important; font-variant-numeric: tabular-nums; }
.pb-facts :is(dt, dd) { font-size: .875rem; }
.pb-facts dt { opacity: .68; font-weight: 400; overflow-wrap: anywhere; } .pb-facts dd { margin: 0 !important; padding: 0 !important; overflow-wrap: anywhere; white-space: pre-wrap; }
</style>"""


def show_events(place: Any, tables: Sequence[pa.Table], choice: Choice, zone: dt.tzinfo) -> None:
    """Draw the newest events, and below them the one that is selected. Once a run, in a run that ends.

    tables  events as a feed publishes them, filtered and of the span that is shown, in the order of their arrival
    """
    found = latest(tables, ROWS, CELL + 1)  # one more tells that it was cut
    with place:
        if not len(found.rows):
            st.caption("No event is in this span. Choose a wider one, or remove a filter.")
            return
        names = ordered(found.rows, choice)
        table = display(found.rows, names)
        selected = _show_table(table, zone)
        st.caption(_told(len(table), sum(map(len, tables)), len(names)))
        if selected is not None:
            _show_event(found, selected, zone)


def still(place: Any, stand: Stand) -> None:
    """The panel's events while the board stands still. See `Panel.still`."""
    show_events(place, stand.events, stand.frame.choice, stand.zone)


def ordered(events: pa.Table, choice: Choice) -> list[str]:
    """The fields that hold something: the time, what the board is about, the message's other ones, those of the transport."""
    first = dict.fromkeys((TIME, choice.by, choice.value, choice.read.field))
    held = [name for name in events.column_names if events[name].null_count < len(events)]
    others = sorted((name for name in held if name not in first), key=lambda name: name.startswith(RESERVED))
    return [name for name in first if name in held] + others


def display(rows: pa.Table, names: Sequence[str]) -> pa.Table:
    """The rows as they are sent to the browser: the first COLUMNS of the fields, long texts cut, fewer rows where they are wide."""
    table = pa.table({name: _cells(rows[name]) for name in names[:COLUMNS]})
    while table.nbytes > MOST_BYTES and len(table) > 1:
        table = table.slice(0, max(1, int(len(table) * min(0.9, MOST_BYTES / table.nbytes))))
    return table


def _cells(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column as a browser shows it without loss."""
    if pa.types.is_boolean(column.type):
        return pc.if_else(column, "true", "false")
    if pa.types.is_int64(column.type):
        bounds = pc.min_max(column).as_py()
        exact = bounds["min"] is None or max(-bounds["min"], bounds["max"]) <= _EXACT
        return column if exact else column.cast(pa.string())
    if pa.types.is_string(column.type):
        long = pc.greater(pc.utf8_length(column), CELL)
        return pc.if_else(
            long, pc.binary_join_element_wise(pc.utf8_slice_codeunits(column, 0, CELL - 1), "…", ""), column
        )
    return column


def _show_table(table: pa.Table, zone: dt.tzinfo) -> int | None:
    """Draw the table; the number of the row that is selected in it."""
    config: dict[str, Any] = {}
    for field in table.schema:
        if pa.types.is_timestamp(field.type):
            label = f"time ({zone})" if field.name == TIME else None
            config[field.name] = st.column_config.DatetimeColumn(
                label, format="YYYY-MM-DD HH:mm:ss.SSS", timezone=str(zone)
            )
        elif not pa.types.is_string(field.type):
            # As short as it is known: "plain" shows 48.1 as 48.099999999999994. It is sorted as the number that it is.
            config[field.name] = st.column_config.NumberColumn(format="%s")
    key = f"events-{_digest(table)}"  # a selection is of these rows: other rows are another table

    of, before = st.session_state.get(_SELECTED, ("", []))

    def to_row() -> None:
        rows = row_of(st.session_state[key], before if of == key else [], len(table))
        st.session_state[_SELECTED] = key, rows
        st.session_state[key] = {"selection": {"rows": rows, "columns": [], "cells": []}}

    state = st.dataframe(
        table,
        height=HEIGHT,
        hide_index=True,
        column_config=config,
        key=key,
        on_select=to_row,
        selection_mode=("single-row", "single-cell"),
        placeholder="",
        lazy=False,  # else it could not be searched
    )
    return next(iter(row_of(state, [], len(table))), None)


def row_of(state: Any, before: list[int], rows: int) -> list[int]:
    """The row that a browser's answer names, by its box or by one of its cells; none where it names none of them.

    Rows are named by their place before any sorting. Where the box that is ticked is another than `before`, the box was
    clicked: a table that gets the focus names its first cell besides.

    >>> row_of({"selection": {"rows": [4], "columns": [], "cells": [(2, "load")]}}, [4], 10)
    [2]
    >>> row_of({"selection": {"rows": [4], "columns": [], "cells": [(0, "time")]}}, [7], 10)
    [4]
    """
    boxes, cells = state["selection"]["rows"], state["selection"].get("cells", ())
    chosen = [row for row, _ in cells] if cells and boxes == before else boxes
    return [row for row in chosen if type(row) is int and 0 <= row < rows][:1]


def _digest(table: pa.Table) -> str:
    """Short text that differs where what is shown does."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return hashlib.blake2b(sink.getvalue(), digest_size=8).hexdigest()


def _told(shown: int, total: int, fields: int) -> str:
    """How much of it is there."""
    parts = ["Select a row or a cell to see the event whole."]
    if fields > COLUMNS:
        parts.append(f"The first {COLUMNS} of {number(fields)} fields are columns.")
    if shown < total:
        rest = "narrow the range or filter to see others"
        parts.insert(0, f"The newest {shown:,} of {total:,}; {rest}.")
    else:
        parts.insert(0, f"All {total:,}, newest first." if total > 1 else "The only one.")
    return " ".join(parts)


def _show_event(found: Latest, selected: int, zone: dt.tzinfo) -> None:
    """Draw one event: its fields as JSON, and beside them what came with it."""
    event = found.event(selected)
    text = event_json(event)
    left, right = st.columns([2, 1])
    with left.container(key="event"):
        language = "json" if len(text) <= _COLORED else None
        st.code(
            text, language=language, wrap_lines=True, height=DETAIL_HEIGHT if text.count("\n") > _LINES else "content"
        )
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(said)}</dd>" for name, said in facts(event, zone))
    right.container(key="event-facts").html(f'{_STYLE}<dl class="pb-facts">{rows}</dl>')


def facts(event: pa.Table, zone: dt.tzinfo) -> list[tuple[str, str]]:
    """What came with an event: names and texts, the event's time first and the headers last."""
    there = {name: value for name, value in present(event).items() if name.startswith(RESERVED) and name != REST}
    names = [name for name in _FACTS if name in there]
    names += [name for name in there if name not in _FACTS and not name.startswith(_HEADER)]
    names += [name for name in there if name.startswith(_HEADER)]
    return [(_fact_name(name), _fact(there[name], zone)) for name in names]


def _fact_name(name: str) -> str:
    if name.startswith(_HEADER):
        return f"header {name.removeprefix(_HEADER)}"
    return _FACTS.get(name, name.removeprefix(RESERVED))


def _fact(value: Any, zone: dt.tzinfo) -> str:
    if isinstance(value, dt.datetime):
        return f"{value.astimezone(zone).isoformat(' ', 'milliseconds')}"
    text = str(value)
    return text if len(text) <= _FACT else f"{text[:_FACT]}… ({len(text):,} characters)"
