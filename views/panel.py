"""What a panel is: a pure function from a frame to a payload; and the one place that shows payloads with Streamlit."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pyarrow as pa
import streamlit as st

from sources.durations import format_duration
from state.frame import Frame
from views.numbers import DASH, clock

HEIGHT = 260
"""Of a half-width panel's content, in pixels."""

Spec = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Chart:
    """A Vega-Lite chart: a spec that is the same object as long as the choice is, and the rows of its dataset `rows`.

    rows  an Arrow IPC stream. The browser keeps its view of an unchanged spec and swaps the rows alone, so whatever
          changes with each tick belongs here. Numbers are floats or small integers: 64-bit ones become BigInt there.
    """

    spec: Spec
    rows: bytes
    height: int = HEIGHT


@dataclass(frozen=True, slots=True)
class Html:
    """A light element made of text. Whatever came with the feed has been through `html.escape`."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text, each at an instant; drawn in the viewer's own zone.

    columns  headings, without that of the time
    rows     the cells of each row, as many as there are columns
    times_us microseconds since the epoch, one a row, None where unknown
    muted    how many of the columns, from the right, are of less interest
    now_us   rows of the same day as this show their time without its date
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    times_us: tuple[int | None, ...]
    muted: int
    now_us: int

    def html(self, zone: dt.tzinfo) -> str:
        """The table as HTML, every text escaped."""
        plain = len(self.columns) - self.muted

        def cells(tag: str, texts: Iterable[str]) -> str:
            return "".join(
                f"<{tag}{' class=pb-muted' if place >= plain else ''}>{escape(text)}</{tag}>"
                for place, text in enumerate(texts)
            )

        head = f"<th>time ({escape(str(zone))})</th>{cells('th', self.columns)}"
        body = "".join(
            f"<tr><td>{DASH if us is None else clock(us, zone, self.now_us)}</td>{cells('td', row)}</tr>"
            for us, row in zip(self.times_us, self.rows, strict=True)
        )
        return f'<table class="pb-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


@dataclass(frozen=True, slots=True)
class Missing:
    """Why there is nothing to show, and what to do about it.

    icon    a Material symbol's name
    height  of what stands here otherwise, in pixels, so that the page keeps its shape
    """

    text: str
    icon: str
    height: int = HEIGHT


Payload = Chart | Html | Table | Missing


@dataclass(frozen=True, slots=True)
class Panel:
    """One view of a frame.

    name     as in the link and in the container's key, `panel-NAME`
    prepare  the payload of a frame; pure, about a millisecond, safe on any thread
    """

    name: str
    title: str
    icon: str
    width: Literal["full", "half"]
    prepare: Callable[[Frame], Payload]


def arrow_stream(columns: dict[str, Any]) -> bytes:
    """The columns (numpy or Arrow arrays of one length) as an Arrow IPC stream."""
    batch = pa.record_batch(list(map(pa.array, columns.values())), names=list(columns))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue())


def no_events(frame: Frame, height: int = HEIGHT) -> Missing:
    """Why a frame without events has none, by the state of its feed."""
    health = frame.health
    window = format_duration(frame.choice.window_s)
    texts = {
        "connecting": ("Connecting to the feed …", "sensors"),
        "catching up": ("Reading the history; the first events appear here …", "history"),
        "waiting": (f"The feed does not answer and is tried again. {health.message}", "cloud_off"),
        "failed": (f"The feed has stopped. {health.message}", "error"),
        "ended": (
            f"The feed has ended; none of its events fall in the last {window}. Choose a longer window.",
            "stop_circle",
        ),
    }
    waiting = (f"No event in the last {window}. Wait for one, or choose a longer window.", "hourglass_empty")
    text, icon = texts.get(health.state, waiting)
    if not frame.seen or health.state in ("waiting", "failed") or not frame.choice.where:
        return Missing(text.strip(), icon, height)
    return Missing(
        f"No event in the last {window} passes the filters. Loosen one, or choose a longer window.",
        "filter_alt",
        height,
    )


def draw(slot: Any, payload: Payload) -> None:
    """Show `payload` in `slot`, an `st.empty()`."""
    match payload:
        case Chart(spec, rows, height):
            slot.vega_lite_chart(spec={**spec, "data": {"name": "rows"}, "datasets": {"rows": rows}}, height=height)
        case Html(text):
            slot.html(text)
        case Table():
            slot.html(payload.html(_viewers_zone(st.context.timezone)))
        case Missing(text, icon, height):
            slot.html(
                f'<div class="pb-missing" style="min-height:{height}px">'
                f'<span class="pb-icon" translate="no">{icon}</span><span>{escape(text)}</span></div>'
            )


@lru_cache(maxsize=64)
def _viewers_zone(name: str | None) -> dt.tzinfo:
    """The browser's zone; UTC where it names none that this machine knows."""
    try:
        return ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):  # unknown here, or no name of a zone at all
        return dt.UTC
