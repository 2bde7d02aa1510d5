"""The lines above and below the panels: the title, how the feed does, and the marker that machines read."""

import datetime as dt
from typing import Any

import streamlit as st

from sources.protocol import Source
from state.choice import MICROSECONDS
from state.feed import Feed
from state.frame import Frame
from state.settings import Unfinished
from views.numbers import number
from views.screen import chart_points

PAUSE_LOOKS_EVERY_S = 2.0


def show_title(source: Source | Unfinished) -> int:
    """One line: the product, and what is being watched. Gives how many points a chart may have on this screen."""
    kind = source.kind if isinstance(source, Unfinished) else source
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.markdown("### :material/monitoring: Pulseboard", width="content")
        st.markdown(f":gray[{kind.icon} {kind.title}]", width="content")
        topic = getattr(source, "topic", "")
        if topic:
            st.text(topic, width="content")  # plain text: a topic's name is a stranger's
        return chart_points()


def show_unfinished(source: Unfinished) -> None:
    """What is missing before there can be a board."""
    st.info(f"{source.kind.title} is not set up yet: see the sidebar.", icon=":material/arrow_back:")
    st.text(source.problem.message)


def show_failure(feed: Feed) -> bool:
    """The error that ended a feed, and a way to try again; True if that was asked for."""
    st.error(f"Reading {feed.source.title} has stopped.", icon=":material/error:")
    st.text(feed.status.message)
    return st.button("Try again", icon=":material/refresh:", type="primary")


def show_progress(slot: Any, feed: Feed) -> None:
    """How far the history has been read, or that the counterpart is away; nothing while all is well."""
    match feed.status.state:
        case "catching up":
            slot.progress(feed.progress(), f"Reading history · {number(feed.seen)} events so far")
        case "connecting":
            slot.progress(0.0, "Connecting …")
        case "waiting":
            with slot.container(border=True, horizontal=True, vertical_alignment="center"):
                st.markdown(":orange[:material/cloud_off:]", width="content")
                st.text(f"{feed.status.message} Trying again.", width="stretch")
        case _:
            slot.empty()


def pulse_slot() -> Any:
    """Where `show_pulse` writes: the page's marker for scripts, `st-key-pulse`."""
    return st.container(key="pulse").empty()


def show_pulse(slot: Any, frame: Frame, frames: int) -> None:
    """The newest event time, the events seen and the frame number."""
    newest = "none" if frame.newest_us is None else instant(frame.newest_us)
    slot.caption(f"newest event {newest} · events {frame.seen} · frame {frames}")


def show_pause(feed: Feed, frame: Frame, refresh_s: float) -> None:
    """When the board stands still, and how much came since; keeps the feed filling."""

    @st.fragment(run_every=PAUSE_LOOKS_EVERY_S)
    def since() -> None:
        feed.watch(refresh_s)
        came = number(feed.seen - frame.seen)
        st.markdown(f":material/pause_circle: **Paused at {instant(frame.now_us)}** · {came} events since")

    since()


def instant(time_us: int) -> str:
    """ISO 8601 in UTC, to the millisecond.

    >>> instant(1_700_000_000_123_456)
    '2023-11-14T22:13:20.123Z'
    """
    moment = dt.datetime.fromtimestamp(time_us // MICROSECONDS, dt.UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{time_us % MICROSECONDS // 1000:03}Z"
