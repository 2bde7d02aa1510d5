"""Raw points of one series, decimated, as they came."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np

from state.choice import Choice
from state.frame import Floats, Frame, Ints
from views import vega
from views.brushes import Axis, time_picked, with_ground
from views.flags import flag_rows, flagged
from views.measured import single
from views.palette import slot_color
from views.panel import HEIGHT, Chart, Panel, Payload, Spec, Touch, arrow_stream, no_events, no_numbers
from views.picks import Pick

_GAP = 20
"""A silence of so many usual distances between points breaks the line …"""
_FINE_MS, _SHORT_MS = 2_000, np.iinfo(np.uint16).max
"""Between these, whole milliseconds are sent: two bytes each, and as exact as they are written."""
_VISIBLE = 1 / 50
"""… if it is also this share of the window, so that the eye would see it."""


def prepare(frame: Frame) -> Payload:
    """One row a point: milliseconds since the first, and the value; a row without a value breaks the line.

    The axis spans these points alone: of a busy series they are the last seconds of a long window.
    """
    if not frame.window_events:
        return no_events(frame)
    if not frame.raw_values.size:
        return no_numbers()
    times, values = _with_gaps(frame.raw_us, frame.raw_values, frame.choice)
    since = (times - times[0]) / 1000
    whole = since.round()
    rows = arrow_stream(
        {
            "t0": vega.constant(times[0] / 1000, len(times)),
            "ms": whole.astype(np.uint16) if _FINE_MS <= whole[-1] <= _SHORT_MS else vega.float32(since),
            "v": vega.float32(values),
        }
    )
    flags = flag_rows(frame, int(times[0]), int(times[-1]))
    spec = _spec(frame.choice, frame.raw_series, slot_color(frame.raw_series, frame.slots))
    return Chart(flagged(spec, frame), rows, notes=flags)


def _with_gaps(times: Ints, values: Floats, choice: Choice) -> tuple[Ints, Floats]:
    """The points, with one that has no value in the midst of each silence."""
    if len(times) < 2:  # noqa: PLR2004 - one point has no distance to another
        return times, values
    distances = np.diff(times)
    silence = max(_GAP * float(np.median(distances)), _VISIBLE * choice.window_s * 1e6)
    after = np.flatnonzero(distances > silence)
    return (
        np.insert(times, after + 1, times[after] + distances[after] // 2),
        np.insert(values, after + 1, np.nan),
    )


@lru_cache(maxsize=64)
def _spec(choice: Choice, series: str, color: str) -> Spec:
    title = single(choice) + (f" · {series}" if choice.by else "")
    line = alt.Chart().mark_line(strokeWidth=1, opacity=0.35, color=color, tooltip=None)
    text = (
        f"{{time:timeFormat(datum.t,'%d %b %H:%M:%S.%L'),{vega.safe_name(choice.value)}:{vega.number_text('datum.v')}}}"
    )
    points = alt.Chart().mark_circle(size=12, opacity=0.9, color=color, tooltip=alt.ExprRef(text))
    chart = alt.layer(
        line,
        points,
        data=alt.NamedData("rows"),
        transform=[vega.copied("t0"), alt.CalculateTransform.from_dict({"calculate": "datum.t0+datum.ms", "as": "t"})],
    ).encode(
        x=vega.time_axis(choice, "t", zooms=True),
        y=alt.Y("v:Q").title(title).scale(zero=False).axis(vega.VALUE_AXIS),
    )
    return vega.finish(chart, HEIGHT, f"raw points of {title}", canvas=True)


def _hearing(frame: Frame, spec: Spec) -> Spec:
    return with_ground(spec, _axis(frame), ("t",))


def _picked(frame: Frame, selected: Mapping[str, Any]) -> Pick | None:
    return time_picked(selected, _axis(frame))


def _axis(frame: Frame) -> Axis:
    return int(frame.raw_us[0]), int(frame.raw_us[-1])


PANEL = Panel(
    "raw",
    "Newest raw points",
    "scatter_plot",
    "half",
    prepare,
    needs="measure",
    rest_s=0.5,
    touch=Touch(_hearing, _picked),
)
