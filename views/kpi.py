"""Key figures: for each named slot its newest value, its change over the window, and its course as a sparkline.

One element of text, of the same shape at every tick. Sparklines are CSS polygons: Streamlit strips inline SVG, and an image
would be decoded anew, visibly, at each tick.
"""

from html import escape

import numpy as np

from state.frame import Floats, Frame
from views.numbers import DASH, MINUS, number, signed, unit
from views.palette import SLOT_COLORS
from views.panel import Html, Panel, Payload, no_events

HEIGHT = 96
_POINTS = 48
_OPEN = ("count", "sum", "rate")


def prepare(frame: Frame) -> Payload:
    """One card a slot. The open bucket is left out where its aggregate still grows."""
    if not frame.window_events or not any(frame.slots):
        return no_events(frame, HEIGHT)
    values = frame.values[:-1] if frame.choice.agg in _OPEN and len(frame.values) > 1 else frame.values
    symbol = {"count": "", "rate": "/s"}.get(frame.choice.agg, unit(frame.choice.value))
    cards = "".join(
        _card(name, values[:, slot], SLOT_COLORS[slot], symbol)
        for slot, name in enumerate(frame.slots)
        if name is not None
    )
    return Html(f'<div class="pb-kpis">{cards}</div>')


def _card(name: str, values: Floats, color: str, symbol: str) -> str:
    known = np.flatnonzero(np.isfinite(values))
    newest, change = DASH, "no value"
    if len(known):
        first, last = float(values[known[0]]), float(values[known[-1]])
        newest, change = number(last), _change(first, last)
    label = escape(name, quote=True)
    return (
        f'<div class="pb-kpi" style="--c:{color}"><div class="pb-name" title="{label}"><i></i>{label}</div>'
        f'<div class="pb-value">{newest}<small>{escape(symbol)}</small></div><div class="pb-change">{change}</div>'
        f'<div class="pb-spark" style="clip-path:polygon({sparkline(values)})"></div></div>'
    )


def _change(first: float, last: float) -> str:
    """How far `last` is from `first`; no judgement whether up is good."""
    arrow = "↗" if last > first else "↘" if last < first else "→"
    share = (
        f" ({(last - first) / abs(first):+.1%})".replace("-", MINUS)
        if first and abs(last - first) < 100 * abs(first)
        else ""
    )
    return f"{arrow} {signed(last - first)}{share}"


def sparkline(values: Floats) -> str:
    """The outline of the area under `values`, as points of a CSS polygon in percent; silence falls to the ground.

    >>> import numpy as np
    >>> sparkline(np.array([1.0, 3.0]))
    '0 100%,0 90%,100% 0%,100% 100%'
    """
    groups = np.array_split(values, min(_POINTS, len(values)))
    known = [group[np.isfinite(group)] for group in groups]
    means = np.array([group.mean() if len(group) else np.nan for group in known])
    if not np.isfinite(means).any():
        return "0 0,0 0"
    low, high = np.nanmin(means), np.nanmax(means)
    share = (means - low) / (high - low) if high > low else np.where(np.isnan(means), np.nan, 0.5)
    heights = np.where(np.isnan(share), 100, 90 - 90 * share)
    places = np.linspace(0, 100, len(means))
    course = ",".join(f"{x:.3g}% {y:.0f}%" for x, y in zip(places, heights, strict=True)).replace("0% ", "0 ", 1)
    return f"0 100%,{course},100% 100%"


PANEL = Panel("kpi", "Key figures", "speed", "full", prepare)
