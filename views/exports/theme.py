"""The page's look as a Vega-Lite config, for charts that are shown without Streamlit."""

from typing import Any, Literal

from views.palette import SLOT_COLORS

Look = Literal["light", "dark"]

BACKGROUND: dict[Look, str] = {"light": "#ffffff", "dark": "#12161b"}
CARD: dict[Look, str] = {"light": "#f4f5f7", "dark": "#1b2128"}
TEXT: dict[Look, str] = {"light": "#1f2428", "dark": "#e3e6e9"}
BORDER: dict[Look, str] = {"light": "#dfe2e5", "dark": "#2d343c"}
ACCENT: dict[Look, str] = {"light": "#036da5", "dark": "#4fa8e8"}
SEQUENTIAL: dict[Look, tuple[str, ...]] = {
    "light": (
        "#dcecf7", "#c2ddf0", "#a5cde8", "#86bbdf", "#66a8d4", "#4793c6", "#2c7db4", "#17669e", "#0a4f85", "#04396a",
    ),
    "dark": (
        "#123250", "#124569", "#145983", "#1a6e9d", "#2a84b5", "#4599c9", "#66aed8", "#8ac3e5", "#afd8f0", "#d6edfa",
    ),
}  # fmt: skip
"""As in .streamlit/config.toml, which says what they are for; a test keeps the two alike."""

FONT = "'Source Sans', 'Source Sans Pro', 'Source Sans 3', system-ui, sans-serif"
_FADED, _FAINT = 0.6, 0.1


def theme(look: Look) -> dict[str, Any]:
    """The config of a chart: what Streamlit 1.67's own theme makes of ours, in its sizes and shades."""
    text, faint, ramp = _shade(TEXT[look], _FADED), _shade(TEXT[look], _FAINT), list(SEQUENTIAL[look])
    return {
        "font": FONT,
        "background": BACKGROUND[look],
        "title": {"color": TEXT[look], "fontSize": 13, "fontWeight": 600},
        "axis": {
            "labelColor": text,
            "labelFontSize": 11,
            "titleColor": text,
            "titleFontSize": 13,
            "titleFontWeight": "normal",
            "ticks": False,
            "domain": False,
            "domainColor": faint,
            "gridColor": faint,
            "labelFlushOffset": 1,
            "labelBound": False,
            "labelLimit": 100,
            "labelSeparation": 4,
            "labelOverlap": True,
        },
        "legend": {
            "labelColor": text,
            "labelFontSize": 13,
            "titleColor": text,
            "titleFontSize": 13,
            "titleFontWeight": "normal",
            "titlePadding": 8,
            "columnPadding": 8,
            "rowPadding": 4,
            "padding": 8,
            "symbolStrokeWidth": 4,
        },
        "range": {"category": list(SLOT_COLORS), "ramp": ramp, "heatmap": ramp},
        "view": {"stroke": "transparent"},
        "mark": {"color": SLOT_COLORS[0]},
    }


def _shade(color: str, opacity: float) -> str:
    """`#rrggbb` at an opacity.

    >>> _shade("#1f2428", 0.6)
    'rgba(31,36,40,0.6)'
    """
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"
