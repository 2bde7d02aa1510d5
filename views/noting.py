"""The notes of what is shown, and the field to write another."""

import datetime as dt

import streamlit as st

from state.notes import MOST_CHARS
from state.still import Scene
from views.instants import short_instant
from views.markdown import literal
from views.moment import Moment


def show_notes(moment: Moment, scene: Scene, zone: dt.tzinfo) -> None:
    """The notes of what is shown, and the field to write another."""
    notes, at_us = moment.viewer.feed.notes, moment.memory.noting

    def write() -> None:
        try:
            moment.note(st.session_state["note-text"])
        except ValueError as problem:
            st.session_state["note-problem"] = str(problem)

    if at_us is not None:
        st.text_input(
            f"Note at {short_instant(at_us, zone, scene.to_us)}",
            key="note-text",
            max_chars=MOST_CHARS,
            placeholder="What happened here? Enter keeps it.",
            on_change=write,
        )
        st.button("No note", icon=":material/close:", type="tertiary", key="note-cancel", on_click=moment.forget_note)
        problem = st.session_state.pop("note-problem", "")
        if problem:
            st.text(problem)
    shown = notes.between(scene.from_us, scene.to_us)
    if shown:
        with st.container(horizontal=True, gap="small"):
            for note in shown:
                text = f"{short_instant(note.at_us, zone, scene.to_us)} · {note.text}"
                st.button(
                    literal(text),
                    icon=":material/close:",
                    key=f"note-{note.at_us}-{note.text}",
                    type="tertiary",
                    help="Remove this note, for all who watch the feed",
                    on_click=notes.remove,
                    args=(note,),
                )
