"""Distribution: how often each value occurred in the window, with p50, p95 and p99 marked."""

from functools import lru_cache

import altair as alt
import numpy as np

from state.choice import Choice
from state.frame import Frame
from views import vega
from views.measured import single
from views.palette import SLOT_COLORS
from views.panel import HEIGHT, Chart, Panel, Payload, Spec, arrow_stream, no_events, no_numbers

BARS = 40
_LINE = 13
"""Height of a label, in pixels."""
_LABEL = 54
"""Room for the label of a rule at the right edge."""
_QUANTILES = ("p50", "p95", "p99")


def prepare(frame: Frame) -> Payload:
    """One row a bar, and one for each quantile: its value in `x0`, its place in _QUANTILES, from 1, in `q`."""
    if not frame.window_events:
        return no_events(frame)
    counts = frame.counts.sum(axis=0)
    if not counts.any():
        return no_numbers()
    first, last, width = vega.merged_bins(counts, BARS)
    starts = np.arange(first, last, width)
    merged = np.add.reduceat(counts, starts)
    marked = [(place, frame.quantiles[name]) for place, name in enumerate(_QUANTILES, 1) if name in frame.quantiles]
    at = [value for _, value in marked]
    ends = np.minimum(starts + width, last)
    rows = arrow_stream(
        {
            "x0": vega.float32(np.concatenate((frame.edges[starts], at))),
            "x1": vega.float32(np.concatenate((frame.edges[ends], at))),
            "n": vega.float32(np.concatenate((merged, np.zeros(len(at))))),
            "q": np.array([0] * len(starts) + [place for place, _ in marked], np.uint8),
        }
    )
    return Chart(_spec(frame.choice), rows)


@lru_cache(maxsize=64)
def _spec(choice: Choice) -> Spec:
    base = alt.Chart(alt.NamedData("rows"))
    value = vega.number_text
    bars = (
        base.transform_filter("datum.q == 0")
        .mark_rect(
            color=SLOT_COLORS[0],
            opacity=0.9,
            tooltip=alt.ExprRef(
                f"{{'value': {value('datum.x0')} + ' to ' + {value('datum.x1')}, 'events': format(datum.n, ',')}}"
            ),
        )
        .encode(
            x=alt.X("x0:Q").title(single(choice)).scale(nice=False, zero=False).axis(tickCount=6, grid=False),
            x2="x1",
            y=alt.Y("n:Q").title("events").scale(zero=True).axis(vega.VALUE_AXIS),
        )
    )
    marks = base.transform_filter("datum.q > 0").encode(x="x0:Q")
    rules = marks.mark_rule(
        color="gray",
        strokeDash=[4, 3],
        strokeWidth=1.25,
        tooltip=None,
        y=alt.ExprRef(f"{_LINE} * (datum.q - 1)"),  # each starts below the labels of those before it
        y2=alt.ExprRef("height"),
    )
    labels = marks.mark_text(
        color="gray",
        fontSize=11,
        y=alt.ExprRef(f"{_LINE} * (datum.q - 0.5)"),
        align="left",
        dx=4,
        text=alt.ExprRef("['', 'p50', 'p95', 'p99'][datum.q] + ' ' + format(datum.x0, ',.3~r')"),
    )
    return vega.finish(bars + rules + labels, HEIGHT, f"distribution of {choice.value}", zone=False, right=_LABEL)


PANEL = Panel("distribution", "Distribution", "bar_chart", "half", prepare, needs="measure", rest_s=1.0)
