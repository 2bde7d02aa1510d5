"""A file of the viewer's own, played as a recording."""

import streamlit as st

from sources.errors import BadSettings
from sources.recordings import ENDINGS
from sources.replay import Replay
from sources.replay_uploads import keep
from state.settings import Complaint
from views.form import widget_key
from views.session import Memory

_UPLOAD = "recording-upload"


def show_upload(memory: Memory) -> None:
    """Draw the uploader. What is uploaded becomes the recording that is chosen, for whoever opens the link, too."""
    st.file_uploader(
        "Upload a file",
        [*ENDINGS, ".gz"],
        key=_UPLOAD,
        help="A recording, or CSV, JSON, lines of text or Parquet; text also as .gz. Whoever has the board's link can "
        "open it, as long as it is kept: while the app runs, and until newer uploads need the room.",
        on_change=_play,
        args=(memory,),
    )


def _play(memory: Memory) -> None:
    memory.touched()
    file = st.session_state[_UPLOAD]
    if file is None:  # taken out of the uploader: what is played stays
        return
    try:
        name = keep(file, file.name)
    except BadSettings as problem:
        memory.complaints.append(Complaint(problem.setting, str(problem)))
        return
    st.session_state[widget_key(Replay.kind, "recording")] = name
    if st.session_state.get(widget_key(Replay.kind, "path")):
        st.session_state[widget_key(Replay.kind, "path")] = ""
