"""The charts of a board that stands still, and beneath them what is picked on them; with `live`, as they move.

Query: `kind` one of KINDS, `live` for frames that follow each other.
"""

import dataclasses
import datetime as dt

import streamlit as st

from sources.batch import Note
from state.choice import Choice
from state.frame import Frame
from state.live import Tick
from tests.views.sample_frames import FRAMES, NOW_US, facts, sample_frame
from views.layout import layout
from views.panel import Stand
from views.picks import Pick
from views.ticks import ticks

CHARTS = ("series", "raw", "heatmap", "distribution")
SECOND = 1_000_000


def short(seconds: float) -> Frame:
    """A frame of a short range, with one note in its middle."""
    frame = sample_frame(choice=Choice("latency_ms", "service", window_s=seconds))
    return dataclasses.replace(frame, notes=(Note(int(NOW_US - seconds * SECOND / 2), "middle"),))


KINDS = {
    **FRAMES,
    **{f"{seconds}s": lambda seconds=seconds: short(seconds) for seconds in (0.05, 1.0, 10.0, 60.0, 86_400.0)},
}


def act(pick: Pick) -> None:
    """Keep it, to be shown by the run that follows."""
    st.session_state["picks"] = [*st.session_state.get("picks", ()), pick]


if __name__ == "__main__":
    st.set_page_config(layout="wide")
    frame = KINDS[st.query_params.get("kind", "noted")]()
    shown = dataclasses.replace(facts(frame), board=dataclasses.replace(facts(frame).board, views=CHARTS))
    slots = layout(shown, lambda: None)
    with st.container(key="picks"):
        for pick in st.session_state.get("picks", ()):
            st.text(repr(pick))
    if "live" not in st.query_params:
        for slot in slots:
            slot.show_still(Tick(frame, 0.0), Stand(frame, (), dt.UTC, act))
    for turn, _ in enumerate(ticks(0.2, 60.0) if "live" in st.query_params else ()):
        moved = dataclasses.replace(frame, number=turn, times_us=frame.times_us + turn * frame.choice.bucket_us)
        notes = tuple(note for note in frame.notes if moved.start_us <= note.at_us) if turn % 20 > 4 else ()
        for slot in slots:
            slot.show(slot.prepare(Tick(dataclasses.replace(moved, notes=notes, noted=True), 0.0)))
