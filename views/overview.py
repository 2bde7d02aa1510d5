"""All measures side by side, each shown as its kind is: what the chosen one stands among."""

import math

import numpy as np

from state.board import OVERVIEW, usual_aggregate
from state.choice import MICROSECONDS
from state.frame import Floats, Frame
from state.measure import Measure
from views.gaps import polled_gap
from views.kpi import card
from views.measured import symbol_of
from views.numbers import duration
from views.palette import NEUTRAL, SLOT_COLORS
from views.panel import Html, Panel, Payload, no_events, told

HEIGHT = 96
_WORDS = {"gauge": "mean", "counter": "rate", "amount": "sum"}


def prepare(frame: Frame) -> Payload:
    """One card a measure: its figure, its change over the window, and its course."""
    if not frame.window_events or not frame.overview:
        return no_events(frame, HEIGHT)
    bucket_s = frame.choice.bucket_us / MICROSECONDS
    cards = "".join(
        _card(measure, frame, bucket_s, chosen=measure.name == frame.choice.value)
        for measure in frame.choice.overview
        if measure.name in frame.overview
    )
    note = f"all series together; levels and rates in the newest {duration(bucket_s)}, amounts over the window"
    return Html(f'<div class="pb-kpis pb-small">{cards}</div><div class="pb-note">{note}</div>')


def _card(measure: Measure, frame: Frame, bucket_s: float, *, chosen: bool) -> str:
    """The card of a measure; of an amount the course is without what may still fill, and the sum with it."""
    values, adds_up = frame.overview[measure.name], measure.kind == "amount"
    return card(
        measure.name,
        values[: max(1, len(values) - frame.open) if adds_up else told(frame)],
        color=SLOT_COLORS[0] if chosen else NEUTRAL,
        unit=symbol_of(measure, usual_aggregate(measure)),
        bucket_s=bucket_s,
        said=f"{_WORDS[measure.kind]} ",
        total=_sum(values) if adds_up else None,
        tone=" pb-chosen" if chosen else "",
        counter=measure.kind == "counter",
        unknown=polled_gap(frame),
    )


def _sum(values: Floats) -> float:
    """Of those that are known; NaN where none is."""
    known = values[np.isfinite(values)]
    return float(known.sum()) if len(known) else math.nan


PANEL = Panel(OVERVIEW, "All measures", "stacked_line_chart", "full", prepare, needs="measures", rest_s=0.5)
