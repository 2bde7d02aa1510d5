"""What is held of a feed, as a line to move on: the scrubber, and under it the events over time."""

import datetime as dt
from typing import Any

import altair as alt
import numpy as np
import streamlit as st

from state.choice import MICROSECONDS
from state.still import Scene
from views.instants import since_epoch
from views.moment import Moment
from views.numbers import local
from views.palette import NEUTRAL

BINS = 240
HEIGHT = 46
STEPS = 1000
_DAY_US = 86_400 * MICROSECONDS
_ROUND_S = (0.001, 0.01, 0.1, 1, 10, 60, 600, 3600)


def show_navigator(moment: Moment, scene: Scene, at_us: int, zone: dt.tzinfo) -> None:
    """The scrubber moves the instant at which the board stands; a drag over the events below selects a range of them."""
    held = moment.viewer.held()
    span = held.span_us
    if span is None:
        return
    start_us, end_us = min(span[0], at_us), max(span[1], at_us)
    step_us = next(
        (round(each * MICROSECONDS) for each in _ROUND_S if each * MICROSECONDS * STEPS >= end_us - start_us), None
    )
    if end_us - start_us < MICROSECONDS:
        return
    # One offset for all of it: in the hour that comes twice, the viewer's own clock would run backwards.
    clock = dt.timezone(local(end_us, zone).utcoffset() or dt.timedelta())
    key = f"scrub-{start_us}-{end_us}"
    moved = f"{key}-to"

    def scrub() -> None:
        moment.stand_at(min(end_us, max(start_us, since_epoch(st.session_state[key].replace(tzinfo=clock)))))

    # The slider knows no zones: it is given, and gives, what the viewer's clock says.
    st.session_state[key] = local(at_us, clock).replace(tzinfo=None)
    st.slider(
        "Rewind",
        local(start_us, clock).replace(tzinfo=None),
        local(end_us, clock).replace(tzinfo=None),
        step=dt.timedelta(microseconds=step_us or 3600 * MICROSECONDS),
        format="HH:mm:ss" if end_us - start_us < _DAY_US else "D MMM HH:mm",
        key=key,
        on_change=scrub,
        label_visibility="collapsed",
    )

    def brush() -> None:
        picked = _picked(st.session_state.get(moved), start_us, end_us)
        if picked:
            moment.look_at(picked[0], picked[1] + 1)

    counts = held.volume(start_us, end_us + 1, BINS)
    st.vega_lite_chart(
        _spec(counts, start_us, end_us, scene),
        key=moved,
        on_select=brush,
        selection_mode="brush",
        width="stretch",
        height=HEIGHT,
    )


def _picked(state: Any, start_us: int, end_us: int) -> tuple[int, int] | None:
    """The range of a brush, in what is held; None for none. What a browser says may be anything."""
    try:
        ends = sorted(float(each) * 1000 for each in state["selection"]["brush"]["t"])
        low, high = max(start_us, int(ends[0])), min(end_us, int(ends[1]))
    except (KeyError, TypeError, ValueError, IndexError, OverflowError):
        return None
    return (low, high) if low < high else None


def _spec(counts: Any, start_us: int, end_us: int, scene: Scene) -> dict[str, Any]:
    """Bars of the events over time, and a frame around what the board shows of them."""
    edges = np.linspace(start_us, end_us + 1, BINS + 1) / 1000
    domain = [start_us / 1000, end_us / 1000]
    bars = [
        {"t": start, "e": end, "n": int(n)}
        for start, end, n in zip(edges[:-1], edges[1:], counts.tolist(), strict=True)
        if n
    ]
    x = alt.X("t:Q").scale(domain=domain, nice=False, zero=False).axis(None)
    events = (
        alt.Chart(alt.InlineData(values=bars))
        .mark_rect(color=NEUTRAL, opacity=0.7, tooltip=None)
        .encode(x=x, x2="e", y=alt.Y("n:Q").axis(None).scale(zero=True), y2=alt.value(HEIGHT - 8))
        .add_params(alt.selection_interval(name="brush", encodings=["x"]))
    )
    shown = [{"t": max(domain[0], scene.from_us / 1000), "e": min(domain[1], scene.to_us / 1000)}]
    window = (
        alt.Chart(alt.InlineData(values=shown if shown[0]["t"] < shown[0]["e"] else []))
        .mark_rect(opacity=0.18, color="#4793c6", tooltip=None)
        .encode(x=x, x2="e")
    )
    chart = alt.layer(events, window).properties(
        height=HEIGHT, padding={"left": 0, "right": 0, "top": 2, "bottom": 2}, description="events over time"
    )
    spec: dict[str, Any] = chart.configure_view(strokeWidth=0).to_dict()
    return spec
