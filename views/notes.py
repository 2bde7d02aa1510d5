"""What viewers have written beside instants, as small flags on the charts that have a time axis.

The flags are rows of a dataset of their own, so a chart without them is as light as ever, and its rows stay as they are.
"""

from typing import Any

import altair as alt
import numpy as np

from sources.batch import Note
from state.frame import Frame
from views.panel import NOTES, arrow_stream

MOST = 50
"""So many flags are drawn, those of the newest instants: more would hide what they stand beside."""
_ROOM = 0.05
"""A label with less room than this share of the axis would be an ellipsis, and is left to the tooltip."""

# A line as high as the plot, and a pennant at its top.
_FLAG = "M0,1L0,-1l.06,.025l-.06,.025Z"
_ZONE = 96
"""Room at the right of the line of labels, for the name of the zone."""


def flags() -> list[Any]:
    """The layers that draw them on the scale `x`: to be laid over what hears the pointer."""
    chart = alt.Chart(alt.NamedData(NOTES))
    x = "scale('x',datum.t)"
    tip = alt.ExprRef("{time:timeFormat(datum.t,'%d %b %H:%M:%S.%L'),note:datum.note}")
    look = {"color": "currentColor", "tooltip": tip}
    # Not encoded: often there is none, and so no domain.
    flag = chart.mark_point(
        shape=_FLAG, size=alt.ExprRef("pow(height,2)"), strokeWidth=1, filled=True, opacity=0.75,
        x=alt.ExprRef(x), y=alt.ExprRef("height/2"), stroke="currentColor", **look,
    )  # fmt: skip
    left, edge = "datum.room<0", f"width-{_ZONE}"
    label = chart.mark_text(
        fontSize=11, y=-9, opacity=0.75, baseline="middle",
        x=alt.ExprRef(f"{left}?min({x},{edge}):{x}"),
        align=alt.ExprRef(f"{left}?'right':'left'"),
        limit=alt.ExprRef(f"max(1,{left}?-datum.room*width-8:min(datum.room*width-8,{edge}-{x}))"),
        text=alt.ExprRef(f"abs(datum.room)<{_ROOM}?'':datum.note"),
        **look,
    )  # fmt: skip
    return [flag, label]


def flag_rows(frame: Frame, from_us: int, to_us: int) -> bytes:
    """The notes of an axis from here to there, as the rows that `flags` draws; b"" where there is none.

    t     its instant, epoch milliseconds
    note  its text; that of several at one instant in one line
    room  the share of the axis that its label may take, to its right, or if negative to its left; 0 for no label
    """
    texts: dict[int, str] = {}
    for note in within(frame.notes, from_us, to_us)[-MOST:]:
        before = texts.get(note.at_us)
        texts[note.at_us] = f"{before}; {note.text}" if before else note.text
    if not texts:
        return b""
    rooms = _rooms([(at - from_us) / max(1, to_us - from_us) for at in texts])
    return arrow_stream(
        {
            "t": np.array(list(texts)) / 1000,
            "note": list(texts.values()),
            "room": np.array(rooms, np.float32),
        }
    )


def within(notes: tuple[Note, ...], from_us: int, to_us: int) -> tuple[Note, ...]:
    """The notes from here to there, both included."""
    return tuple(note for note in notes if from_us <= note.at_us <= to_us)


def _rooms(places: list[float]) -> list[float]:
    """The room of the label at each place, 0 to 1 and rising; negative to the left of it.

    >>> [round(room, 2) for room in _rooms([0.1, 0.5, 0.52, 0.9, 0.99])]
    [0.4, 0.0, 0.38, 0.09, 0.0]
    >>> [round(room, 2) for room in _rooms([0.2, 0.98])]
    [0.78, -0.78]
    """
    rooms: list[float] = []
    free_from = 0.0
    for place, end in zip(places, [*places[1:], 1.0], strict=True):
        right, left = end - place, place - free_from
        if right >= _ROOM:
            rooms.append(right)
            free_from = end
        else:
            rooms.append(-left if left >= _ROOM else 0.0)
            free_from = place
    return rooms
