"""A page of a sample board from which everything can be taken away; it says in its log when rows are asked for."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pyarrow as pa
import streamlit as st

from sources.simulated import Simulated
from state.board import Board
from tests.state.lens_by_hand import table_of
from tests.views.sample_frames import hostile_frame, sample_frame
from views import PANELS
from views.downloads import Taken, show_board_downloads, show_chart_downloads
from views.exports.rows import common_schema

ASKED = "the rows were asked for"

if __name__ == "__main__":
    hostile = hostile_frame()
    hostile = replace(hostile, choice=replace(hostile.choice, where=()))  # a board has filters that are filters
    frame = hostile if "hostile" in st.query_params else sample_frame()
    held = [frame.newest] * 2
    if "long" in st.query_params:
        text = pa.array(["x" * 200_000]).dictionary_encode()
        held = [table_of(range(2000), text=pa.concat_arrays([text] * 2000))]

    def tables():
        print(ASKED, flush=True)  # noqa: T201 - read by the test
        return held

    payloads = {name: panel.prepare(frame) for name, panel in PANELS.items()}
    board = Board(Simulated(), tuple(PANELS))
    zone = ZoneInfo(st.context.timezone or "UTC")
    taken = Taken(board, frame, zone, tables, common_schema(held), link=st.context.url or "")
    st.session_state["runs"] = st.session_state.get("runs", 0) + 1
    st.container(key="runs").text(f"run {st.session_state['runs']}")
    show_board_downloads(payloads, taken)
    for name, panel in PANELS.items():
        with st.container(border=True, horizontal=True, key=f"head-{name}"):
            st.markdown(panel.title, width="content")
            show_chart_downloads(panel, payloads[name], taken)
