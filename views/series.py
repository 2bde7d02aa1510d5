"""Time series: the chosen aggregate per bucket, a line for each named slot."""

from functools import lru_cache

import altair as alt
import numpy as np
import pyarrow as pa

from state.choice import Choice
from state.frame import Frame
from views import vega
from views.numbers import unit
from views.palette import SLOT_COLORS
from views.panel import Chart, Missing, Panel, Payload, Spec, arrow_stream, no_events

HEIGHT = 320
_FILLING = ("count", "sum", "rate")
"""Aggregates that grow while a bucket is open: its value so far would draw a dip that is none."""


def prepare(frame: Frame) -> Payload:
    """One row a bucket and one column a slot, wide, so that a tooltip finds all series of an instant in one row."""
    named = tuple(slot for slot, name in enumerate(frame.slots) if name is not None)
    if not frame.window_events or not named:
        return no_events(frame, HEIGHT)
    values = frame.values[:, named].astype(np.float32)
    if frame.choice.agg in _FILLING:
        values[-1] = np.nan
    elif not np.isfinite(values).any():
        return Missing(f"No number in {frame.choice.value} within the window. Choose another value.", "numbers", HEIGHT)
    buckets = len(frame.times_us)
    columns: dict[str, pa.Array] = {
        "t0": vega.constant(frame.start_us / 1000, buckets),
        "i": np.arange(buckets, dtype=np.uint16),
    }
    columns |= {f"s{slot}": values[:, column] for column, slot in enumerate(named)}
    return Chart(_spec(frame.choice, frame.slots), arrow_stream(columns), HEIGHT)


def quantity(choice: Choice) -> str:
    """What the chosen aggregate measures, with its unit: the title of its axis."""
    by = f" by {choice.by}" if choice.by else ""
    if choice.agg == "count":
        return f"events per {vega.bucket_text(choice)}{by}"
    if choice.agg == "rate":
        return f"events/s{by}"
    symbol = unit(choice.value)
    return f"{choice.agg} {choice.value}{by}" + (f" ({symbol})" if symbol else "")


@lru_cache(maxsize=64)
def _spec(choice: Choice, slots: tuple[str | None, ...]) -> Spec:
    step = choice.bucket_us / 1000
    named = {f"s{slot}": name for slot, name in enumerate(slots) if name is not None}
    base = (
        alt.Chart(alt.NamedData("rows"))
        .transform_calculate(t=f"datum.t0 + datum.i * {step}")
        .transform_calculate(middle=f"datum.t + {step / 2}", end=f"datum.t + {step}")
    )
    lines = (
        base.transform_fold(list(named), as_=["slot", "value"])
        .mark_line(strokeWidth=1.75, strokeCap="round", strokeJoin="round", tooltip=None)
        .encode(
            x=vega.time_axis(choice, "middle"),
            y=alt.Y("value:Q").title(quantity(choice)).scale(zero=choice.agg in _FILLING).axis(vega.VALUE_AXIS),
            color=alt.Color("slot:N")
            .scale(domain=[f"s{slot}" for slot in range(len(slots))], range=list(SLOT_COLORS))
            .legend(vega.slot_legend(named)),
        )
    )
    hover = alt.selection_point(name="hover", on="pointerover", clear="pointerout", fields=["i"], empty=False)
    columns = (
        base.mark_rect(tooltip=vega.tooltip(choice, named), aria=False)
        .encode(x=vega.time_axis(choice, "t"), x2="end", opacity=alt.condition(hover, alt.value(0.12), alt.value(0)))
        .add_params(hover)
    )
    return vega.finish(lines + columns, HEIGHT, f"{quantity(choice)} over time")


PANEL = Panel("series", "Time series", "show_chart", "full", prepare)
