"""A board that stands still: one frame of what the session holds, all of it to be touched, asked and taken away."""

import time
from urllib.parse import urlencode

import streamlit as st

from state.board import Board
from state.link import write_link
from state.live import Tick
from state.statistics import statistics
from state.still import LEAD_US, Scene
from views import PANELS
from views import statistics as statistics_view
from views.downloads import Taken, show_board_downloads
from views.exports.rows import common_schema
from views.instants import viewers_zone
from views.moment import Moment
from views.page import Page
from views.panel import Stand
from views.pause import show_pause
from views.reasons import Facts
from views.screen import WIDE_POINTS
from views.slot import prepared


def show_standing(moment: Moment, board: Board, scene: Scene, whole: Scene, facts: Facts) -> None:
    """Draw it once, in a run that ends.

    whole  the window that ends at the instant of the pause
    """
    viewer = moment.viewer
    tick = Tick(viewer.still(scene, whole), time.time())
    events = viewer.events(scene)
    stand = Stand(tick.frame, events, viewers_zone(), moment.act)
    link = f"{st.context.url}?{urlencode(write_link(moment.memory.board), doseq=True)}"
    taken = Taken(board, tick.frame, stand.zone, lambda: events, common_schema(events), link)
    payloads = {name: prepared(PANELS[name], tick) for name in board.views or ()}
    show_pause(moment, board, scene, whole.to_us - 1, lambda: show_board_downloads(payloads, taken))
    _show_statistics(moment, scene, tick)
    Page(facts, moment).stand(tick, viewer.feed, stand, taken)


def _show_statistics(moment: Moment, scene: Scene, tick: Tick) -> None:
    """The figures of what is shown, beside those of the span before."""
    held = moment.viewer.held()
    span = held.span_us
    if span is None or not tick.frame.window_events:
        return
    tables = held.between(scene.before[0] - LEAD_US, scene.to_us)
    found = statistics(scene.choice, tables, (scene.from_us, scene.to_us), held_us=span[0])
    wide = scene.choice.points >= WIDE_POINTS  # on a phone, it would push the charts a long way down
    with st.expander("Statistics of what is shown", icon=":material/functions:", expanded=wide, key="statistics"):
        st.html(statistics_view.payload(found, scene.choice, tick.frame.slots).text)
