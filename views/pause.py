"""The pause: the button that begins it, and the bar of a board that stands still or is played."""

import datetime as dt
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from state.board import Board
from state.choice import MICROSECONDS
from state.playback import SPEEDS, Playback
from state.still import Scene
from state.viewer import Viewer
from views.chips import show_chips
from views.drag import watch_for_drags
from views.gone import show_what_is_gone
from views.instants import short_instant, typed_instant, viewers_zone
from views.markdown import literal
from views.moment import Moment
from views.navigator import show_navigator
from views.noting import show_notes
from views.numbers import duration, number
from views.recorder import show_recorder

PAUSE_LOOKS_EVERY_S = 2.0
PAUSE_KEY, LIVE_KEY = "P", "L"
TIMES = "\N{MULTIPLICATION SIGN}"


def show_pause_button(line: Any, moment: Moment) -> None:
    """One press, or one key, and the frame on screen stands still. Beside it, what is held can be saved."""
    with line:
        st.button("Pause", icon=":material/pause:", shortcut=PAUSE_KEY, key="pause-button", on_click=moment.pause)
        with st.popover("Record", icon=":material/radio_button_checked:", key="record"):
            show_recorder(moment.viewer.feed, moment.memory.board, moment.memory)
        watch_for_drags(moment)


def show_pause(moment: Moment, board: Board, scene: Scene, at_us: int, show_downloads: Callable[[], None]) -> None:
    """Where a board stands, what came since, and all that moves it; and what of it can be kept or taken away.

    at_us  the instant of the pause
    """
    zone = viewers_zone()
    with _bar():
        with _row():
            _show_since(moment.viewer, at_us, board.refresh_s, zone)
            with st.popover("Take away", icon=":material/download:", key="take"):
                show_downloads()
            with st.popover("Record", icon=":material/radio_button_checked:", key="record"):
                viewer, shown = moment.viewer, (scene.from_us, scene.to_us)
                tables = partial(viewer.held().between, *shown)
                memory = moment.memory
                show_recorder(viewer.feed, memory.board, memory, selected=(shown[0], shown[1] - 1), tables=tables)
            _show_resume(moment)
        show_navigator(moment, scene, at_us, zone)
        with _row():
            _show_play(moment, scene, at_us)
            _show_range(moment, board, scene, zone)
        show_chips(st, board.where, moment.drop_filter)
        show_what_is_gone(moment, scene, zone)
        show_notes(moment, scene, zone)


class PlayingBar:
    """The bar of a board that is played: how far it is."""

    def __init__(self, moment: Moment, playback: Playback) -> None:
        self._playback = playback
        self._zone = viewers_zone()
        with _bar(), _row():
            self._place: Any = st.container(width="stretch")
            for speed in SPEEDS:
                if speed != playback.speed:
                    _show_speed(speed, partial(moment.play_at, playback, speed))
            _show_resume(moment)

    def show(self) -> None:
        """Say where it is, in the place of what it said before."""
        playback = self._playback
        start_us, end_us = playback.span_us
        share = (playback.at_us - start_us) / max(1, end_us - start_us)
        at = short_instant(playback.at_us, self._zone, end_us, exact=False)
        self._place = self._place.progress(min(1.0, max(0.0, share)), f"Playing at {playback.speed:g}{TIMES} · {at}")


def _bar() -> Any:
    return st.container(border=True, key="pause", gap="small")


def _row() -> Any:
    return st.container(horizontal=True, vertical_alignment="center", gap="small")


def _show_resume(moment: Moment) -> None:
    st.button("Back to live", icon=":material/play_arrow:", shortcut=LIVE_KEY, on_click=moment.resume, key="resume")


def _show_since(viewer: Viewer, at_us: int, refresh_s: float, zone: dt.tzinfo) -> None:
    """When the board stands still, and how much came since; keeps the feed filling."""

    @st.fragment(run_every=PAUSE_LOOKS_EVERY_S)
    def since() -> None:
        viewer.feed.watch(refresh_s, id(viewer))
        now_us = int(time.time() * MICROSECONDS)
        at = f"**Paused at {short_instant(at_us, zone, now_us)}** :gray[{literal(str(zone))}]"
        st.markdown(f":material/pause_circle: {at} · {_came(viewer, at_us)}")
        if not viewer.ready and viewer.feed.wait_for_history(0.0):
            st.rerun()  # what the board shows is there now

    with st.container(width="stretch"):
        since()


def _came(viewer: Viewer, at_us: int) -> str:
    """What came since, or why that can't be said."""
    if not viewer.ready:
        return "reading the feed's history …"
    if viewer.feed.join(0):
        return "the feed has been let go since; what was held is kept"
    return f"{number(viewer.came_since(at_us))} events since"


def _show_play(moment: Moment, scene: Scene, at_us: int) -> None:
    """Play on from here, or, where a range is looked at, from its start."""
    from_us = at_us if scene.cut else scene.from_us
    st.markdown(":gray[Play]", width="content")
    for speed in SPEEDS:
        _show_speed(speed, partial(moment.play, from_us, speed))


def _show_speed(speed: float, play: Callable[[], None]) -> None:
    text = f"{speed:g}{TIMES}"
    st.button(text, key=f"play-{speed:g}", type="tertiary", on_click=play, help=f"Play on from here at {text}")


def _show_range(moment: Moment, board: Board, scene: Scene, zone: dt.tzinfo) -> None:
    """From and to, typed; and the ways out."""
    ends = {"from": scene.from_us, "to": scene.to_us}
    # A field of its own for each instant: a browser that is behind would say again what one held before.
    keys = {name: f"range-{name}-{us}" for name, us in ends.items()}

    def typed(name: str) -> None:
        try:
            start, end = (typed_instant(st.session_state[key], zone, scene.to_us) for key in keys.values())
            if start >= end:  # the other end goes along
                length = scene.to_us - scene.from_us
                start, end = (end - length, end) if name == "to" else (start, start + length)
            moment.look_at(start, end)
        except ValueError as problem:
            st.session_state["range-problem"] = str(problem)

    for name, us in ends.items():
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", width="content"):
            st.markdown(f":gray[{name.capitalize()}]", width="content")
            st.text_input(
                name.capitalize(),
                short_instant(us, zone, scene.to_us),
                key=keys[name],
                on_change=typed,
                args=(name,),
                width=120,
                label_visibility="collapsed",
                help=f"Where the range {'begins' if name == 'from' else 'ends'}: a time of day, or an ISO instant.",
            )
    st.markdown(f":gray[{duration((scene.to_us - scene.from_us) / MICROSECONDS)}]", width="content")
    wider = partial(moment.zoom_out, scene.from_us, scene.to_us)
    ways: list[tuple[str, str, Callable[[], None], bool]] = [
        ("Zoom out", "zoom_out", wider, True),
        ("Whole window", "fit_width", moment.look_at_all, bool(board.range)),
        ("Back", "undo", moment.back, bool(moment.memory.looked)),
    ]
    for label, icon, way, possible in ways:
        if possible:
            st.button(label, icon=f":material/{icon}:", type="tertiary", on_click=way, key=f"look-{icon}")
    problem = st.session_state.pop("range-problem", "")
    if problem:
        st.text(problem)
