"""All measures side by side, each shown as its kind is: what the chosen one stands among."""

from html import escape

import numpy as np

from state.board import OVERVIEW, usual_aggregate
from state.choice import MICROSECONDS
from state.frame import Floats, Frame
from state.measure import Measure
from views.kpi import change, sparkline
from views.measured import symbol_of
from views.numbers import DASH, duration, number
from views.palette import NEUTRAL
from views.panel import FILLING, Html, Panel, Payload, no_events

HEIGHT = 96
_WORDS = {"gauge": "mean", "counter": "rate", "amount": "sum"}


def prepare(frame: Frame) -> Payload:
    """One card a measure: its figure, its change over the window, and its course."""
    if not frame.window_events or not frame.overview:
        return no_events(frame, HEIGHT)
    cards = "".join(
        _card(measure, frame.overview[measure.name], chosen=measure.name == frame.choice.value)
        for measure in frame.choice.overview
        if measure.name in frame.overview
    )
    bucket = duration(frame.choice.bucket_us / MICROSECONDS)
    note = f"all series together; levels and rates in the newest {bucket}, amounts over the window"
    return Html(f'<div class="pb-kpis pb-small">{cards}</div><div class="pb-note">{note}</div>')


def _card(measure: Measure, values: Floats, *, chosen: bool) -> str:
    agg = usual_aggregate(measure)
    values = values[:-1] if agg in FILLING and measure.kind != "counter" and len(values) > 1 else values
    known = values[np.isfinite(values)]
    figure, below = DASH, "no value"
    if len(known):
        figure = number(float(known.sum() if agg == "sum" else known[-1]))
        below = f"{_WORDS[measure.kind]} {change(values)}"
    label = escape(measure.name, quote=True)
    return (
        f'<div class="pb-kpi{" pb-chosen" if chosen else ""}{"" if len(known) else " pb-silent"}" style="--c:{NEUTRAL}">'
        f'<div class="pb-name" title="{label}">{label}</div>'
        f'<div class="pb-value">{figure}<small>{escape(symbol_of(measure, agg))}</small></div>'
        f'<div class="pb-change">{below}</div>'
        f'<div class="pb-spark" style="clip-path:polygon({sparkline(values)})"></div></div>'
    )


PANEL = Panel(OVERVIEW, "All measures", "stacked_line_chart", "full", prepare, needs="measures", rest_s=0.5)
