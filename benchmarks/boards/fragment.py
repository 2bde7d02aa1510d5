"""The standard board as Streamlit's documentation writes a live one: a fragment that runs every second."""

from collections import deque

import pandas as pd
import streamlit as st

from benchmarks.boards import altair_charts, summary
from benchmarks.boards.feed import HELD, SERIES, Feed

st.set_page_config("Fragment", layout="wide")
if "events" not in st.session_state:
    st.session_state.feed = Feed()
    st.session_state.events = deque(maxlen=HELD)


@st.fragment(run_every=1)
def board() -> None:
    """All panels, drawn anew."""
    st.session_state.events.extend(st.session_state.feed.poll())
    events = pd.DataFrame(st.session_state.events)
    events["time"] = pd.to_datetime(events["time"], unit="s")
    seconds = summary.per_second(events)

    for column, name in zip(st.columns(len(SERIES)), SERIES, strict=True):
        last, first = seconds[name].iloc[-1], seconds[name].iloc[0]
        column.metric(name, f"{last:.1f}", f"{last - first:.1f}")
    st.altair_chart(altair_charts.lines(seconds))
    st.altair_chart(altair_charts.points(summary.raw_points(events)))
    st.altair_chart(altair_charts.bars(summary.histogram(events)))
    st.dataframe(summary.newest(events))


board()
