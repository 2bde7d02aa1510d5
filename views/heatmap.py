"""Heat map: how many events had which value when."""

from functools import lru_cache

import altair as alt
import numpy as np
import pyarrow as pa

from state.choice import Choice
from state.frame import Frame
from views import notes, vega
from views.measured import single
from views.panel import HEIGHT, Chart, Panel, Payload, Spec, arrow_stream, no_events, no_numbers

COLUMNS = 60
ROWS = 24


def prepare(frame: Frame) -> Payload:
    """One row a cell that is not empty, and one, with no events, at either end of the window.

    Columns and rows are groups of buckets and of bins that keep their places as the window moves on.
    """
    if not frame.window_events:
        return no_events(frame)
    per_bin = frame.counts.sum(axis=0)
    if not per_bin.any():
        return no_numbers()
    width = _group(frame.choice) * frame.choice.bucket_us
    column_of = frame.times_us // width
    lowest, highest, bins = vega.merged_bins(per_bin, ROWS)
    starts = np.arange(lowest, highest, bins)
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
    flags = notes.flag_rows(frame, frame.start_us, frame.end_us)
    return Chart(_spec(frame.choice), arrow_stream(table), notes=flags)


def _group(choice: Choice) -> int:
    """How many buckets make a column."""
    return -(-choice.buckets // COLUMNS)


@lru_cache(maxsize=64)
def _spec(choice: Choice) -> Spec:
    step = _group(choice) * choice.bucket_us / 1000
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
    chart = alt.layer(cells, edges, *notes.flags(), data=alt.NamedData("rows"))
    return vega.finish(chart, HEIGHT, f"{choice.value} over time, events per cell", canvas=True)


PANEL = Panel("heatmap", "Heat map", "grid_on", "half", prepare, needs="measure", rest_s=1.0)
