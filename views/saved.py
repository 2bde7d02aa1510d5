"""Saving a board under a name, or taking it away as a file."""

import streamlit as st

from state.boards import board_names, board_toml, save_board
from state.link import write_link
from state.settings import Complaint
from views.session import Memory, may_type_addresses

_NAME = "board-name"
_OF_THE_MOMENT = ("mode", "at")
"""What of a link is no part of a board that is saved: where it was stopped."""


def show_save(memory: Memory) -> None:
    """A small form: a name, and the boards that have one."""
    link = {name: value for name, value in write_link(memory.board).items() if name not in _OF_THE_MOMENT}
    with st.popover("Save this board", icon=":material/bookmark:", width="stretch"):
        # Whoever may not say what this server connects to may not write to its disk either.
        if may_type_addresses():
            st.text_input("Name", key=_NAME, placeholder="plant-overview", max_chars=64)
            st.button("Save", icon=":material/save:", type="primary", on_click=_save, args=(memory, link))
        st.download_button(
            "Download as TOML",
            board_toml(link),
            file_name=f"{memory.saved[0] if memory.saved else 'board'}.toml",
            icon=":material/download:",
            on_click="ignore",
        )
        names = board_names()
        if names:
            st.markdown("Saved: " + " · ".join(f"[{name}](?board={name})" for name in names))
    memory.say("board")  # below: what comes and goes above it would close it


def _save(memory: Memory, link: dict[str, str | list[str]]) -> None:
    memory.touched()
    name = st.session_state[_NAME].strip()
    try:
        save_board(name, link)
    except ValueError as problem:
        memory.complaints.append(Complaint("board", str(problem)))
    else:
        memory.saved = (name, link)
