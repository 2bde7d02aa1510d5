"""Heat map: how many events had which value when."""

from functools import lru_cache

import altair as alt
import numpy as np
import pyarrow as pa

from state.choice import Choice
from state.frame import Frame
from views import vega
from views.numbers import unit
from views.panel import HEIGHT, Chart, Missing, Panel, Payload, Spec, arrow_stream, no_events

COLUMNS = 90
ROWS = 32


def prepare(frame: Frame) -> Payload:
    """One row a cell that is not empty, and one, with no events, at either end of the window.

    Columns and rows are groups of buckets and of bins that keep their places as the window moves on.
    """
    if not frame.window_events:
        return no_events(frame)
    per_bin = frame.counts.sum(axis=0)
    if not per_bin.any():
        return Missing("No numbers in the chosen value. Choose another one.", "numbers")
    bucket = frame.choice.bucket_us
    group = _group(frame.choice)
    column_of = frame.times_us // bucket // group
    first_column = int(column_of[0])
    lowest, highest, width = vega.merged_bins(per_bin, ROWS)
    by_time = np.add.reduceat(frame.counts[:, :highest], np.flatnonzero(np.diff(column_of, prepend=first_column - 1)))
    cells = np.add.reduceat(by_time, np.arange(lowest, highest, width), axis=1)
    columns, rows = np.nonzero(cells)
    starts = np.arange(lowest, highest, width)
    bounds = np.append(frame.edges[starts], frame.edges[highest]).astype(np.float32)
    ends = (frame.times_us[0], frame.times_us[-1] + bucket)
    low = np.concatenate((rows, [0, 0])).astype(np.int8)
    count = np.concatenate((cells[columns, rows], [0, 0]))
    table = {
        "t0": vega.constant(first_column * group * bucket / 1000, len(low)),
        "c": np.concatenate((columns, [end / bucket / group - first_column for end in ends])).astype(np.float32),
        "y0": pa.DictionaryArray.from_arrays(low, bounds[:-1]),
        "y1": pa.DictionaryArray.from_arrays(low, bounds[1:]),
        "n": count.astype(np.uint16 if count.max() < 1 << 16 else np.float32),
    }
    return Chart(_spec(frame.choice), arrow_stream(table))


def _group(choice: Choice) -> int:
    """How many buckets make a column."""
    return -(-choice.buckets // COLUMNS)


@lru_cache(maxsize=64)
def _spec(choice: Choice) -> Spec:
    step = _group(choice) * choice.bucket_us / 1000
    symbol = unit(choice.value)
    base = alt.Chart(alt.NamedData("rows")).transform_calculate(
        t=f"datum.t0 + datum.c * {step}", end=f"datum.t0 + (datum.c + 1) * {step}"
    )
    value = vega.number_text
    cells = (
        base.transform_filter("datum.n > 0")
        .mark_rect(
            clip=True,
            tooltip=alt.ExprRef(
                "{'time': timeFormat(datum.t, '%d %b %H:%M:%S'), "
                f"'value': {value('datum.y0')} + ' to ' + {value('datum.y1')}, 'events': format(datum.n, ',')}}"
            ),
        )
        .encode(
            x=vega.time_axis(choice, "t"),
            x2="end",
            y=alt.Y("y0:Q")
            .title(choice.value + (f" ({symbol})" if symbol else ""))
            .scale(nice=False, zero=False)
            .axis(vega.VALUE_AXIS),
            y2="y1",
            color=alt.Color("n:Q")
            .scale(type="sqrt")
            .legend(title="events", gradientLength=150, gradientThickness=10, tickCount=4),
        )
    )
    edges = base.transform_filter("datum.n == 0").mark_rule(opacity=0, tooltip=None).encode(x="t:T")
    return vega.finish(cells + edges, HEIGHT, f"{choice.value} over time, events per cell")


PANEL = Panel("heatmap", "Heat map", "grid_on", "half", prepare)
