"""Key figures: for each named slot its newest value, its change over the window, and its course as a sparkline.

One element of text, of the same shape at every tick. Sparklines are CSS polygons: Streamlit strips inline SVG, and an image
would be decoded anew, visibly, at each tick.
"""

import math
from html import escape

import numpy as np

from state.frame import Floats, Frame
from views.numbers import DASH, MINUS, decimals, number, signed, unit
from views.palette import SLOT_COLORS
from views.panel import FILLING, Html, Panel, Payload, no_events

HEIGHT = 96
_POINTS = 40
_SILENCE = 3
"""So many empty points in a row, and the sparkline no longer bridges them."""
_LEAST_SHARE, _MOST_SHARE = 0.0005, 100
"""Below, a change reads 0.0 %; above, the share says nothing that the change itself does not."""


def prepare(frame: Frame) -> Payload:
    """One card a slot. The open bucket is left out where its aggregate still grows."""
    if not frame.window_events or frame.slots.count(None) == len(frame.slots):
        return no_events(frame, HEIGHT)
    values = frame.values[:-1] if frame.choice.agg in FILLING and len(frame.values) > 1 else frame.values
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
    share = (last - first) / abs(first) if first else math.inf
    percent = f" ({share:+.1%})".replace("-", MINUS) if _LEAST_SHARE <= abs(share) < _MOST_SHARE else ""
    return f"{arrow} {signed(round(last - first, decimals(last)))}{percent}"


def sparkline(values: Floats) -> str:
    """The outline of the area under `values`, as points of a CSS polygon in percent; long silence falls to the ground.

    >>> import numpy as np
    >>> sparkline(np.array([1.0, 3.0]))
    '0 100%,0 90%,100% 0%,100% 100%'
    """
    finite = np.isfinite(values)
    starts = np.linspace(0, len(values), min(_POINTS, len(values)), endpoint=False).astype(np.intp)
    held = np.add.reduceat(finite, starts, dtype=np.intp)
    known = np.flatnonzero(held)
    if not len(known):
        return "0 0,0 0"
    scale = np.abs(values[finite]).max() or 1.0  # else the sum, or the span, of huge values is infinite
    means = np.add.reduceat(np.where(finite, values, 0) / scale, starts)[known] / held[known]
    low, span = means.min(), np.ptp(means) or 1.0
    every = np.arange(len(starts))
    heights = 90 - 90 * np.interp(every, known, (means - low) / span)
    after = np.clip(np.searchsorted(known, every), 0, len(known) - 1)
    before = np.clip(np.searchsorted(known, every, side="right") - 1, 0, len(known) - 1)
    silent = np.maximum(known[after] - known[before], np.abs(every - known[before])) > _SILENCE
    heights[silent & ~np.isin(every, known)] = 100
    places = np.linspace(0, 100, len(every))
    course = ",".join(f"{x:.3g}% {y:.0f}%" for x, y in zip(places, heights, strict=True)).removeprefix("0%")
    return f"0 100%,0{course},100% 100%"


PANEL = Panel("kpi", "Key figures", "speed", "full", prepare)
