"""What viewers have written beside instants, as small flags on the charts that have a time axis.

The flags are rows of a dataset of their own, so a chart's rows stay as they are. The layer that draws them is in the specs of feeds
that have a note, of whatever instant: the first one rebuilds the charts, and no other does.
"""

from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from state.frame import Frame
from views.panel import NOTES, Spec, arrow_stream

MOST = 50
"""So many flags are drawn, those of the newest instants: more would hide what they stand beside."""
_LEAST = 36
"""Pixels; a shorter label would be an ellipsis."""
_ZONE = 176
"""Room at the right of the line of labels, for the name of the zone."""
LABELS_Y = -5
"""Labels and the zone stand in one line above the plot, so that the plot keeps its place when a note comes or goes."""

_X = "scale('x',datum.t)"
_BEFORE, _AFTER = f"({_X}-datum.left*width)", f"({_X}+datum.right*width)"


def _near_the_end(x: str) -> str:
    return f"{x}>width-{_ZONE + _LEAST}"


# The first label that has no room beside the zone's name stands left of its flag, and shares that room with the one before.
_LEFT = f"({_near_the_end(_X)}&&!({_near_the_end(_BEFORE)}))"
_SHARES = f"({_AFTER}<=width&&!({_near_the_end(_X)})&&{_near_the_end(_AFTER)})"
_END = f"width-{_ZONE}"
_LIMIT = (
    f"({_LEFT}?(min({_X},{_END})-max(0,{_BEFORE}))/({_BEFORE}<0?1:2):(min({_AFTER},{_END})-{_X})/({_SHARES}?2:1))-8"
)
_TEXT = "luminance(background)<.2?'#e3e6e9':'#1f2428'"  # currentColor is black on a canvas
_TOOLTIP = "{time:timeFormat(datum.t,'%d %b %H:%M:%S.%L'),note:datum.note}"
_FLAG = {
    "type": "point",
    "shape": "M-.004,1V-1H.055L.004,-.955V1Z",  # a line as high as the plot, and a pennant at its top
    "size": {"expr": "pow(height,2)"},
    "filled": True,
    "x": {"expr": _X},
    "y": {"expr": "height/2"},
}
_LABEL = {
    "type": "text",
    "x": {"expr": f"min({_X},{_LEFT}?width-{_ZONE}:1e9)"},
    "y": LABELS_Y,
    "align": {"expr": f"{_LEFT}?'right':'left'"},
    "baseline": "bottom",
    "limit": {"expr": f"max(1,{_LIMIT})"},
    "text": {"expr": f"({_LIMIT})<{_LEAST}?'':datum.note"},
}
_FLAGS: dict[str, Any] = {
    "data": {"name": NOTES},
    "encoding": {"color": {"value": {"expr": _TEXT}}, "tooltip": {"value": {"expr": _TOOLTIP}}},
    "layer": [{"mark": _FLAG}, {"mark": _LABEL}],
}
"""The layer that draws them, over what hears the pointer. No field is encoded: often there is no row, and so no domain."""


def flagged(spec: Spec, frame: Frame) -> Spec:
    """The spec with the layer of the flags, where there may be any."""
    return _with_flags(spec) if frame.noted or frame.notes else spec


@lru_cache(maxsize=256)
def _with_flags(spec: Spec) -> Spec:
    return Spec({**spec, "layer": [*spec["layer"], _FLAGS]})


def flag_rows(frame: Frame, from_us: int, to_us: int) -> bytes:
    """The notes of an axis from here to there, as the rows that `flags` draws; b"" where there is none.

    t      its instant, epoch milliseconds
    note   its text; that of several at one instant in one line
    left   the share of the axis between it and the flag before; of the first, more than there is
    right  the share of the axis between it and the next flag; of the last, all
    """
    texts: dict[int, str] = {}
    # An axis may be shorter than the frame whose notes these are.
    shown = [note for note in frame.notes if from_us <= note.at_us <= to_us]
    for note in shown[-MOST:]:
        before = texts.get(note.at_us)
        texts[note.at_us] = f"{before}; {note.text}" if before else note.text
    if not texts:
        return b""
    places = [(at - from_us) / max(1, to_us - from_us) for at in texts]
    steps = [after - before for before, after in pairwise(places)]
    return arrow_stream(
        {
            "t": np.array(list(texts)) / 1000,
            "note": list(texts.values()),
            "left": np.array([2.0, *steps], np.float32),
            "right": np.array([*steps, 1.0], np.float32),
        }
    )
