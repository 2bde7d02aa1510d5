"""Time series: the chosen aggregate per bucket, a line for each named slot."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from state.choice import Choice
from state.filters import Filter
from state.frame import Frame
from state.series import NAMELESS, OTHER
from views import vega
from views.brushes import ENTRY, first_row, hearing, legend_hearing, time_picked, with_params
from views.drifts import told
from views.flags import flag_rows, flagged
from views.gaps import Flags, bridged
from views.measured import quantity
from views.palette import NEUTRAL, SLOT_COLORS
from views.panel import FILLING, Chart, Panel, Payload, Spec, Touch, arrow_stream, no_events, no_numbers, settled
from views.picks import Pick

Bits = npt.NDArray[np.uint16]

HEIGHT = 320
_LINES, _COLUMNS = 0, 3
"""Their layers' numbers."""
COLORS = (*SLOT_COLORS, NEUTRAL)


def prepare(frame: Frame) -> Payload:
    """One row a bucket and one column a slot, wide, so that a tooltip finds all series of an instant in one row.

    The last column is that of all series without a slot, where there are any. What changed among the fields is marked in the
    bucket in which it did.
    """
    named = tuple(slot for slot, name in enumerate(frame.slots) if name is not None)
    if not frame.window_events or not named:
        return no_events(frame, HEIGHT)
    shown, slots = frame.values[:, named], frame.slots
    if frame.others:
        named, slots = (*named, len(slots)), (*slots, OTHER)
        shown = np.column_stack((shown, frame.other))
    values = vega.float32(shown)
    values[settled(frame) :] = np.nan
    known = np.isfinite(values)
    if settled(frame) == len(values) and not known.any():
        return no_numbers(HEIGHT)
    # Null is a bucket that the line passes over, NaN one that breaks it.
    between = np.zeros_like(known)
    for n in np.flatnonzero(~known.all(axis=0)):
        between[:, n] = bridged(values[:, n])
    columns: dict[str, Any] = {
        f"s{slot}": pa.array(values[:, n], mask=between[:, n] if between[:, n].any() else None)
        for n, slot in enumerate(named)
    }
    columns["t0"] = vega.constant(frame.start_us / 1000, len(values))
    drawn = known | between
    if not drawn.all() and (lone := _lone(drawn, named)).any():
        columns["lone"] = lone
    if marks := _drifts(frame):
        columns["drift"] = pa.array(marks).dictionary_encode()
    flags = flag_rows(frame, frame.start_us, frame.end_us)
    return Chart(flagged(_spec(frame.choice, slots), frame), arrow_stream(columns), HEIGHT, flags)


def _lone(drawn: Flags, slots: tuple[int, ...]) -> Bits:
    """For each bucket the slots, as bits, whose line has nothing to reach on either side: it would not be seen."""
    known = np.pad(drawn, ((1, 1), (0, 0)))
    alone = known[1:-1] & ~known[:-2] & ~known[2:]
    bits: Bits = (alone << np.array(slots, np.uint16)).sum(axis=1, dtype=np.uint16)
    return bits


def _drifts(frame: Frame) -> list[str | None]:
    """For each bucket what changed in it, in words; empty where nothing did in the window."""
    marks: list[str | None] = [None] * len(frame.times_us)
    for drift in frame.health.drifts:
        bucket = (drift.at_us - frame.start_us) // frame.choice.bucket_us
        if 0 <= bucket < len(marks):
            said = told(drift)
            marks[bucket] = f"{marks[bucket]}; {said}" if marks[bucket] else said
    return marks if any(marks) else []


@lru_cache(maxsize=64)
def _spec(choice: Choice, slots: tuple[str | None, ...]) -> Spec:
    step = choice.bucket_us // 1000
    named = {f"s{slot}": name for slot, name in enumerate(slots) if name is not None}
    rows = alt.Chart()
    lines = (
        rows.transform_fold(list(named), as_=["s", "v"])
        .transform_filter("datum.v!==null")
        .mark_line(strokeWidth=1.75, strokeCap="round", strokeJoin="round", tooltip=None)
        .encode(
            x=vega.time_axis(choice, "m"),
            y=alt.Y("v:Q").title(quantity(choice)).scale(zero=choice.agg in FILLING).axis(vega.VALUE_AXIS),
            color=alt.Color("s:N")
            .scale(domain=list(named), range=[COLORS[int(slot[1:])] for slot in named])
            .legend(vega.slot_legend(named)),
        )
    )
    dots = (
        rows.transform_filter("datum.lone>0")
        .transform_fold(list(named), as_=["s", "v"])
        .transform_filter("floor(datum.lone/pow(2,toNumber(slice(datum.s,1))))%2==1")
        .mark_circle(
            size=14,
            opacity=1,
            tooltip=None,
            x=alt.ExprRef("scale('x',datum.m)"),  # not encoded: often there is none, and so no domain
            y=alt.ExprRef("scale('y',datum.v)"),
        )
        .encode(color="s:N")
    )
    # Not encoded, for the same reason; and a symbol, because a rule takes no place that is not encoded. The tooltip has the words.
    drifts = (
        rows.transform_filter("isString(datum.drift)")
        .mark_point(
            shape="M0,-1L0,1M0,-1l.012,.012l-.012,.012l-.012,-.012Z",
            size=alt.ExprRef("pow(height,2)"),
            strokeDash=[3, 3],
            strokeWidth=1,
            color=NEUTRAL,
            tooltip=None,
            x=alt.ExprRef("scale('x',datum.m)"),
            y=alt.ExprRef("height/2"),
        )
        .encode()
    )
    columns = rows.mark_rect(
        tooltip=vega.tooltip(choice, named, note="drift"), opacity=0
    ).encode(  # the page's style shows the hovered one
        x="t:T", x2="e"
    )
    chart = alt.layer(
        lines,
        dots,
        drifts,
        columns,
        data=alt.NamedData("rows"),
        transform=[
            vega.copied("t0"),
            alt.WindowTransform.from_dict({"window": [{"op": "row_number", "as": "i"}]}),
            *(
                alt.CalculateTransform.from_dict({"calculate": f"datum.t0+(datum.i-{before})*{step}", "as": name})
                for name, before in (("t", 1), ("m", 0.5), ("e", 0))
            ),
        ],
    )
    return vega.finish(chart, HEIGHT, f"{quantity(choice)} over time")


def _hearing(_: Frame, spec: Spec) -> Spec:
    return with_params(spec, {_LINES: legend_hearing(), _COLUMNS: hearing(("m", "t"))})


def _picked(frame: Frame, selected: Mapping[str, Any]) -> Pick | None:
    """A series of the legend to be looked at alone, a stretch of time, or an instant.

    No filter finds events without a name, nor what all series without a slot are together.
    """
    slot = {f"s{slot}": name for slot, name in enumerate(frame.slots)}
    entry = first_row(selected, ENTRY).get("s")
    name = slot.get(entry) if isinstance(entry, str) else None
    if name is not None and name != NAMELESS and frame.choice.by:
        return Pick(where=(str(Filter(frame.choice.by, "eq", name)),))
    return time_picked(selected, (frame.start_us, frame.end_us))


PANEL = Panel("series", "Time series", "show_chart", "full", prepare, touch=Touch(_hearing, _picked))
