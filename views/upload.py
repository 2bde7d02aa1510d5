"""A file of the viewer's own, played as a recording."""

import streamlit as st

from sources.errors import BadSettings
from sources.recordings import ENDINGS
from sources.replay import Replay
from sources.replay_uploads import keep
from views.form import widget_key
from views.session import Memory, warn

_UPLOAD = "recording-upload"
_REFUSED = "recording-upload-refused"
"""Which file was, as Streamlit numbers it, and why."""


def show_upload(memory: Memory) -> None:
    """Draw the uploader. What is uploaded becomes the recording that is chosen, for whoever opens the link, too."""
    file = st.file_uploader(
        "Upload a file",
        [*ENDINGS, ".gz"],
        key=_UPLOAD,
        help="A recording, or CSV, JSON, lines of text or Parquet; text also as .gz. Whoever has the board's link can "
        "open it, as long as it is kept: while the app runs, and until newer uploads need the room.",
        on_change=_play,
        args=(memory,),
    )
    number, why = st.session_state.get(_REFUSED, ("", ""))
    if file is not None and file.file_id == number:  # for as long as it is listed, since it looks as if it were played
        warn(f"{why}. This file is not played, but what was chosen before it.")


def _play(memory: Memory) -> None:
    memory.touched()
    file = st.session_state[_UPLOAD]
    if file is None:  # taken out of the uploader: what is played stays
        return
    try:
        name = keep(file, file.name)
    except BadSettings as problem:
        st.session_state[_REFUSED] = (file.file_id, str(problem))
        return
    st.session_state[widget_key(Replay.kind, "recording")] = name
    if st.session_state.get(widget_key(Replay.kind, "path")):
        st.session_state[widget_key(Replay.kind, "path")] = ""
