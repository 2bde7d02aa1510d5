"""What panels say, read back from what they send to the browser: rows as arrays, and texts as the numbers that they are."""

import html
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from views.panel import Chart, Html, Missing, Payload, Table

FACTORS = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
MINUS, DASH = "\N{MINUS SIGN}", "\N{EN DASH}"
MARK = "\u200b"
"""Stands before names from the feed in a chart's texts, so that they mean nothing to it."""


def number(text: str) -> float:
    """A number as people read it.

    >>> number("12,430"), number("1.235 M"), number("+84"), number("±0")
    (12430.0, 1235000.0, 84.0, 0.0)
    """
    text = text.strip().replace(MINUS, "-").replace(",", "").replace("±", "")
    if text == DASH:
        return math.nan
    digits, _, prefix = text.removesuffix("/s").partition(" ")
    return float(digits) * FACTORS[prefix.strip()]


def duration(text: str) -> float:
    """Seconds.

    >>> duration("84 ms"), duration("3 min 20 s")
    (0.084, 200.0)
    """
    parts = text.split()
    return sum(float(size) * SECONDS[name] for size, name in zip(parts[::2], parts[1::2], strict=True))


@dataclass(frozen=True)
class ShownCard:
    """A key figure's texts as numbers; `share` and `silent_s` are missing where it does not say them."""

    figure: float
    change: float | None
    share: float | None = None
    silent_s: float | None = None


def card(figure: str, below: str) -> ShownCard:
    """What a card says, by the text of its figure and that below it.

    >>> card("1.2 k", "↗ +84 (+6.5%)"), card("3", "silent for 20 s")
    (ShownCard(figure=1200.0, change=84.0, share=0.065, silent_s=None), ShownCard(figure=3.0, change=None, share=None, silent_s=20.0))
    """
    if below.startswith("silent for "):
        return ShownCard(number(figure), None, None, duration(below.removeprefix("silent for ")))
    found = re.fullmatch(r"(?:mean |sum |rate )?[→↗↘] (?P<change>[^(]+?)(?: \((?P<share>.+)%\))?", below)
    if found is None:
        return ShownCard(number(figure), None)
    share = found["share"] and number(found["share"]) / 100
    return ShownCard(number(figure), number(found["change"]), share or None)


def cards(payload: Payload) -> dict[str, ShownCard]:
    """Each key figure by its name."""
    if isinstance(payload, Missing):
        return {}
    assert isinstance(payload, Html)
    found = re.findall(
        r'class="pb-name" title="(.*?)">.*?class="pb-value">(.*?)<small>.*?class="pb-change">(.*?)</div>', payload.text
    )
    return {html.unescape(name): card(figure, html.unescape(below)) for name, figure, below in found}


def bars(payload: Payload) -> dict[str, float]:
    """Each bar's number by its name, from top to bottom."""
    if isinstance(payload, Missing):
        return {}
    assert isinstance(payload, Html)
    found = re.findall(r'class="pb-name" title="(.*?)">.*?class="pb-number">(.*?)</div>', payload.text)
    return {html.unescape(name): number(text) for name, text in found}


def told_series(payload: Payload) -> int | None:
    """Of how many series the bars are the top; None where they are all."""
    found = isinstance(payload, Html) and re.search(r'class="pb-note">top \d+ of (?:about )?(.*?) · ', payload.text)
    return int(number(found[1])) if found else None


def tiles(payload: Payload) -> dict[str, str]:
    """Each tile's text by its label."""
    assert isinstance(payload, Html)
    found = re.findall(
        r'class="pb-label">(.*?)</div><b>(?:<span class="pb-icon"[^>]*>.*?</span>)?(.*?)</b>', payload.text
    )
    return dict(found)


def events(payload: Payload) -> list[dict[str, str | int]]:
    """The rows of a table, by the names of its columns."""
    if isinstance(payload, Missing):
        return []
    assert isinstance(payload, Table)
    return [dict(zip(payload.columns, row, strict=True)) for row in payload.rows]


Columns = Mapping[str, np.ndarray]
"""Of a chart's rows, or of its lines by their names."""


def rows(payload: Payload) -> Columns:
    """The columns of a chart's rows, as the browser gets them; NaN where there is no number."""
    if isinstance(payload, Missing):
        return {}
    assert isinstance(payload, Chart)
    table = pa.ipc.open_stream(payload.rows).read_all()
    return {name: np.array(table[name].to_pylist(), float) for name in table.column_names if name != "drift"}


def lines(payload: Payload) -> Columns:
    """The columns of the time series by the names in its legend."""
    if isinstance(payload, Missing):
        return {}
    assert isinstance(payload, Chart)
    shown = rows(payload)
    return {name: shown[column] for column, name in legend(payload.spec).items()}


def legend(spec: Mapping[str, object]) -> dict[str, str]:
    """The names in the legend of the time series, by their columns."""
    told = re.search(r'"labelExpr": "(\{.*?\})\[datum\.label\]"', json.dumps(spec))
    assert told, "the time series has no legend"
    names: dict[str, str] = json.loads(json.loads(f'"{told[1]}"'))
    return {column: name.removeprefix(MARK) for column, name in names.items()}


Figures = dict[str, dict[str, tuple[float, float | None]]]
"""Of each line of the statistics, by its figures' names: the number, and its change as a share where it says one."""


def statistics(text: str) -> Figures:
    """The table of statistics."""
    lines = re.findall(r'<tr(?: class="pb-every")?><th title="(.*?)">(.*?)(?=<tr|</table>)', text)
    return {
        html.unescape(name): {
            {"events": "count"}.get(figure, figure): (number(value), share_of(html.unescape(change)))
            for figure, value, change in re.findall(r'data-figure="(.*?)">(.*?)<small>(.*?)</small>', cells)
        }
        for name, cells in lines
    }


def share_of(change: str) -> float | None:
    """A change in percent as a share; None where there is none, or it is said otherwise.

    >>> share_of("↗ +25 %"), share_of("→ ±0"), share_of("↗ +1,200")
    (0.25, 0.0, None)
    """
    if change == "→ ±0":
        return 0.0
    return number(change[2:].removesuffix(" %")) / 100 if change.endswith("%") else None
