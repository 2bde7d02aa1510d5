"""What a panel is: a pure function from a frame to a payload."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

import pyarrow as pa

from sources.durations import format_duration
from state.frame import Frame
from state.schema import Offer
from views.numbers import clock, number
from views.picks import Act, Pick
from views.skews import sentences

HEIGHT = 260
"""Of a half-width panel's content, in pixels."""

NOTES = "__st_dataset_1"
"""The dataset of what viewers have written: what Streamlit calls a chart's second one where it compares two specs.

By any other name it would take the first note that comes, and the last that goes, for a change of the spec.
"""

FILLING = ("count", "sum", "rate")
"""Aggregates that grow while a bucket is open: its value so far would draw a dip that is none, and is left out."""


def settled(frame: Frame) -> int:
    """So many buckets are shown. Of a counter the rate is missing anyway where it is not known yet."""
    fills = frame.choice.agg in FILLING and not frame.choice.counts_up
    return max(1, len(frame.values) - (frame.open if fills else 0))


def told(frame: Frame) -> int:
    """So many buckets speak for themselves in a figure: not the newest before half of it is over, lest an event or two speak for all."""
    count = settled(frame)
    young = frame.now_us - int(frame.times_us[-1]) < frame.choice.bucket_us / 2
    return (
        max(1, count - 1)
        if young and frame.open and count == len(frame.values) and frame.choice.agg != "last"
        else count
    )


class Spec(dict[str, Any]):
    """A Vega-Lite spec, made once for a choice and not changed after: known by itself, not by what it says."""

    __hash__ = object.__hash__  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Chart:
    """A Vega-Lite chart: a spec that is the same object as long as the choice is, and the rows of its dataset `rows`.

    rows   an Arrow IPC stream. The browser keeps its view of an unchanged spec and swaps the rows alone, so whatever
           changes with each tick belongs here. Numbers are floats or small integers: 64-bit ones become BigInt there.
    notes  the same of the dataset NOTES; b"" where there is none
    """

    spec: Spec
    rows: bytes
    height: int = HEIGHT
    notes: bytes = b""

    @property
    def datasets(self) -> dict[str, bytes]:
        """Its rows by the names that the spec has for them."""
        return {"rows": self.rows, NOTES: self.notes} if self.notes else {"rows": self.rows}


@dataclass(frozen=True, slots=True)
class Html:
    """A light element made of text. Whatever came with the feed has been through `html.escape`."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text, the first cell of each an instant; drawn in the viewer's own zone.

    columns  headings; the first is that of the time, and the zone's name joins it
    rows     the cells of each row: text, or an instant in microseconds since the epoch
    muted    how many of the columns, from the right, are of less interest
    now_us   instants of the same day as this are shown without their date
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str | int, ...], ...]
    muted: int
    now_us: int

    def html(self, zone: dt.tzinfo) -> str:
        """The table as HTML, every text escaped."""

        def shown(cell: str | int) -> str:
            return escape(cell) if isinstance(cell, str) else clock(cell, zone, self.now_us)

        # End tags of cells and rows are left out, as HTML allows: they would be a third of it.
        head = "".join(f"<th>{escape(name)}" for name in (f"{self.columns[0]} ({zone})", *self.columns[1:]))
        body = "".join(f"<tr>{''.join(f'<td>{shown(cell)}' for cell in row)}" for row in self.rows)
        return f'<table class="pb-table pb-muted-{self.muted}"><thead><tr>{head}<tbody>{body}</table>'


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
class Stand:
    """What the panels of a board that stands still are drawn from.

    events  those that are shown, as the feed publishes them, in order of arrival
    zone    the viewer's
    act     takes what is picked
    """

    frame: Frame
    events: Sequence[pa.Table]
    zone: dt.tzinfo
    act: Act


@dataclass(frozen=True, slots=True)
class Touch:
    """What the pointer does on a panel's chart while the board stands still.

    spec  the spec of the frame's chart with selections added, and otherwise the same
    pick  what was selected, by the selections' names, as a pick; None where it means nothing. A browser may send anything.
    """

    spec: Callable[[Frame, Spec], Spec]
    pick: Callable[[Frame, Mapping[str, Any]], Pick | None]


@dataclass(frozen=True, slots=True)
class Panel:
    """One view of a frame.

    name     as in the link and in the container's key, `panel-NAME`
    prepare  the payload of a frame; pure, about a millisecond, safe on any thread
    needs    what a feed must offer for the panel to suit it: `measure`, more than one (`measures`), or a `split`
    rest_s   at most so often is it drawn, in seconds: what nobody could read faster only keeps the browser from the rest
    touch    what the pointer does on its chart while the board stands still
    still    draws into the card what stands there while the board stands still, where that is more than the payload
    """

    name: str
    title: str
    icon: str
    width: Literal["full", "half"]
    prepare: Callable[[Frame], Payload]
    needs: Literal["", "measure", "measures", "split"] = ""
    rest_s: float = 0.0
    touch: Touch | None = None
    still: Callable[[Any, Stand], None] | None = None

    def suits(self, offer: Offer) -> bool:
        """Whether it has something to show of such a feed."""
        return {
            "": True,
            "measure": bool(offer.measures),
            "measures": len(offer.measures) > 1,
            "split": bool(offer.split),
        }[self.needs]


def arrow_stream(columns: dict[str, Any]) -> bytes:
    """The columns (numpy or Arrow arrays of one length) as an Arrow IPC stream."""
    batch = pa.record_batch(list(map(pa.array, columns.values())), names=list(columns))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue())


def no_events(frame: Frame, height: int = HEIGHT) -> Missing:
    """Why a frame holds no events, by the state of its feed, and what to do."""
    health = frame.health
    if health.valueless and frame.newest.num_rows:
        return no_numbers(height)
    if frame.standing:
        why = "No event in this span" + (" passes the filters." if frame.choice.where else " is held.")
        return Missing(
            f"{why} Look at another: move the scrubber, zoom out, or take a filter off.", "search_off", height
        )
    window = format_duration(frame.choice.window_s)
    none = f"No event in the last {window}" + (" passes the filters" if frame.choice.where else "")
    wider = "Loosen a filter or choose a longer window." if frame.choice.where else "Choose a longer window."
    if health.skews and health.state == "live":
        return Missing(f"{none}. {sentences(health.skews)} {wider}", "schedule", height)
    texts = {
        "connecting": ("Connecting to the feed …", "sensors"),
        "catching up": ("Reading the feed's history …", "history"),
        "waiting": ("The feed does not answer and is tried again.", "cloud_off"),
        "failed": ("The feed has stopped.", "error"),
        "ended": (
            f"The feed has ended. {none}. {wider}" if frame.seen else "The feed has ended: it held no event.",
            "stop_circle",
        ),
    }
    listening = f"{none} so far. {wider}" if frame.seen else "Listening: no event has come yet."
    if health.earlier and not frame.seen:
        listening += f" {number(health.earlier)} older ones are there: set Start at to earliest to see them."
    text, icon = texts.get(health.state, (listening, "hourglass_empty"))
    return Missing(text, icon, height)


def no_numbers(height: int = HEIGHT) -> Missing:
    """What to do where there are events, but none with a number in the chosen measure."""
    return Missing(
        "The chosen value holds no numbers in this window. Choose another value, or count events.", "numbers", height
    )
