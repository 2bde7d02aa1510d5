"""A panel's chart as a Vega-Lite spec that stands alone, with its data and our look."""

import copy
from collections.abc import Iterator
from typing import Any, Literal

import altair as alt
import numpy as np
import pyarrow as pa

from views import vega
from views.exports.picking import without_picking
from views.exports.theme import Look, theme
from views.panel import Chart, Panel

WIDTHS = {"full": 960, "half": 560}
"""Of a chart that stands alone, by its panel's width on the page, in pixels."""


def vega_lite(
    panel: Panel,
    chart: Chart,
    *,
    look: Look | None = "light",
    width: int | Literal["container"] | None = None,
    titled: bool = True,
) -> dict[str, Any]:
    """The chart as anybody's Vega-Lite draws it: schema, rows, size, title, colours and fonts. JSON's types throughout.

    look    None to leave colours and fonts to whoever draws it
    width   None for what suits the panel
    titled  whether it says itself what it shows
    """
    spec = _clipped(without_picking(copy.deepcopy(dict(chart.spec))))
    spec.pop("usermeta", None)
    spec["autosize"] = {
        **spec["autosize"],
        "resize": True,
    }  # a legend of several rows is known after a first layout alone
    pixels = width or WIDTHS[panel.width]
    if titled:
        zone = spec["title"]["text"]["expr"] if "title" in spec else ""
        said = vega.literal(" ".join(spec["description"].split()))
        spec["title"] = {
            "text": {"expr": f"{said} + ' · ' + {zone}" if zone else said},
            "anchor": "start",
            "offset": 10,
        }
        if isinstance(pixels, int):
            spec["title"]["limit"] = pixels
        spec["padding"] = {side: max(each, 10) for side, each in spec["padding"].items()}
    if look is not None:
        spec["config"] = merged(theme(look), spec["config"])
    streams: dict[str, bytes] = chart.datasets
    datasets = {name: plain_rows(stream) for name, stream in streams.items()}
    return {
        "$schema": alt.SCHEMA_URL,
        **spec,
        "width": pixels,
        "datasets": {name: [] for name in _named(spec)} | datasets,
    }


def _clipped(part: Any) -> Any:
    """The spec with what is as high as the plot kept inside of it."""
    if isinstance(part, list):
        return [_clipped(each) for each in part]
    if not isinstance(part, dict):
        return part
    made = {key: _clipped(each) for key, each in part.items()}
    if made.get("type") == "point" and isinstance(made.get("size"), dict):
        made["clip"] = True  # before its size is settled, it would push aside what stands above the plot
    return made


def _named(part: Any) -> Iterator[str]:
    """The datasets that a spec names."""
    if isinstance(part, dict):
        data = part.get("data")
        if isinstance(data, dict) and isinstance(data.get("name"), str):
            yield data["name"]
    for each in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _named(each)


def merged(base: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Both, `more` where they differ.

    >>> merged({"axis": {"ticks": False, "grid": True}}, {"axis": {"grid": False}})
    {'axis': {'ticks': False, 'grid': False}}
    """
    made = dict(base)
    for key, value in more.items():
        both = isinstance(value, dict) and isinstance(made.get(key), dict)
        made[key] = merged(made[key], value) if both else value
    return made


def plain_rows(stream: bytes) -> list[dict[str, Any]]:
    """The rows of an Arrow stream as JSON has them.

    A number that is none, which breaks a line, is left out of its row, since JSON knows none; null, which a line passes over,
    stays. Numbers of 32 bits are written as short as they are known.
    """
    table = pa.ipc.open_stream(stream).read_all()
    columns = [_values(column) for column in table.columns]
    return [
        {name: value for name, value in zip(table.column_names, row, strict=True) if value is not _NO_NUMBER}
        for row in zip(*columns, strict=True)
    ]


_NO_NUMBER = object()


def _values(column: pa.ChunkedArray) -> list[Any]:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_boolean(column.type) or not pa.types.is_floating(column.type):
        return column.to_pylist()  # type: ignore[no-any-return]
    values = column.to_numpy()
    if pa.types.is_float32(column.type):
        values = values.astype(np.float32).astype(np.str_)
    known = column.is_valid().to_pylist()
    return [_number(float(value)) if valid else None for value, valid in zip(values, known, strict=True)]


def _number(value: float) -> Any:
    if not np.isfinite(value):
        return _NO_NUMBER
    return int(value) if value.is_integer() and abs(value) < 2**53 else value
