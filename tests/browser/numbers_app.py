"""A table of events whose numbers are hard to show."""

import datetime as dt

import streamlit as st

from state.choice import Choice
from tests.state.lens_by_hand import table_of
from views.inspector import show_events

LOADS = (48.1, 100.0, 9.5, -3.25, 0.1)
"""Newest last."""

if __name__ == "__main__":
    events = table_of(range(len(LOADS)), load=list(LOADS))
    show_events(st.container(key="events"), [events], Choice("load", ""), dt.UTC)
