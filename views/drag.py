"""A drag over a live chart pauses the board, so that the next one can select a range of what stands still."""

import streamlit as st

from views.moment import Moment

# Of a finger on a phone a drag is a scroll.
_WATCH = """
const DISTANCE_PX = 8;
export default function ({ setTriggerValue }) {
  let from = null;
  const press = event => {
    const chart = event.target.closest?.('[class*="st-key-panel-"] :is(svg, canvas).marks');
    from = chart && event.pointerType === "mouse" && event.button === 0 ? event.clientX : null;
  };
  const move = event => {
    if (from === null || !(event.buttons & 1) || Math.abs(event.clientX - from) < DISTANCE_PX) return;
    from = null;
    setTriggerValue("drag", true);
  };
  document.addEventListener("pointerdown", press, true);
  document.addEventListener("pointermove", move, true);
  return () => {
    document.removeEventListener("pointerdown", press, true);
    document.removeEventListener("pointermove", move, true);
  };
}
"""


def watch_for_drags(moment: Moment) -> None:
    """Have a drag over a chart pause the board, where the viewer has not switched that off."""
    if moment.memory.brushing:
        component = st.components.v2.component("pulseboard_drag", js=_WATCH)
        component(key="drag", on_drag_change=moment.pause, width=1, height=1)
