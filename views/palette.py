"""The eight colours of the series, the same on a light and on a dark page."""

SLOT_COLORS = ("#036da5", "#d1680e", "#1c975b", "#c97994", "#826ed9", "#7e5f15", "#9f4666", "#1fa0c6")
"""From a numerical search near the colours of Okabe and Ito (2008) for the largest smallest distance between two of them,
to normal eyes and to those without red, green or blue cones, at a contrast of 3 or more to both backgrounds."""
NEUTRAL = "#8b8b8b"
"""For what has no slot."""


def slot_color(name: str, slots: tuple[str | None, ...]) -> str:
    """The colour of the series `name`: that of its slot, or neutral if it has none."""
    return SLOT_COLORS[slots.index(name)] if name in slots else NEUTRAL
