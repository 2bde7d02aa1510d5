"""A board's chart as a script for pandas and Altair, which reads the rows from a Parquet file.

Names and values of the feed stand in it as Python literals, or in comments of one line, and so are never code.
"""

import pyarrow as pa

from sources.batch import TIME
from state.choice import MICROSECONDS, Choice
from state.filters import parse_filter
from state.frame import Frame
from state.measure import Measure
from state.series import NAMELESS, OTHER
from views.exports.script_charts import CHARTS
from views.exports.script_filters import HELPERS, condition, instant, type_of
from views.exports.script_values import aggregated, columns, usable
from views.measured import quantity


def pandas_script(panel: str, frame: Frame, schema: pa.Schema, recording: str) -> str | None:
    """The script of a panel's chart; None for a panel that is no chart.

    It leaves the numbers in `table`, one row a bucket and one column a series, where the panel shows such, and the picture in
    `chart`. They are those of the board, with what its comments say is approximate.

    schema     the columns of the recording, as `common_schema` gives them
    recording  the file's path or address
    """
    if panel not in CHARTS:
        return None
    choice, measure = frame.choice, frame.choice.read
    aggregates = panel in {"series", "breakdown"}
    kept = [parse_filter(text) for text in (*choice.where, *measure.where)]
    body = [
        "# What the board shows: its window, and what passes its filters.",
        f"start, end = {instant(frame.start_us)}, {instant(frame.now_us)}",
        f"buckets = pd.date_range(start, periods={len(frame.times_us)}, freq={_width(choice)!r})",
        f"events = events[(events[{TIME!r}] >= start) & (events[{TIME!r}] <= end)].sort_values({TIME!r}, kind='stable')",
        *(line for each in kept for line in condition(each, schema)),
        "",
        f"# One row an event: when, of which series, how much.{_units(measure, schema)}",
        "rows = pd.DataFrame(",
        "    {",
        f"        'time': events[{TIME!r}].astype('datetime64[us, UTC]'),",
        f"        'series': {_series(choice, schema)},",
        *(f"        {name!r}: {made}," for name, made in columns(choice, schema).items()),
        "    }",
        ")",
        *_shown(frame),
        *usable(choice, schema, spread=aggregates),
        *(aggregated(choice, schema) if aggregates else ()),
        "",
        "# And the picture.",
        *CHARTS[panel](frame),
    ]
    used = "\n".join(body)
    return "\n".join(
        [
            f"# {_comment(quantity(choice))}",
            f"# {_iso(frame.start_us)} to {_iso(frame.now_us)}, as a board of Pulseboard shows it",
            "# pip install 'pandas>=2.2' pyarrow 'altair>=5.5'",
            "",
            "import altair as alt",
            "import numpy as np",
            "import pandas as pd",
            *(["import pyarrow as pa"] if _helpers(used) & {"text", "moment"} else []),
            "",
            f"events = pd.read_parquet({recording!r}, dtype_backend='pyarrow')",
            "",
            *(line for name, lines in HELPERS.items() if name in _helpers(used) for line in ("", *lines, "")),
            *([""] if _helpers(used) else []),
            used,
            "chart  # shown by a notebook; elsewhere: chart.save('chart.html')",
            "",
        ]
    )


def _helpers(used: str) -> set[str]:
    """The functions of the script that it needs."""
    needed = {name for name in HELPERS if f"{name}(" in used}
    return needed | ({"text"} if "moment" in needed else set())


def _series(choice: Choice, schema: pa.Schema) -> str:
    """The expression of each event's series."""
    kind = type_of(choice.by, schema) if choice.by else None
    if not choice.by:
        return repr(choice.value or "events")
    if kind is None:
        return repr(NAMELESS)
    column = f"events[{choice.by!r}]"
    return f"{column if pa.types.is_string(kind) else f'text({column})'}.fillna({NAMELESS!r})"


def _units(measure: Measure, schema: pa.Schema) -> str:
    """What a script leaves out that a board reads."""
    kind = type_of(measure.field, schema)
    return " Texts with units, such as 18ms, are left out." if kind is not None and pa.types.is_string(kind) else ""


def _shown(frame: Frame) -> list[str]:
    """The series that have a place on the board, and what becomes of the others."""
    names = [name for name in frame.slots if name is not None]
    lines = [f"shown = {names!r}"]
    if frame.others:
        other = OTHER
        while other in names:
            other += "s"
        lines += [
            f"rows['series'] = rows['series'].where(rows['series'].isin(shown), {other!r})",
            f"shown.append({other!r})",
        ]
    return lines


def _width(choice: Choice) -> str:
    """The width of a bucket as pandas writes it: never in days, which it counts by the calendar."""
    whole, rest = divmod(choice.bucket_us, MICROSECONDS)
    return f"{choice.bucket_us // 1000}ms" if rest else f"{whole}s"


def _iso(time_us: int) -> str:
    return instant(time_us).split("'")[1]


def _comment(text: str) -> str:
    r"""The text on one line, whatever it holds.

    >>> _comment("a\nb")
    'a b'
    """
    return "".join(letter if letter.isprintable() else " " for letter in text)
