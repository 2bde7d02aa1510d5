"""The standard board as Streamlit's tutorials write a live one: an endless loop that draws into placeholders."""

import time
from collections import deque

import pandas as pd
import streamlit as st

from benchmarks.boards import altair_charts, summary
from benchmarks.boards.feed import HELD, SERIES, Feed

st.set_page_config("Tutorial", layout="wide")
if "events" not in st.session_state:
    st.session_state.feed = Feed()
    st.session_state.events = deque(maxlen=HELD)

metrics = [column.empty() for column in st.columns(len(SERIES))]
lines, points, bars, table = st.empty(), st.empty(), st.empty(), st.empty()

while True:
    st.session_state.events.extend(st.session_state.feed.poll())
    events = pd.DataFrame(st.session_state.events)
    events["time"] = pd.to_datetime(events["time"], unit="s")
    seconds = summary.per_second(events)

    for metric, name in zip(metrics, SERIES, strict=True):
        last, first = seconds[name].iloc[-1], seconds[name].iloc[0]
        metric.metric(name, f"{last:.1f}", f"{last - first:.1f}")
    lines.altair_chart(altair_charts.lines(seconds))
    points.altair_chart(altair_charts.points(summary.raw_points(events)))
    bars.altair_chart(altair_charts.bars(summary.histogram(events)))
    table.dataframe(summary.newest(events))
    time.sleep(1)
