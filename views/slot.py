"""Where payloads become Streamlit elements: each made once a frame, and sent as it is to everyone who watches."""

import datetime as dt
import json
from dataclasses import dataclass
from html import escape
from typing import Any

from streamlit.elements.lib.layout_utils import Height, LayoutConfig
from streamlit.proto.Html_pb2 import Html as HtmlProto
from streamlit.proto.VegaLiteChart_pb2 import VegaLiteChart as VegaLiteChartProto

from state.live import Tick
from views.panel import Chart, Html, Missing, Panel, Payload, Table


@dataclass(frozen=True, slots=True)
class Element:
    """An element as Streamlit's protocol has it; never changed once it is made, for many sessions send it.

    kind    the field of `Element` in Streamlit's protocol
    proto   its message
    height  in pixels, or `content`
    """

    kind: str
    proto: Any
    height: Height = "content"


def element(payload: Payload, zone: dt.tzinfo) -> Element:
    """The payload as an element; only a table differs from zone to zone."""
    match payload:
        case Chart(spec, rows, height):
            chart = VegaLiteChartProto(spec=json.dumps(spec, separators=(",", ":")), theme="streamlit")
            dataset = chart.datasets.add(name="rows", has_name=True)
            dataset.data.data = rows
            return Element("vega_lite_chart", chart, height)
        case Html(text):
            return _html(text)
        case Table():
            return _html(payload.html(zone))
        case Missing(text, icon, height):
            return _html(
                f'<div class="pb-missing" style="min-height:{height}px">'
                f'<span class="pb-icon" translate="no">{icon}</span><span>{escape(text)}</span></div>'
            )


def _html(text: str) -> Element:
    return Element("html", HtmlProto(body=text))


class Slot:
    """Where one panel stands on the page.

    Not an `st.empty()`: that would blank the panel for a moment at the start of each run, and the browser would build its
    chart anew. The first element is drawn into the card, every later one over the element before.
    """

    def __init__(self, panel: Panel, card: Any, zone: dt.tzinfo) -> None:
        self.panel = panel
        self._place = card
        self._zone = zone
        self._shown: Payload | None = None
        self._rests_until = 0.0

    def due(self, now: float) -> bool:
        """Whether a frame due at `now`, in seconds, is for this panel too: it may rest while others go on."""
        return now >= self._rests_until

    def prepare(self, tick: Tick) -> None:
        """Have the element made. All of a board first: what is then sent at one go goes out at one go, too."""
        self._element(tick)

    def show(self, tick: Tick, now: float = 0.0) -> None:
        """Show a tick in the place of what was there; what is there already is not sent again."""
        # Half a tick early is on time: at a refresh of 0.1 s, five of them may add up to a hair less than 0.5 s.
        self._rests_until = now + self.panel.rest_s - 0.05
        payload, made = self._element(tick)
        if payload != self._shown:
            # What `vega_lite_chart` and `html` end in, without what they do before it, anew for every viewer.
            self._place = self._place._enqueue(  # noqa: SLF001
                made.kind, made.proto, layout_config=LayoutConfig(width="stretch", height=made.height)
            )
            self._shown = payload

    def _element(self, tick: Tick) -> tuple[Payload, Element]:
        payload = tick.make(self.panel.name, self.panel.prepare)
        return payload, tick.make((self.panel.name, self._zone), lambda _: element(payload, self._zone))
