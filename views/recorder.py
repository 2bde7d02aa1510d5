"""The flight recorder's controls: save what is held, or go on recording it. Whoever may not write here may take the file away."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import streamlit as st

from sources.recordings import ENDING, offered
from state.board import Board
from state.feed import Feed
from state.recorder import MOST_BYTES, Progress
from state.recorders import RECORDERS
from state.saving import Instants, last, recording_bytes
from state.settings import Complaint
from views.markdown import literal
from views.refusals import say_refusals, telling
from views.session import Memory, may_type_addresses

MEGABYTE = 1_000_000
BOUNDS_MB = (10, 100_000)

_SPAN, _NAME, _BOUND, _SAVED = "record-span", "record-name", "record-bound", "record-saved"
_SPANS = {"1": "1 min", "10": "10 min", "60": "60 min", "selection": "Selection"}
_SELECTED = "record-selected"
"""Where the session keeps which selection was offered last."""
_SETTING = "record"
"""Under which what could not be recorded is said."""

Tables = Callable[[], Iterable[pa.Table]]


class RecordingLine:
    """That a feed is being recorded, in one line for all who watch it, or why that has ended by itself; else nothing.

    For the loop to draw on, as on `views.header.Progress`, and beside it: in a place that no full run moves. The loop of the run
    before may still be drawing when the next one lays out the page, and the browser gives up where a path leads nowhere.
    """

    def __init__(self) -> None:
        self._place: Any = st.empty()
        self._shown: str | None = None

    def renew(self) -> None:
        """See `Page.renew`."""
        self._shown = None

    def show(self, feed: Feed) -> None:
        """Say it, unless it is said already; and why a download of what is held was refused."""
        say_refusals()
        recorder = RECORDERS.of(feed.source)
        progress = recorder.progress if recorder else Progress(running=False)
        words = recording_words(recorder.name, progress) if recorder and (progress.running or progress.message) else ""
        if words != self._shown:
            self._shown = words
            if words:
                self._place.markdown(words)
            else:  # written all the same: a fragment may only draw where the full run has
                self._place.empty()


def recording_words(name: str, progress: Progress) -> str:
    """How far a recording is, as Markdown.

    >>> print(recording_words("night", Progress(events=119_000, waiting=1_000, files=3, size=2_500_000, missed=7)))
    :red[:material/radio_button_checked:] Recording **night** · 120,000 events · 2.5 MB in 3 files · 7 missed
    """
    icon = ":red[:material/radio_button_checked:]" if progress.running else ":gray[:material/stop_circle:]"
    words = [
        f"{icon} {'Recording' if progress.running else 'Recorded'} **{name}**",
        f"{progress.events + progress.waiting:,} events",
        f"{progress.size / MEGABYTE:,.1f} MB in {progress.files} file" + ("" if progress.files == 1 else "s"),
    ]
    if progress.missed:
        words.append(f"{progress.missed:,} missed")
    # Escaped: it may repeat what a stranger's server said.
    return " · ".join(words) + (f" · {literal(progress.message)}" if progress.message else "")


def show_recorder(
    feed: Feed, board: Board, memory: Memory, *, selected: tuple[int, int] | None = None, tables: Tables | None = None
) -> None:
    """Draw the controls where the caller has put them: a popover or a section of the sidebar. For full runs only.

    selected  the paused board's selection, event times in microseconds since the epoch; offered if there is one
    tables    what this viewer holds, from which a selection is saved: the feed may have forgotten it; else from the feed
    """
    span, held = _choose_span(feed, selected, tables)
    # Whoever may not say what this server connects to may not write to its disk either.
    writes = may_type_addresses()
    if writes:
        st.text_input(
            "Name", key=_NAME, placeholder="Automatic", max_chars=64, help="Empty: named after the source and the time."
        )
    with st.container(horizontal=True):
        if writes:
            act = partial(_save, memory, feed, board, span, held)
            st.button("Save", icon=":material/save:", type="primary", key="record-save", on_click=act)
        st.download_button(
            "Download",
            telling(lambda: recording_bytes(feed, board, span(), tables=held and held())),
            file_name=f"{_automatic_name(feed)}{ENDING}",
            mime="application/vnd.apache.parquet",
            icon=":material/download:",
            key="record-download",
            on_click="ignore",
            help="One Parquet file of these events: open it here with the source `replay`, or with pandas.",
        )
    saved = st.session_state.get(_SAVED)
    if saved:
        name, events = saved
        st.markdown(f":material/check: {events:,} events saved: [{name}](?source=replay&recording={name})")
    if writes:
        _show_keeping(memory, feed, board)
    recorder = RECORDERS.of(feed.source)
    if recorder is not None:
        st.markdown(recording_words(recorder.name, recorder.progress))
    names = offered(RECORDERS.folder)
    if writes and names:
        links = " · ".join(f"[{literal(name)}](?source=replay&recording={quote(name)})" for name in names[-20:])
        st.markdown(f"Recordings: {links}")
    memory.say(_SETTING)  # below: what comes and goes above it would close a popover


def _choose_span(
    feed: Feed, selected: tuple[int, int] | None, tables: Tables | None
) -> tuple[Callable[[], Instants], Tables | None]:
    """What to save, looked up when it is saved, and who holds it."""
    options = [each for each in _SPANS if each != "selection" or selected]
    if selected != st.session_state.get(_SELECTED):  # whoever has just selected something means that
        st.session_state[_SELECTED] = selected
        st.session_state[_SPAN] = "selection" if selected else st.session_state.get(_SPAN)
    if st.session_state.get(_SPAN) not in options:
        st.session_state[_SPAN] = "10"
    chosen = st.segmented_control(
        "Save the last" if not selected else "Save the last, or the selection",
        options,
        format_func=_SPANS.__getitem__,
        required=True,
        key=_SPAN,
        width="stretch",
    )
    if chosen == "selection" and selected:
        return lambda: selected, tables
    return partial(last, feed, 60.0 * float(chosen or "10")), None


def _show_keeping(memory: Memory, feed: Feed, board: Board) -> None:
    """The buttons that begin and end a recording that goes on; what they do is of the process, so of all its viewers."""
    recorder = RECORDERS.of(feed.source)
    if recorder is not None and recorder.progress.running:
        st.button(
            "Stop recording",
            icon=":material/stop:",
            key="record-stop",
            width="stretch",
            on_click=_stop,
            args=(memory, feed),
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input(
            "Keep at most, MB",
            *BOUNDS_MB,
            value=MOST_BYTES // MEGABYTE,
            step=100,
            key=_BOUND,
            help="Of a recording that goes on, the oldest files beyond this are removed.",
        )
        st.button(
            "Keep recording",
            icon=":material/radio_button_checked:",
            key="record-keep",
            on_click=_keep,
            args=(memory, feed, board),
            help="Records from now on, whoever watches, until it is stopped. Under the name of an earlier one it goes on with that.",
        )


def _save(memory: Memory, feed: Feed, board: Board, span: Callable[[], Instants], tables: Tables | None) -> None:
    memory.touched()
    st.session_state.pop(_SAVED, None)
    name = st.session_state[_NAME].strip() or _automatic_name(feed)
    try:
        header = RECORDERS.save(name, feed, board, span(), tables=tables and tables())
    except ValueError as problem:
        memory.complaints.append(Complaint(_SETTING, str(problem)))
    else:
        st.session_state[_SAVED] = (name, header.events)


def _keep(memory: Memory, feed: Feed, board: Board) -> None:
    memory.touched()
    name = st.session_state[_NAME].strip() or _automatic_name(feed)
    try:
        RECORDERS.start(feed, board, name, int(st.session_state[_BOUND]) * MEGABYTE)
    except ValueError as problem:
        memory.complaints.append(Complaint(_SETTING, str(problem)))


def _stop(memory: Memory, feed: Feed) -> None:
    memory.touched()
    recorder = RECORDERS.of(feed.source)
    if recorder is not None:
        recorder.stop()
        recorder.join(5)  # so that what is drawn next says that it has ended


def _automatic_name(feed: Feed) -> str:
    return f"{feed.source.kind}-{datetime.now(UTC):%Y%m%d-%H%M%S}"
