"""Key figures: for each named slot its newest value, its change over the window, and its course as a sparkline.

One element of text, of the same shape at every tick. Sparklines are CSS polygons: Streamlit strips inline SVG, and an image
would be decoded anew, visibly, at each tick.
"""

import math
from collections.abc import Mapping
from functools import lru_cache, partial
from html import escape

import numpy as np

from state.choice import MICROSECONDS
from state.frame import Floats, Frame, Ints
from views.clicks import still
from views.gaps import polled_gap, usual_gap
from views.measured import measured, symbol
from views.numbers import MINUS, decimals, duration, number, signed
from views.palette import SLOT_COLORS
from views.panel import Html, Panel, Payload, no_events, told
from views.targets import Clickable, marks, series_picks

HEIGHT = 96
_POINTS = 32
_SILENCE = 3
"""So many empty points in a row, and the sparkline no longer bridges them."""
_UNKNOWN = 0.1
"""Of a counter so large a part of the window may be unknown yet: it is heard of no oftener than it reports."""
_LEAST_SHARE, _MOST_SHARE = 0.0005, 100
"""Below, a change reads 0.0 %; above, the share says nothing that the change itself does not."""


def prepare(frame: Frame) -> Payload:
    """One card a slot. What may still fill is left out."""
    return _payload(frame, {})


def clickable(frame: Frame) -> Clickable:
    """The same, each card a pick of its series."""
    picks = series_picks(frame.choice, (name for name in frame.slots if name is not None))
    return Clickable(_payload(frame, marks(picks)), tuple(picks.values()))


def _payload(frame: Frame, marked: Mapping[str, str]) -> Payload:
    """The cards; `marked` has attributes of those that can be clicked."""
    if not frame.window_events or frame.slots.count(None) == len(frame.slots):
        return no_events(frame, HEIGHT)
    choice = frame.choice
    values = frame.values[: told(frame)]
    unit = symbol(choice)
    bucket_s = choice.bucket_us / MICROSECONDS
    cards = "".join(
        card(
            name,
            values[:, slot],
            color=SLOT_COLORS[slot],
            unit=unit,
            bucket_s=bucket_s,
            counter=choice.counts_up,
            unknown=polled_gap(frame),
            mark=marked.get(name, ""),
        )
        for slot, name in enumerate(frame.slots)
        if name is not None
    )
    rest = f"; {number(frame.others)} quieter ones are not shown" if frame.others else ""
    note = f"{measured(choice)} in the newest {duration(bucket_s)}; change from the first tenth of the window to its last{rest}"
    return Html(f'<div class="pb-kpis">{cards}</div><div class="pb-note">{escape(note)}</div>')


def card(  # noqa: PLR0913 - one keyword each for what cards differ in
    name: str,
    values: Floats,
    *,
    color: str,
    unit: str,
    bucket_s: float,
    said: str = "",
    total: float | None = None,
    tone: str = "",
    counter: bool = False,
    unknown: float = 0.0,
    mark: str = "",
) -> str:
    """The newest value of a course, or a total instead, with its change or how long it has been silent, and the course itself.

    said     stands before the change
    counter  the course is a counter's rate, which is not known yet in the newest buckets
    unknown  so many buckets without a value are no silence: it may not have been asked for since
    mark     attributes more, where the card can be clicked
    """
    known = np.flatnonzero(np.isfinite(values))
    newest = float(values[known[-1]]) if len(known) else math.nan
    figure, below = newest if total is None else total, f"{said}{_change(values)}"
    silence = len(values) - 1 - int(known[-1]) if len(known) else 0
    if math.isnan(figure):
        below, tone = "no value", f"{tone} pb-silent"
    elif silence > max(usual_gap(known), 2.0, unknown, _UNKNOWN * len(values) if counter else 0.0):
        below, tone = f"silent for {duration(silence * bucket_s)}", f"{tone} pb-silent"
    label = escape(name, quote=True)
    return (
        f'<div class="pb-kpi{tone}" style="--c:{color}"{mark}><div class="pb-name" title="{label}"><i></i>{label}</div>'
        f'<div class="pb-value">{number(figure)}<small>{escape(unit)}</small></div><div class="pb-change">{below}</div>'
        f'<div class="pb-spark" style="clip-path:polygon({sparkline(values)})"></div></div>'
    )


def _change(values: Floats) -> str:
    """How far the last tenth of the window is from its first, by their means; no judgement whether up is good.

    Tenths, because a bucket or two are mostly noise. Nothing where the series has no value in one of them.
    """
    tenth = max(1, len(values) // 10)
    first, last = (part[np.isfinite(part)] for part in (values[:tenth], values[-tenth:]))
    if not len(first) or not len(last):
        return "&nbsp;"
    scale = float(np.abs(values[np.isfinite(values)]).max()) or 1.0  # else the sum of huge values is infinite
    before, after = (float((part / scale).mean()) * scale for part in (first, last))
    places = decimals(max(abs(before), abs(after)))
    if abs(after - before) < 0.5 * 10.0**-places:
        return "→ ±0"
    arrow = "↗" if after > before else "↘"
    share = (after - before) / abs(before) if before else math.inf
    percent = f" ({share:+.1%})".replace("-", MINUS) if _LEAST_SHARE <= abs(share) < _MOST_SHARE else ""
    return f"{arrow} {signed(round(after - before, places))}{percent}"


def sparkline(values: Floats) -> str:
    """The outline of the area under `values`, as points of a CSS polygon in percent; long silence falls to the ground.

    >>> import numpy as np
    >>> sparkline(np.array([1.0, 3.0]))
    '0 100%,0 90%,100% 0%,100% 100%'
    """
    finite = np.isfinite(values)
    starts, places = _places(min(_POINTS, len(values)), len(values))
    held = np.add.reduceat(finite, starts, dtype=np.intp)
    known = np.flatnonzero(held)
    if not len(known):
        return "0 0,0 0"
    scale = np.abs(values[finite]).max() or 1.0  # else the sum, or the span, of huge values is infinite
    means = np.add.reduceat(np.where(finite, values, 0) / scale, starts)[known] / held[known]
    low = means.min()
    heights = 90 - 90 * (means - low) / (means.max() - low or 1.0)
    if len(known) < len(starts):
        heights = _with_silence(known, heights, len(starts))
    course = ",".join(
        f"{place} {height}%" for place, height in zip(places, np.rint(heights).astype(int).tolist(), strict=True)
    )
    return f"0 100%,{course},100% 100%"


@lru_cache(maxsize=16)
def _places(points: int, values: int) -> tuple[Ints, tuple[str, ...]]:
    """Where in so many values each point begins, and its place from left to right."""
    starts = np.linspace(0, values, points, endpoint=False).astype(np.int64)
    return starts, ("0", *(f"{x:.0f}%" for x in np.linspace(0, 100, points)[1:]))


def _with_silence(known: Ints, heights: Floats, points: int) -> Floats:
    """(points,) heights, of which some are known: a short silence is bridged, a long one falls to the ground."""
    every = np.arange(points)
    after = np.clip(np.searchsorted(known, every), 0, len(known) - 1)
    before = np.clip(np.searchsorted(known, every, side="right") - 1, 0, len(known) - 1)
    silent = np.maximum(known[after] - known[before], np.abs(every - known[before])) > _SILENCE
    all_heights = np.interp(every, known, heights)
    all_heights[silent & ~np.isin(every, known)] = 100
    return all_heights


PANEL = Panel("kpi", "Key figures", "speed", "full", prepare, still=partial(still, "kpi", clickable))
