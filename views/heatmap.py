"""Heat map: how many events had which value when."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import pyarrow as pa

from state.choice import Choice
from state.filters import Filter
from state.frame import Frame, Ints
from views import vega
from views.brushes import instant, number, spot_row, time_picked, with_ground
from views.flags import flag_rows, flagged
from views.measured import single
from views.panel import HEIGHT, Chart, Panel, Payload, Spec, Touch, arrow_stream, no_events, no_numbers
from views.picks import Pick

COLUMNS = 60
ROWS = 24


def prepare(frame: Frame) -> Payload:
    """One row a cell that is not empty, and one, with no events, at either end of the window.

    Columns and rows are groups of buckets and of bins that keep their places as the window moves on.
    """
    if not frame.window_events:
        return no_events(frame)
    if not frame.counts.any():
        return no_numbers()
    width = _width_us(frame.choice)
    column_of = frame.times_us // width
    starts, highest = _rows(frame)
    by_time = np.add.reduceat(frame.counts[:, :highest], np.flatnonzero(np.diff(column_of, prepend=column_of[0] - 1)))
    cells = np.add.reduceat(by_time, starts, axis=1)
    columns, rows = np.nonzero(cells)
    instants = np.arange(column_of[0], column_of[-1] + 2) * (width / 1000)
    bounds = vega.float32(np.append(frame.edges[starts], frame.edges[highest]))
    column = np.concatenate((columns, [0, len(instants) - 1])).astype(np.int8)
    row = np.concatenate((rows, [0, 0])).astype(np.int8)
    count = np.concatenate((cells[columns, rows], [0, 0]))
    table = {
        "t": pa.DictionaryArray.from_arrays(column, instants),
        "y0": pa.DictionaryArray.from_arrays(row, bounds[:-1]),
        "y1": pa.DictionaryArray.from_arrays(row, bounds[1:]),
        "n": count.astype(np.min_scalar_type(int(count.max()))),
    }
    flags = flag_rows(frame, frame.start_us, frame.end_us)
    return Chart(flagged(_spec(frame.choice), frame), arrow_stream(table), notes=flags)


def _width_us(choice: Choice) -> int:
    """How much time a column is: whole buckets."""
    return -(-choice.buckets // COLUMNS) * choice.bucket_us


def _rows(frame: Frame) -> tuple[Ints, int]:
    """The first bin of each row, lowest first, and the bin after the last one's; there are events."""
    lowest, highest, bins = vega.merged_bins(frame.counts.sum(axis=0), ROWS)
    return np.arange(lowest, highest, bins), highest


@lru_cache(maxsize=64)
def _spec(choice: Choice) -> Spec:
    step = _width_us(choice) / 1000
    base = alt.Chart().transform_fold(["n"]).transform_calculate(start="datum.t", end=f"datum.t + {step}")
    value, seconds = vega.number_text, vega.seconds_format(step * 1000)
    cells = (
        base.transform_filter("datum.n > 0")
        .mark_rect(
            clip=True,
            tooltip=alt.ExprRef(
                f"{{'time': timeFormat(datum.t, '%d %b %H:%M:{seconds}'), "
                f"'value': {value('datum.y0')} + ' to ' + {value('datum.y1')}, 'events': format(datum.n, ',')}}"
            ),
        )
        .encode(
            x=vega.time_axis(choice, "start"),
            x2="end",
            y=alt.Y("y0:Q").title(single(choice)).scale(nice=False, zero=False).axis(vega.VALUE_AXIS),
            y2="y1",
            color=alt.Color("n:Q")
            .scale(type="sqrt")
            .legend(title="events", gradientLength=150, gradientThickness=10, tickCount=4, tickMinStep=1, format=",d"),
        )
    )
    edges = base.transform_filter("datum.n == 0").mark_rule(opacity=0, tooltip=None).encode(x="start:T")
    chart = alt.layer(cells, edges, data=alt.NamedData("rows"))
    return vega.finish(chart, HEIGHT, f"{choice.value} over time, events per cell", canvas=True)


def _hearing(frame: Frame, spec: Spec) -> Spec:
    width = _width_us(frame.choice)
    columns = frame.start_us // width * width, (int(frame.times_us[-1]) // width + 1) * width
    return with_ground(spec, columns, ("t", "y0"))


def _picked(frame: Frame, selected: Mapping[str, Any]) -> Pick | None:
    """The time and the values of a cell; else a stretch of time, or an instant."""
    cell = spot_row(selected)
    low, at = number(cell.get("y0")), instant(cell.get("t"))
    drawn = time_picked(selected, (frame.start_us, frame.end_us))
    if low is None or (drawn and drawn.range_us):
        return drawn
    width = _width_us(frame.choice)
    where = _between(frame, low) if frame.counts.any() else None
    if at is None or where is None or not frame.start_us - width < at < frame.end_us:
        return None
    start = at // width * width
    return Pick(range_us=(max(start, frame.start_us), min(start + width, frame.end_us)), where=where)


def _between(frame: Frame, low: float) -> tuple[str, ...] | None:
    """The filters that keep the values of the row that begins there, the highest row's upper end included.

    None where there is no such row; none of them where the values are no field's, but increases or aggregates.
    """
    starts, highest = _rows(frame)
    bounds = np.append(frame.edges[starts], frame.edges[highest])
    found = np.flatnonzero(vega.float32(bounds[:-1]) == vega.float32(np.array([low])))
    if not len(found):
        return None
    read, row = frame.choice.read, int(found[0])
    if frame.choice.counts_up or read.parts or not read.field:
        return ()
    last = row == len(starts) - 1
    ends = (("ge", bounds[row]), ("le" if last else "lt", bounds[row + 1]))
    return tuple(str(Filter(read.field, op, repr(float(end)).removesuffix(".0"))) for op, end in ends)


PANEL = Panel(
    "heatmap", "Heat map", "grid_on", "half", prepare, needs="measure", rest_s=1.0, touch=Touch(_hearing, _picked)
)
