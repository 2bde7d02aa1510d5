"""How wide the viewer's screen is, so that no chart gets more points than it has pixels to show them."""

import streamlit as st

PIXELS_PER_POINT = 2
WIDE_POINTS = 360
"""For a full-width chart of 720 px and more; also the bound of what is sent."""
_CARD_PX = 90
"""What a card's padding and a chart's axis take of a narrow page."""
_NARROW_PX = WIDE_POINTS * PIXELS_PER_POINT + _CARD_PX

# A component reports, and so reruns the page, only where the default is wrong: on a narrow page, or on one that was.
_REPORT_WIDTH = f"""
let reported = 0;
export default function ({{ setStateValue }}) {{
  const look = () => {{
    const width = window.innerWidth < {_NARROW_PX} ? Math.ceil(window.innerWidth / 20) * 20 : 0;
    if (width !== reported) {{ reported = width; setStateValue("width", width); }}
  }};
  look();
  window.addEventListener("resize", look);
  return () => window.removeEventListener("resize", look);
}}
"""


def chart_points() -> int:
    """At most so many points across a full-width chart: one per 2 px."""
    component = st.components.v2.component("pulseboard_width", js=_REPORT_WIDTH)
    width = component(key="screen", default={"width": 0}, on_width_change=lambda: None, width=1, height=1).width
    return points_for(int(width or 0))


def points_for(width_px: int) -> int:
    """One point per PIXELS_PER_POINT of a page so wide; 0 is a page wide enough for all.

    >>> points_for(0), points_for(400), points_for(60)
    (360, 155, 60)
    """
    if not width_px:
        return WIDE_POINTS
    return max(60, min(WIDE_POINTS, (width_px - _CARD_PX) // PIXELS_PER_POINT))
