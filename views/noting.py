"""The notes of what is shown, and the field to write another."""

import datetime as dt

import streamlit as st

from sources.batch import NOTE_CHARS
from state.still import Scene
from views.instants import short_instant
from views.markdown import literal
from views.moment import Moment

# Without it, what is typed at once would be taken for the page's keys.
_FOCUS = """
export default function ({ parentElement }) {
  const root = parentElement.getRootNode().host ?? parentElement;
  requestAnimationFrame(() => root.closest('[role="dialog"]')?.querySelector('input[type="text"]')?.focus());
}
"""


def show_notes(moment: Moment, scene: Scene, zone: dt.tzinfo) -> None:
    """The notes of what is shown; and where an instant was picked, the field to write another, wherever the page is scrolled to."""
    if moment.memory.noting is not None:
        title = f"Note at {short_instant(moment.memory.noting, zone, scene.to_us)}"
        st.dialog(title, icon=":material/flag:", on_dismiss=moment.forget_note)(_write)(moment)
    notes = moment.viewer.feed.notes
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


def _write(moment: Moment) -> None:
    """The field, in a fragment of its own; Enter keeps what is written."""
    with st.form("note", border=False):
        text = st.text_input(
            "What happened here?", max_chars=NOTE_CHARS, help="All who watch the feed see it, and recordings keep it."
        )
        if not st.form_submit_button("Keep the note", type="primary"):
            st.components.v2.component("pulseboard_focus", js=_FOCUS)(key="note-focus", width=1, height=1)
            return
    try:
        moment.note(text)
    except ValueError as problem:
        st.text(problem)
    else:
        st.rerun()
