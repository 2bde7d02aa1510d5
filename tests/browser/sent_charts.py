"""The charts as the server sends them to an open page, read off its WebSocket."""

import json

from playwright.sync_api import Page, WebSocket
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from views.panel import Chart, Spec

DESCRIBED = {
    "over time, events per cell": "heatmap",
    "over time": "series",
    "raw points": "raw",
    "distribution": "distribution",
}
"""What a chart's description says, and its panel's name."""


class SentCharts:
    """The newest of each panel's charts, by the panel's name. To be made before the page is opened."""

    def __init__(self, page: Page) -> None:
        self.newest: dict[str, Chart] = {}
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._take)

    def _take(self, frame: str | bytes) -> None:
        if isinstance(frame, str):
            return
        message = ForwardMsg.FromString(frame)
        if message.WhichOneof("type") != "delta" or not message.delta.new_element.HasField("vega_lite_chart"):
            return
        chart = message.delta.new_element.vega_lite_chart
        spec = Spec(json.loads(chart.spec))
        name = next(name for words, name in DESCRIBED.items() if words in spec["description"])
        for each in chart.datasets:
            if each.name == "rows":  # one to be touched has its rows elsewhere
                self.newest[name] = Chart(spec, each.data.data)
