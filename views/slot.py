"""Where payloads become Streamlit elements: each made once a frame (a table once a zone), and copied to all who watch."""

import datetime as dt
import json
import logging
from dataclasses import dataclass, replace
from functools import lru_cache
from html import escape
from typing import Any

from streamlit.elements.lib.layout_utils import LayoutConfig
from streamlit.errors import StreamlitInvalidLayoutContextError
from streamlit.proto.Html_pb2 import Html as HtmlProto
from streamlit.proto.VegaLiteChart_pb2 import VegaLiteChart as VegaLiteChartProto

from state.crash import trace_of
from state.frame import Frame
from state.live import Tick
from state.logs import fields
from views.broken import Broken, broken_html
from views.panel import HEIGHT, Chart, Html, Missing, Panel, Payload, Spec, Stand, Table
from views.still import still_chart

logger = logging.getLogger("pulseboard.panel")


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
        case Broken(text, _, height, details):
            return _html(broken_html(text, details, height), script=True)
        case Missing(text, icon, height):
            return _html(
                f'<div class="pb-missing" style="min-height:{height}px">'
                f'<span class="pb-icon" translate="no">{icon}</span><span>{escape(text)}</span></div>'
            )


@lru_cache(maxsize=256)
def _text(spec: Spec) -> str:
    return json.dumps(spec, separators=(",", ":"))


def _html(text: str, *, script: bool = False) -> Element:
    html = HtmlProto(body=text, unsafe_allow_javascript=script)
    return Element("html", html, LayoutConfig(width="stretch", height="content"))


def prepared(panel: Panel, tick: Tick) -> Payload:
    """What a panel shows of a tick, made once for all who watch; that it crashed, where it does."""

    def prepare(frame: Frame) -> Payload:
        try:
            return panel.prepare(frame)
        except Exception as error:  # noqa: BLE001 - the other panels go on, and so does this one with the next frame
            return _broken(panel, error)

    return tick.make(panel.name, prepare)


def _broken(panel: Panel, error: Exception) -> Broken:
    logger.error("a panel could not be drawn", exc_info=error, extra=fields(panel=panel.name))
    text = f"{panel.title} could not be drawn ({type(error).__name__}). It is tried again with the next frame."
    charted = panel.touch is not None or panel.width == "half"
    return Broken(text, "error", HEIGHT if charted else 0, trace_of(error))


class Slot:
    """Where one panel stands on the page.

    Not an `st.empty()`: that would blank the panel for a moment at the start of each run, and the browser would build its
    chart anew. The first element is drawn into the card, every later one over the element before.
    """

    def __init__(self, panel: Panel, card: Any, zone: dt.tzinfo, head: Any = None, about: str = "") -> None:
        """`about` says of which board it is, where it crashes."""
        self.panel = panel
        self.head = head
        """The line above it, which has room for a control."""
        self._about = about
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
        payload = prepared(self.panel, tick)
        if isinstance(payload, Broken):
            return self._told(payload)
        key = (self.panel.name, self._zone if isinstance(payload, Table) else None)
        try:
            return payload, tick.make(key, lambda _: element(payload, self._zone))
        except Exception as error:  # noqa: BLE001 - as in `prepared`
            return self._told(_broken(self.panel, error))

    def _told(self, broken: Broken) -> tuple[Payload, Element]:
        """Broken, with what board it is of: not every viewer of the tick calls the same panels his."""
        payload = replace(broken, details=f"{self._about}\npanel: {self.panel.name}\n\n{broken.details}")
        return payload, element(payload, self._zone)

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
        payload = prepared(self.panel, tick)
        try:
            self._show_still(payload, tick, stand)
        except StreamlitInvalidLayoutContextError:
            raise  # the run is over, which is nobody's fault
        except Exception as error:  # noqa: BLE001 - as in `prepared`
            payload = _broken(self.panel, error)
            self.show(self._told(payload))
        return payload

    def _show_still(self, payload: Payload, tick: Tick, stand: Stand) -> None:
        if self.panel.still is not None and not isinstance(payload, Missing):
            self.panel.still(self._place, stand)
        elif self.panel.touch is not None and isinstance(payload, Chart):
            still_chart(self._place, self.panel, payload, stand.frame, stand.act)
        else:
            self.show(self.prepare(tick))
