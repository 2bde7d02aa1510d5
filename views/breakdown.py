"""Breakdown: the largest series by the chosen aggregate over the whole window, as bars from zero."""

import math
from html import escape
from itertools import islice

from state.frame import Frame
from views.numbers import measured, number, with_unit
from views.palette import slot_color
from views.panel import Html, Panel, Payload, no_events, no_numbers

BARS = 12


def prepare(frame: Frame) -> Payload:
    """One bar a series, in its slot's colour if it has one."""
    if not frame.window_events:
        return no_events(frame)
    totals = {name: value for name, value in islice(frame.totals.items(), BARS) if math.isfinite(value)}
    if not totals:
        return no_numbers()
    low, high = min(0.0, *totals.values()), max(0.0, *totals.values())
    span = (high - low) or 1.0
    bars = "".join(
        _bar(name, value, slot_color(name, frame.slots), (min(value, 0) - low) / span, abs(value) / span)
        for name, value in totals.items()
    )
    more = f"and {number(frame.series - len(totals))} more · " if frame.series > len(totals) else ""
    what = measured(frame.choice.agg, with_unit(frame.choice.value))
    return Html(f'<div class="pb-bars">{bars}</div><div class="pb-note">{more}{escape(what)} over the window</div>')


def _bar(name: str, value: float, color: str, left: float, width: float) -> str:
    label = escape(name, quote=True)
    return (
        f'<div class="pb-name" title="{label}">{label}</div>'
        f'<div class="pb-bar"><i style="background:{color};margin-left:{left:.1%};width:{width:.1%}"></i></div>'
        f'<div class="pb-number">{number(value)}</div>'
    )


PANEL = Panel("breakdown", "Breakdown", "leaderboard", "half", prepare, rest_s=0.5)
