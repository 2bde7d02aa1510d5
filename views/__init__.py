"""The panels, in their order on the page."""

from views import breakdown, distribution, events, health, heatmap, kpi, raw, series
from views.panel import Panel

PANELS: dict[str, Panel] = {
    each.PANEL.name: each.PANEL for each in (kpi, series, raw, distribution, heatmap, breakdown, events, health)
}
