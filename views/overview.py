"""All measures side by side, each shown as its kind is: what the chosen one stands among."""

from html import escape

import numpy as np

from state.board import OVERVIEW, usual_aggregate
from state.choice import MICROSECONDS
from state.frame import Floats, Frame
from state.measure import Measure
from views.kpi import change, sparkline
from views.measured import name_of, symbol_of
from views.numbers import DASH, duration, number
from views.panel import Html, Panel, Payload, no_events

HEIGHT = 96


def prepare(frame: Frame) -> Payload:
    """One card a measure: its newest value, its change over the window, and its course."""
    if not frame.window_events or not frame.overview:
        return no_events(frame, HEIGHT)
    cards = "".join(
        _card(measure, frame.overview[measure.name], chosen=measure.name == frame.choice.value)
        for measure in frame.choice.overview
        if measure.name in frame.overview
    )
    bucket = duration(frame.choice.bucket_us / MICROSECONDS)
    return Html(
        f'<div class="pb-kpis pb-small">{cards}</div>'
        f'<div class="pb-note">each over all series, in buckets of {bucket}; choose another under Value</div>'
    )


def _card(measure: Measure, values: Floats, *, chosen: bool) -> str:
    agg = usual_aggregate(measure)
    values = values[:-1] if agg == "sum" and len(values) > 1 else values  # the newest bucket still fills
    known = np.flatnonzero(np.isfinite(values))
    newest = number(float(values[known[-1]])) if len(known) else DASH
    label = escape(name_of(measure, agg), quote=True)
    return (
        f'<div class="pb-kpi{" pb-chosen" if chosen else ""}{"" if len(known) else " pb-silent"}">'
        f'<div class="pb-name" title="{label}">{label}</div>'
        f'<div class="pb-value">{newest}<small>{escape(symbol_of(measure, agg))}</small></div>'
        f'<div class="pb-change">{change(values) if len(known) else "no value"}</div>'
        f'<div class="pb-spark" style="clip-path:polygon({sparkline(values)})"></div></div>'
    )


PANEL = Panel(OVERVIEW, "All measures", "stacked_line_chart", "full", prepare, needs="measures", rest_s=0.5)
