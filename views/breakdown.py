"""Breakdown: the largest series by the chosen aggregate over the whole window, as bars from zero."""

import math
from collections.abc import Mapping
from functools import partial
from html import escape
from itertools import islice

from state.frame import Frame
from views.clicks import still
from views.measured import total
from views.numbers import number
from views.palette import slot_color
from views.panel import Html, Panel, Payload, no_events, no_numbers
from views.targets import Clickable, marks, series_picks

BARS = 12


def prepare(frame: Frame) -> Payload:
    """One bar a series, in its slot's colour if it has one."""
    return _payload(frame, {})


def clickable(frame: Frame) -> Clickable:
    """The same, each bar a pick of its series."""
    picks = series_picks(frame.choice, islice(frame.totals, BARS))
    return Clickable(_payload(frame, marks(picks)), tuple(picks.values()))


def _payload(frame: Frame, marked: Mapping[str, str]) -> Payload:
    """The bars; `marked` has attributes of those that can be clicked."""
    if not frame.window_events:
        return no_events(frame)
    totals = {name: value for name, value in islice(frame.totals.items(), BARS) if math.isfinite(value)}
    if not totals:
        return no_numbers()
    low, high = min(0.0, *totals.values()), max(0.0, *totals.values())
    span = (high - low) or 1.0
    bars = "".join(
        _row(
            marked.get(name, ""),
            _bar(name, value, slot_color(name, frame.slots), (min(value, 0) - low) / span, abs(value) / span),
        )
        for name, value in totals.items()
    )
    more = _more(frame, len(totals))
    what = total(frame.choice)
    return Html(f'<div class="pb-bars">{bars}</div><div class="pb-note">{more}{escape(what)} over the window</div>')


def _more(frame: Frame, shown: int) -> str:
    """How many series there are beside those shown, and which of those may have more events than is known."""
    there = max(frame.series, round(frame.distinct))
    parts = [f"top {shown} of {'about ' if there > frame.series else ''}{number(there)} · "] if there > shown else []
    unsure = {name: most for name, most in frame.unsure.items() if name in frame.totals}
    if unsure:
        name, most = max(unsure.items(), key=lambda each: each[1])
        parts.append(f"up to {number(most)} events of {escape(name)} are among the rest · ")
    return "".join(parts)


def _row(mark: str, bar: str) -> str:
    """The cells of a bar; one element around them where it can be clicked."""
    return f'<div class="pb-row"{mark}>{bar}</div>' if mark else bar


def _bar(name: str, value: float, color: str, left: float, width: float) -> str:
    label = escape(name, quote=True)
    return (
        f'<div class="pb-name" title="{label}">{label}</div>'
        f'<div class="pb-bar"><i style="background:{color};margin-left:{left:.1%};width:{width:.1%}"></i></div>'
        f'<div class="pb-number">{number(value)}</div>'
    )


PANEL = Panel(
    "breakdown",
    "Breakdown",
    "leaderboard",
    "half",
    prepare,
    needs="split",
    rest_s=0.5,
    still=partial(still, "breakdown", clickable),
)
