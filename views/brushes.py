"""What a drag or a click on a time chart means, on a board that stands still.

The spec of such a chart is that of the live one with selections added, so that the picture stays the same. What they select comes
from the browser, which may send anything.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from views.panel import Spec
from views.picks import Pick

SPAN, SPOT, ENTRY = "span", "spot", "entry"
"""The selections: a stretch of the time axis, what was clicked in the plot, and an entry of the legend."""

Axis = tuple[int, int]
"""From and to, microseconds since the epoch."""

_STEPS = 400
"""Into so many stretches a plot is cut that hears clicks everywhere: two or three pixels each."""
_SLIP = 1 / 250
"""A drag over less than this share of the axis is none: the hand moved while it clicked, or a finger scrolled the page."""
_SHORTEST_US = 1_000
_FURTHEST_US = 2**62
_CROSS = {"cursor": "crosshair"}

Params = list[dict[str, Any]]


def hearing(fields: Sequence[str]) -> Params:
    """The selections of a layer with a time axis; a click selects the values of these fields."""
    brush = {"fill": "gray", "fillOpacity": 0.16, "stroke": "gray", "strokeOpacity": 0.5, "cursor": "crosshair"}
    span = {
        "type": "interval",
        "encodings": ["x"],
        "translate": False,
        "zoom": False,
        "clear": "window:pointercancel",
        "mark": brush,
    }
    spot = {"type": "point", "fields": list(fields), "on": "click", "toggle": False, "clear": False}
    return [{"name": SPAN, "select": span}, {"name": SPOT, "select": spot}]


def legend_hearing() -> Params:
    """The selection of a layer whose colours have a legend."""
    return [{"name": ENTRY, "select": {"type": "point", "encodings": ["color"]}, "bind": "legend"}]


def with_params(spec: Spec, params: Mapping[int, Params]) -> Spec:
    """The spec with these selections in its layers, by their numbers."""
    layers = [
        {**layer, "mark": {**layer["mark"], **_CROSS}, "params": params[number]} if number in params else layer
        for number, layer in enumerate(spec["layer"])
    ]
    return _crossed({**spec, "layer": layers})


def with_ground(spec: Spec, axis: Axis, fields: Sequence[str]) -> Spec:
    """The spec with an unseen layer under all others, which hears the pointer where there is no mark.

    Its marks have the middle of a stretch of the time axis as `t`.
    """
    start, step = axis[0] / 1000, (axis[1] - axis[0]) / 1000 / _STEPS
    ground = {
        "data": {"sequence": {"start": 0, "stop": _STEPS, "as": "i"}},
        "transform": [
            {"calculate": f"{start!r}+(datum.i+{at})*{step!r}", "as": name}
            for name, at in (("from", 0), ("t", 0.5), ("to", 1))
        ],
        "mark": {"type": "rect", "color": "transparent", "tooltip": None, **_CROSS},
        "encoding": {"x": {"field": "from", "type": "temporal"}, "x2": {"field": "to"}},
        "params": hearing(fields),
    }
    return _crossed({**spec, "layer": [ground, *spec["layer"]]})


def _crossed(spec: dict[str, Any]) -> Spec:
    """The spec with a crosshair for a pointer, on marks and between them; marks that hear clicks need it said on their own."""
    config = spec["config"]
    return Spec({**spec, "view": _CROSS, "config": {**config, "mark": {**config["mark"], **_CROSS}}})


def time_picked(selected: Mapping[str, Any], axis: Axis) -> Pick | None:
    """The stretch of the axis that was drawn over, or the instant that was clicked; None where there is neither."""
    drawn = selected.get(SPAN)
    ends = next(iter(drawn.values()), None) if isinstance(drawn, Mapping) else None
    if isinstance(ends, list):
        known = [max(axis[0], min(at, axis[1])) for at in map(instant, ends) if at is not None]
        start, end = min(known, default=0), max(known, default=0)
        if end - start >= max(_SHORTEST_US, _SLIP * (axis[1] - axis[0])):
            return Pick(range_us=(start, end))
    row = spot_row(selected)
    at = instant(row.get("m", row.get("t")))
    return Pick(at_us=at) if at is not None and axis[0] <= at <= axis[1] else None


def spot_row(selected: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was clicked in the plot: the values of its fields; empty where nothing was."""
    return first_row(selected, SPOT)


def first_row(selected: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The first of what a selection of points holds; empty where it holds nothing."""
    rows = selected.get(name)
    row = rows[0] if isinstance(rows, list) and rows else None
    return row if isinstance(row, Mapping) else {}


def number(value: object) -> float | None:
    """The value, where it is a finite number of a float's size."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        read = float(value)
    except OverflowError:
        return None
    return read if math.isfinite(read) else None


def instant(value: object) -> int | None:
    """Microseconds of epoch milliseconds."""
    milliseconds = number(value)
    at = None if milliseconds is None else round(milliseconds * 1000)
    return at if at is not None and abs(at) < _FURTHEST_US else None
