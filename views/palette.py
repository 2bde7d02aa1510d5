"""The eight colours of the series, the same on a light and on a dark page."""

SLOT_COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a63d2", "#998833", "#882255", "#55aacc")
NEUTRAL = "#8b8b8b"
"""For what has no slot."""


def slot_color(name: str, slots: tuple[str | None, ...]) -> str:
    """The colour of the series `name`: that of its slot, or neutral if it has none."""
    return SLOT_COLORS[slots.index(name)] if name in slots else NEUTRAL
