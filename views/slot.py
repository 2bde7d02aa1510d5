"""Where payloads become Streamlit elements: each made once a frame (a table once a zone), and copied to all who watch."""

import datetime as dt
import json
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any

from streamlit.elements.lib.layout_utils import LayoutConfig
from streamlit.proto.Html_pb2 import Html as HtmlProto
from streamlit.proto.VegaLiteChart_pb2 import VegaLiteChart as VegaLiteChartProto

from state.live import Tick
from views.panel import Chart, Html, Missing, Panel, Payload, Spec, Stand, Table
from views.still import still_chart


@dataclass(frozen=True, slots=True)
class Element:
    """An element as Streamlit's protocol has it. Sessions on many threads copy it into their own messages; none changes it.

    kind    the field of `Element` in Streamlit's protocol
    proto   its message
    """

    kind: str
    proto: Any
    layout: LayoutConfig


def element(payload: Payload, zone: dt.tzinfo) -> Element:
    """The payload as an element; only a table differs from zone to zone."""
    match payload:
        case Chart():
            chart = VegaLiteChartProto(spec=_text(payload.spec), theme="streamlit")
            for name, rows in payload.datasets.items():
                chart.datasets.add(name=name, has_name=True).data.data = rows
            return Element("vega_lite_chart", chart, LayoutConfig(width="stretch", height=payload.height))
        case Html(text):
            return _html(text)
        case Table():
            return _html(payload.html(zone))
        case Missing(text, icon, height):
            return _html(
                f'<div class="pb-missing" style="min-height:{height}px">'
                f'<span class="pb-icon" translate="no">{icon}</span><span>{escape(text)}</span></div>'
            )


@lru_cache(maxsize=256)
def _text(spec: Spec) -> str:
    return json.dumps(spec, separators=(",", ":"))


def _html(text: str) -> Element:
    return Element("html", HtmlProto(body=text), LayoutConfig(width="stretch", height="content"))


class Slot:
    """Where one panel stands on the page.

    Not an `st.empty()`: that would blank the panel for a moment at the start of each run, and the browser would build its
    chart anew. The first element is drawn into the card, every later one over the element before.
    """

    def __init__(self, panel: Panel, card: Any, zone: dt.tzinfo, head: Any = None) -> None:
        self.panel = panel
        self.head = head
        """The line above it, which has room for a control."""
        self._place = card
        self._zone = zone
        self._shown: Payload | None = None
        self._rests_until = 0.0

    def renew(self) -> None:
        """See `Page.renew`."""
        self._shown, self._rests_until = None, 0.0

    def due(self, now: float) -> bool:
        """Whether a frame due at `now`, in seconds, is for this panel too: it may rest while others go on."""
        return now >= self._rests_until

    def prepare(self, tick: Tick) -> tuple[Payload, Element]:
        """What to show of a tick."""
        payload = self._payload(tick)
        key = (self.panel.name, self._zone if isinstance(payload, Table) else None)
        return payload, tick.make(key, lambda _: element(payload, self._zone))

    def _payload(self, tick: Tick) -> Payload:
        return tick.make(self.panel.name, self.panel.prepare)

    def show(self, drawing: tuple[Payload, Element], now: float = 0.0) -> None:
        """Show it in the place of what was there; what is there already is not sent again."""
        # Half a tick early is on time: at a refresh of 0.1 s, five of them may add up to a hair less than 0.5 s.
        self._rests_until = now + self.panel.rest_s - 0.05
        payload, made = drawing
        if payload != self._shown:
            # What `vega_lite_chart` and `html` end in, without what they do before it, anew for every viewer.
            self._place = self._place._enqueue(made.kind, made.proto, layout_config=made.layout)  # noqa: SLF001
            self._shown = payload

    def show_still(self, tick: Tick, stand: Stand) -> Payload:
        """Show it on a board that stands still: once, in a run that ends, outside of fragments. What it shows of the tick comes back."""
        payload = self._payload(tick)
        if self.panel.still is not None and not isinstance(payload, Missing):
            self.panel.still(self._place, stand)
        elif self.panel.touch is not None and isinstance(payload, Chart):
            still_chart(self._place, self.panel, payload, stand.frame, stand.act)
        else:
            self.show(self.prepare(tick))
        return payload
