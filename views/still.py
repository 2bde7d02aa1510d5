"""A chart that hears the pointer."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from state.frame import Frame
from views.panel import Chart, Panel
from views.picks import Act


def still_chart(place: Any, panel: Panel, chart: Chart, frame: Frame, act: Act) -> None:
    """Draw the chart with its selections, once in a run that ends; what is picked on it goes to `act`.

    The panel has a `touch`. The key changes with every pick: what was selected leaves the chart with it, and may be selected again.
    """
    touch = panel.touch
    if touch is None:
        raise ValueError(f"the panel {panel.name} hears no pointer")
    turns = f"picked-{panel.name}"
    turn = st.session_state.get(turns, 0)
    key = f"{turns}-{turn}"

    def picked() -> None:
        state = st.session_state.get(key)
        selected = state.get("selection") if isinstance(state, Mapping) else None
        pick = touch.pick(frame, selected) if isinstance(selected, Mapping) else None
        # A drag ends in a click, of which the browser tells after it.
        if pick is not None and st.session_state.get(turns, 0) == turn:
            st.session_state[turns] = turn + 1
            act(pick)

    place.vega_lite_chart(
        spec={**touch.spec(frame, chart.spec), "datasets": chart.datasets},
        key=key,
        on_select=picked,
        theme="streamlit",
        width="stretch",
        height=chart.height,
    )
