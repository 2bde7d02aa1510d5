"""How panels stand beside each other, on the page and in what is taken from it."""

from collections.abc import Sequence

from views.panel import Panel


def rows(panels: Sequence[Panel]) -> list[list[Panel]]:
    """The panels row by row: full ones alone, halves in pairs as they follow each other."""
    grid: list[list[Panel]] = []
    for panel in panels:
        if panel.width == "half" and grid and len(grid[-1]) == 1 and grid[-1][0].width == "half":
            grid[-1].append(panel)
        else:
            grid.append([panel])
    return grid
