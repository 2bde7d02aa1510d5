"""The panels, in their order on the page."""

from state.schema import Offer
from views import breakdown, distribution, events, health, heatmap, kpi, overview, raw, series
from views.panel import Panel

PANELS: dict[str, Panel] = {
    each.PANEL.name: each.PANEL
    for each in (kpi, overview, series, raw, distribution, heatmap, breakdown, events, health)
}


def suiting(offer: Offer) -> tuple[str, ...]:
    """The panels that have something to show of such a feed, in their order on the page."""
    return tuple(name for name, panel in PANELS.items() if panel.suits(offer))
