"""The parts of a panel's HTML that can be clicked on a board that stands still, and what a click on each picks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape

from state.choice import Choice
from state.filters import Filter
from state.series import NAMELESS
from views.panel import Payload
from views.picks import Pick


@dataclass(frozen=True, slots=True)
class Clickable:
    """What a panel shows, and the picks that its parts name by their place in `targets`; without those it is as live."""

    payload: Payload
    targets: tuple[Pick, ...]


def series_picks(choice: Choice, names: Iterable[str]) -> dict[str, Pick]:
    r"""Each series' name and the pick of its events alone; without those that no filter singles out.

    >>> series_picks(Choice("load", "host:port"), ["a:1", NAMELESS])
    {'a:1': Pick(range_us=None, where=('host\\:port:eq:a:1',), at_us=None)}
    """
    if not choice.by:
        return {}
    return {name: Pick(where=(str(Filter(choice.by, "eq", name)),)) for name in names if name != NAMELESS}


def marks(picks: Mapping[str, Pick]) -> dict[str, str]:
    """Each name's attributes for the element that can be clicked: `data-pick` is its place among the picks.

    >>> marks({"a": Pick()})
    {'a': ' data-pick="0" role="button" tabindex="0" aria-label="Show only a"'}
    """
    return {
        name: f' data-pick="{place}" role="button" tabindex="0" aria-label="{escape(f"Show only {name}", quote=True)}"'
        for place, name in enumerate(picks)
    }
