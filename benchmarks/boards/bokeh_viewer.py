"""A tab on a Bokeh server without a browser."""

import json
import re
from typing import Any
from uuid import uuid4

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from benchmarks.viewers import Tab

MARKER = "newest"
"""The name of the source that each update of the board ends with."""


class BokehViewer(Tab):
    """One tab on the app at `url`.

    Unlike BokehJS it has no axes whose new ranges it would tell the server after each update; that is to Bokeh's advantage.
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    async def watch(self) -> None:
        """Connect and receive until cancelled. Raises ConnectionError if the server closes the connection."""
        async with ClientSession() as session:
            async with session.get(self._url, raise_for_status=True) as page:
                token = re.findall(r'"token":"([^"]+)"', await page.text())[0]
            async with session.ws_connect(f"{self._url}/ws", protocols=("bokeh", token), max_msg_size=0) as socket:
                await self._follow(socket)
        raise ConnectionError("the server closed a viewer's connection")

    async def _follow(self, socket: ClientWebSocketResponse) -> None:
        """Ask for the document, then count its patches. A message is a header, metadata, content and buffers, one frame each."""
        newest = ""
        while header := await self._frame(socket):
            kind, buffers = json.loads(header)["msgtype"], json.loads(header).get("num_buffers", 0)
            await self._frame(socket)
            content = json.loads(await self._frame(socket))
            for _ in range(2 * buffers):
                await self._frame(socket)
            self.received.messages += 1
            match kind:
                case "ACK":
                    for part in ({"msgid": uuid4().hex, "msgtype": "PULL-DOC-REQ"}, {}, {}):
                        await socket.send_json(part)
                case "PULL-DOC-REPLY":
                    newest = _id_of(content, MARKER)
                case "PATCH-DOC" if any(_model(event) == newest for event in content["events"]):
                    self.complete()

    async def _frame(self, socket: ClientWebSocketResponse) -> bytes:
        frame = await socket.receive()
        match frame.type:
            case WSMsgType.TEXT:
                data = str(frame.data).encode()
            case WSMsgType.BINARY:
                data = bytes(frame.data)
            case _:
                data = b""
        self.received.bytes += len(data)
        return data


def _model(event: Any) -> str:
    return str((event.get("model") or event.get("target") or {}).get("id"))


def _id_of(part: Any, name: str) -> str:
    """The id of the model of this name, wherever it stands in the document."""
    if isinstance(part, dict):
        if "id" in part and part.get("attributes", {}).get("name") == name:
            return str(part["id"])
        part = list(part.values())
    return next(filter(None, (_id_of(each, name) for each in part)), "") if isinstance(part, list) else ""
