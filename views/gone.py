"""What a board that stands still would show, but is not held any more."""

import datetime as dt
from dataclasses import replace
from urllib.parse import urlencode

import streamlit as st

from sources.recordings import overlapping
from sources.replay import MAX, Replay
from state.board import Board
from state.link import write_link
from state.settings import kind_of, settings_in_link
from state.still import Scene
from views.instants import short_instant
from views.moment import Moment

MOST_OFFERED = 5
"""So many recordings are offered where what would be shown is gone."""
_NO_MATTER = 50
"""A part so small of the span, one in so many, may be missing without a word: a feed's history begins somewhere."""


def show_what_is_gone(moment: Moment, scene: Scene, zone: dt.tzinfo) -> None:
    """Say it where some of what would be shown is not held, and offer the recordings that have it."""
    span = moment.viewer.held().span_us
    gone_to_us = min(span[0], scene.to_us) if span else scene.to_us
    if not moment.viewer.ready or (span and span[0] <= scene.from_us + (scene.to_us - scene.from_us) // _NO_MATTER):
        return
    if span is None:
        said = "No event of this feed is held."
    else:
        gone = (
            "Nothing of what this board would show is held" if span[0] >= scene.to_us else "What was before is not held"
        )
        said = f"{gone}: the oldest event here is of {short_instant(span[0], zone, scene.to_us)}."
    said = f":orange[:material/history_toggle_off:] {said}"
    recorded = recordings(moment.memory.board, scene.from_us, gone_to_us)
    links = [f"[{name}](?{urlencode(link, doseq=True)})" for name, link in recorded.items()]
    st.markdown(f"{said} It is recorded: {', '.join(links)}" if links else said)


def recordings(board: Board, from_us: int, to_us: int) -> dict[str, dict[str, str | list[str]]]:
    """The recordings that have some of what is gone, the most of it first, and the link of each to the same picture."""
    names = overlapping(kind_of(board.source), settings_in_link(board.source), from_us, to_us - 1)
    return {name: write_link(replace(board, source=Replay(recording=name, speed=MAX))) for name in names[:MOST_OFFERED]}
