"""Viewers who come, change a setting or pause, and go: real sessions over Streamlit's protocol, without a browser each."""

import asyncio
from contextlib import suppress

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from benchmarks.viewers import Viewer, pulse
from tests.browser.running_app import RunningApp

ANSWER_S = 60.0
"""So long a viewer waits for the page's answer, where many come at once."""
AT_ONCE = 12
"""So many are there together; all of them at once would only measure how long each waits for the others."""
LINK = {"rate": "200", "history": "1m", "window": "30s", "refresh": "0.5s", "views": "kpi,series,health"}
A_FEED = 4
"""So many in turn come to the same feed."""


class Visitor(Viewer):
    """A viewer who also touches what the page offers: widgets by the key that the page gave them."""

    def __init__(self, url: str) -> None:
        super().__init__(url, pulse)
        self.widgets: dict[str, str] = {}
        self._changed = asyncio.Event()

    async def sees(self, widget: str = "", updates: int = 0) -> None:
        """Wait until the page has a widget of that key, and has drawn so many updates more. Raises TimeoutError."""
        wanted = self.received.updates + updates
        async with asyncio.timeout(ANSWER_S):
            while (widget and widget not in self.widgets) or self.received.updates < wanted:
                self._changed.clear()
                await self._changed.wait()

    async def touch(self, key: str, **value: object) -> None:
        """Give the widget of that key a value, as a browser would."""
        message = BackMsg()
        message.rerun_script.query_string = self._url.query
        message.rerun_script.widget_states.widgets.append(WidgetState(id=self.widgets[key], **value))
        message.rerun_script.context_info.timezone = "UTC"
        await self._socket.send(message.SerializeToString())

    def _take_delta(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        widget = getattr(getattr(element, kind), "id", "") if kind else ""
        if widget.startswith("$$ID-"):
            self.widgets[widget.split("-", 2)[2]] = widget  # $$ID-<digest>-<key>
        super()._take_delta(message)
        self._changed.set()


async def _watch(visitor: Visitor, number: int) -> None:
    """Look on."""
    await visitor.sees("pause-button", updates=2)


async def _choose(visitor: Visitor, number: int) -> None:
    """Choose another aggregate."""
    await visitor.sees("board-agg", updates=1)
    await visitor.touch("board-agg", string_value=("max", "p95", "count")[number % 3])
    await visitor.sees(updates=1)


async def _change(visitor: Visitor, number: int) -> None:
    """Open another feed."""
    await visitor.sees("source-simulated-seed", updates=1)
    await visitor.touch("source-simulated-seed", double_value=1000 + number)
    await visitor.sees(updates=1)


async def _pause(visitor: Visitor, number: int) -> None:
    """Pause the board, which is then drawn once more."""
    await visitor.sees("pause-button", updates=1)
    await visitor.touch("pause-button", trigger_value=True)
    await visitor.sees("resume")


DOINGS = (_watch, _choose, _change, _pause)


async def crowd(app: RunningApp, viewers: int) -> int:
    """So many viewers come and go, AT_ONCE at a time; how many updates they have seen. Raises what goes wrong with any of them."""
    seats = asyncio.Semaphore(AT_ONCE)

    async def visit(number: int) -> int:
        async with seats:
            visitor = Visitor(app.link(LINK | {"seed": str(number // A_FEED)}))
            watching = asyncio.create_task(visitor.watch())
            try:
                await DOINGS[number % len(DOINGS)](visitor, number)
            finally:
                watching.cancel()
                with suppress(asyncio.CancelledError):
                    await watching
            return visitor.received.updates

    return sum(await asyncio.gather(*map(visit, range(viewers))))
