"""What the charts' Vega-Lite specs share: the time axis, names from the feed as text, the zone.

Names come from the feed and may hold anything. In a spec they stand as JSON strings, in an expression as string literals;
neither is ever parsed as code or markup.
"""

import json
from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from state.choice import MICROSECONDS, Choice
from state.frame import Floats, Ints
from views.flags import LABELS_Y
from views.numbers import DASH
from views.panel import Spec

Floats32 = npt.NDArray[np.float32]
_LARGEST = float(np.finfo(np.float32).max)

FINE_S = 10
"""Axes over less than this show milliseconds, and leave the hour to the tooltip."""

_FINE = "%H:%M:%S.%L"
_SPAN = "span(domain('x'))"
# A third of a decade, rounded to one digit, is 1, 2 or 5 times a power of ten.
_STEP = f"max(1,+format(pow(10,ceil(log({_SPAN}*110/width)*3/LN10)/3),'.1r'))"
_FINE_TICKS = f"sequence(ceil(domain('x')[0]/{_STEP})*{_STEP},peek(domain('x'))-(-1),{_STEP})"
"""Numbers: Vega tells ticks apart by their text, and that of a date has no milliseconds, so of each second one would be left."""

MOST_TICKS = 40
"""More than any screen has room for."""

_YEAR_FROM_S = 30 * 86_400
"""From so long windows on, a tooltip names the year."""

_MARK = "\u200b"
"""Zero width. In front of a name it keeps a tooltip's keys in order and from having a meaning (`title`, `__proto__`, `7`)."""

VALUE_AXIS = alt.Axis(
    minExtent=44,
    tickCount=5,
    labelExpr="format(datum.value,abs(datum.value)>=1e5?'~s':',.6~r')",  # float32 has no more digits that mean something
)
"""Wide enough for most numbers, so that the plot keeps its place when they change."""


_END = "domain('x')[1]"
_DAY = f"(timeFormat({_END},'%x')==timeFormat(now(),'%x')?'':timeFormat({_END},'%d %b %Y')+' · ')"
_ZONE = {
    "data": {"values": [{}]},
    "mark": {
        "type": "text",
        "text": {"expr": f"{_DAY}+'time in UTC'+replace(timeFormat({_END},'%Z'),'+0000','')"},
        "x": {"expr": "width"},
        "y": LABELS_Y,
        "align": "right",
        "baseline": "bottom",
        "color": "gray",
        "tooltip": None,
    },
}
"""The viewer's zone, as of the right end of the time axis, above which it stands: an old summer has another than this winter. And the
day, where it is not today."""


def literal(text: str) -> str:
    r"""`text` as a string literal of a Vega expression.

    >>> print(literal('"];alert(1)//'))
    "\"];alert(1)//"
    """
    return json.dumps(text)


def float32(values: Floats) -> Floats32:
    """Half the bytes, at seven digits; what is out of range stands at its end."""
    return np.clip(values, -_LARGEST, _LARGEST).astype(np.float32)


def constant(value: float, rows: int) -> pa.DictionaryArray:
    """A column of one number, at a byte a row."""
    return pa.DictionaryArray.from_arrays(np.zeros(rows, np.int8), pa.array([value], pa.float64()))


def copied(field: str) -> alt.FoldTransform:
    """Stands before the first transform that adds a field to the rows; `field` is any one of theirs.

    Vega has such a transform work on copies of its own, in a table with an entry for each row that ever was: with new rows at
    each tick it grows without end. What a fold has made may be changed in place.
    """
    return alt.FoldTransform.from_dict({"fold": [field]})


def time_format(choice: Choice) -> str:
    """How an axis over the window writes an instant, in d3's notation."""
    if choice.window_s < FINE_S:
        return _FINE
    if choice.window_s <= 900:  # noqa: PLR2004 - a quarter of an hour: its ticks fall between the minutes
        return "%H:%M:%S"
    for seconds, text in ((86_400, "%H:%M"), (7 * 86_400, "%d %b %H:%M"), (300 * 86_400, "%d %b")):
        if choice.window_s <= seconds:
            return text
    return "%b %Y"


def time_axis(choice: Choice, field: str, *, zooms: bool = False) -> alt.X:
    """Time, epoch milliseconds, in the browser's zone; its domain is that of the rows, without rounding.

    zooms  the rows may span much less than the window, down to milliseconds
    """
    text = f"timeFormat(datum.value, {literal(time_format(choice))})"
    ticks = "max(2, floor(width / (width < 400 ? 70 : 110)))"
    if (
        FINE_S <= choice.window_s < MOST_TICKS
    ):  # ticks of an axis that writes whole seconds are not nearer to each other
        ticks = f"min({int(choice.window_s)}, {ticks})"
    axis: dict[str, Any] = {"grid": False, "tickCount": alt.ExprRef(ticks), "labelFlush": True}
    if choice.window_s < FINE_S:
        axis["values"] = alt.ExprRef(_FINE_TICKS)
    elif zooms:
        is_fine = f"{_SPAN} < {FINE_S * 1000}"
        axis["values"] = alt.ExprRef(f"{is_fine} ? {_FINE_TICKS} : null")
        text = f"{is_fine} ? timeFormat(datum.value, '{_FINE}') : {_SPAN} < 900000 ? timeFormat(datum.value, '%H:%M:%S') : {text}"
    return alt.X(f"{field}:T").title(None).scale(nice=False).axis(labelExpr=text, **axis)


def slot_legend(names: Mapping[str, str]) -> alt.Legend:
    """Names below the chart, in as many columns as fit."""
    table = ",".join(f"{literal(slot)}:{safe_name(name)}" for slot, name in names.items())
    return alt.Legend(
        title=None,
        orient="bottom",
        direction="horizontal",
        labelExpr=f"{{{table}}}[datum.label]",
        labelLimit=130,
        columns=alt.ExprRef("max(2, floor(width / 150))"),
        symbolType="stroke",
        symbolStrokeWidth=3,
        symbolSize=160,
        offset=4,
    )


def seconds_format(step_us: float) -> str:
    """How seconds are written where instants are so far apart."""
    return "%S.%L" if step_us < MICROSECONDS else "%S"


def tooltip(choice: Choice, names: Mapping[str, str], note: str) -> alt.ExprRef:
    """The time of a bucket and the value of each slot; and the text in the field `note`, where there is one."""
    seconds = seconds_format(choice.bucket_us)
    year = " %Y" if choice.window_s > _YEAR_FROM_S else ""
    parts = [f"time:timeFormat(datum.t,'%d %b{year} %H:%M:{seconds}')"]
    for slot, name in names.items():
        value = f"datum.{slot}"
        parts.append(f"{safe_name(name)}:isValid({value})?{number_text(value)}:'{DASH}'")
    texts = f"{{{','.join(parts)}}}"
    return alt.ExprRef(f"isString(datum.{note})?merge({texts},{{changed:datum.{note}}}):{texts}")


def safe_name(name: str) -> str:
    """A name from the feed as a literal that has no meaning to Vega or to JavaScript, whatever it says."""
    return literal(_MARK + name)


def number_text(value: str) -> str:
    """An expression that writes the number `value` with five digits.

    The browser evaluates it for every mark at every tick, with an interpreter: so it is one call.
    """
    return f"format({value},',.5~r')"


def merged_bins(counts: Ints, most: int) -> tuple[int, int, int]:
    """First bin, last bin (exclusive) and width, in bins, of at most `most` groups that cover the bins that hold events.

    Groups start at whole multiples of their width, so that they stay where they are while the ends move a little.
    """
    used = np.flatnonzero(counts)
    first, last, width = int(used[0]), int(used[-1]) + 1, 1
    while -(-last // width) - first // width > most:
        width += 1
    return first // width * width, min(-(-last // width) * width, len(counts)), width


def finish(  # noqa: PLR0913 - one keyword each for what charts differ in
    chart: Any, height: int, description: str, *, zone: bool = True, canvas: bool = False, right: int = 4
) -> Spec:
    """The chart's spec, validated, with what all charts share: little padding, and the zone if time has an axis.

    right   pixels to the right of the plot, for labels that stand out
    canvas  for marks by the hundred, which cost the browser about half of what as many SVG elements do
    """
    if canvas:
        chart = chart.properties(usermeta={"embedOptions": {"renderer": "canvas"}})
    spec = Spec(
        chart.properties(
            height=height,
            description=description,
            padding={"left": 0, "top": 4, "right": right, "bottom": 2},
            autosize=alt.AutoSizeParams(type="fit", contains="padding"),
        )
        .configure_axis(titlePadding=8, labelPadding=6)
        .configure_mark(aria=False)
        .to_dict()
    )
    if zone:
        drawn = {"layer": spec["layer"], "encoding": spec.pop("encoding")} if "encoding" in spec else None
        spec["layer"] = [*([drawn] if drawn else spec["layer"]), _ZONE]  # which shares no encoding with the rows
    del spec["$schema"], spec["config"]["view"]  # the spec travels with every frame, and these are of no use there
    return spec
