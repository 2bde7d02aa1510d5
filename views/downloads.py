"""What a viewer may take away from a board that stands still.

All of it is made when it is asked for, on a thread of the server's, and nothing before. Drawn by runs that end, never by the loop.
"""

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import pyarrow as pa
import streamlit as st

from state.board import Board
from state.choice import MICROSECONDS
from state.frame import Frame
from views.exports.board import board_html
from views.exports.chart import vega_lite
from views.exports.drawing import png
from views.exports.rows import csv, parquet
from views.exports.script import pandas_script
from views.exports.theme import Look
from views.panel import Chart, Panel, Payload
from views.refusals import telling, watch_for_refusals

_CSV = "The events shown, times in UTC. Text that a spreadsheet would run as a formula has a ' before it."
_PARQUET = "The events shown, as they came. The charts' pandas scripts read this file."
_HTML = "The whole board as one page that opens offline, with its tooltips."
_SPEC = "A Vega-Lite spec with its data, for the Vega editor or Altair."
_SCRIPT_HEIGHT = 260


@dataclass(frozen=True, slots=True)
class Taken:
    """What may be taken away, and what the files say of it.

    zone    the viewer's
    tables  gives the rows shown, as the feed publishes them, oldest first; called when rows are asked for
    schema  their columns, as `common_schema` gives them: those of the Parquet file
    link    the board's address; "" where it has none
    """

    board: Board
    frame: Frame
    zone: dt.tzinfo
    tables: Callable[[], Sequence[pa.Table]]
    schema: pa.Schema
    link: str = ""

    def file(self, ending: str) -> str:
        """A file's name: the instant of the board, in letters that every file system takes, and what is in it."""
        moment = dt.datetime.fromtimestamp(self.frame.now_us // MICROSECONDS, dt.UTC)
        return f"pulseboard-{moment:%Y-%m-%dT%H%M%SZ}{ending}"


def show_chart_downloads(panel: Panel, payload: Payload, taken: Taken) -> None:
    """In a card's head: the chart as a picture, as a spec and as a script. Nothing for a panel that has none of these."""
    script = pandas_script(panel.name, taken.frame, taken.schema, taken.file(".parquet"))
    if not isinstance(payload, Chart) and script is None:
        return
    with st.popover(":material/download:", type="tertiary", key=f"take-{panel.name}", help="Take this chart away"):
        if isinstance(payload, Chart):
            look: Look = "dark" if st.context.theme.type == "dark" else "light"
            spec = partial(vega_lite, panel, payload, look=look)
            with st.container(horizontal=True):
                name = f"-{panel.name}"
                _offer("PNG", "image", lambda: png(spec(), taken.zone), taken.file(f"{name}.png"), "image/png")
                _offer(
                    "Vega-Lite",
                    "data_object",
                    lambda: json.dumps(spec(), indent=1).encode(),
                    taken.file(f"{name}.vl.json"),
                    "application/json",
                    _SPEC,
                )
        if script is not None:
            st.caption("With pandas and Altair, from the board's Parquet file")
            st.code(script, language="python", height=_SCRIPT_HEIGHT)


def show_board_downloads(payloads: Mapping[str, Payload], taken: Taken) -> None:
    """The rows as CSV and as Parquet, and the board as one page.

    payloads  what the cards show, by the panels' names, in their order on the page
    """

    def page() -> bytes:
        made_at = dt.datetime.now(dt.UTC)
        return board_html(taken.frame, payloads, taken.board, zone=taken.zone, made_at=made_at, link=taken.link)

    with st.container(horizontal=True):
        _offer("CSV", "csv", lambda: csv(taken.tables()), taken.file(".csv"), "text/csv", _CSV)
        kind = "application/vnd.apache.parquet"
        _offer("Parquet", "table", lambda: parquet(taken.tables()), taken.file(".parquet"), kind, _PARQUET)
        _offer("HTML", "html", page, taken.file(".html"), "text/html", _HTML)
    watch_for_refusals()


def _offer(label: str, icon: str, make: Callable[[], bytes], file: str, kind: str, hint: str = "") -> None:  # noqa: PLR0913, PLR0917 - a file's facts
    """A button that makes its file when it is pressed, and runs nothing of the page."""
    st.download_button(
        label,
        telling(make),
        file,
        kind,
        icon=f":material/{icon}:",
        help=hint or None,
        on_click="ignore",
        key=f"take-{file}",
        width="content",
    )
