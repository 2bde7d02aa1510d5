"""A viewer without a browser: speaks to the running app over its WebSocket, and keeps every byte that it is sent.

with Session(app, {"source": "redis"}) as viewer:
viewer.wait_for("reading has stopped")
viewer.messages
"""

import contextlib
import threading
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.browser.running_app import RunningApp

WAIT_S = 90.0
"""A deadline, not an expectation."""
AGAIN_S = 1.0


class Session:
    """One session. A browser would have its live loop run by a timer; here each look asks for a run."""

    def __init__(
        self, app: RunningApp, link: Mapping[str, str | list[str]], headers: Mapping[str, str] | None = None
    ) -> None:
        self.messages: list[bytes] = []
        self._query = urlencode(link, doseq=True)
        self._news = threading.Condition()
        address = app.origin.replace("http://", "ws://") + "/_stcore/stream"
        self._stack = contextlib.ExitStack()
        self._connection: ClientConnection = self._stack.enter_context(
            connect(address, max_size=None, additional_headers=headers, open_timeout=WAIT_S, ping_interval=None)
        )
        self._thread = threading.Thread(target=self._receive, daemon=True)
        self._thread.start()

    def run(self) -> None:
        """Have the script run, as a browser does when it opens the link."""
        message = BackMsg()
        message.rerun_script.query_string = self._query
        self._connection.send(message.SerializeToString())

    def wait_for(self, *texts: str) -> str:
        """Run the script until one of these has come; gives it. Raises AssertionError with what came instead."""
        deadline = time.monotonic() + WAIT_S
        while time.monotonic() < deadline:
            self.run()
            with self._news:
                self._news.wait_for(lambda: self._first(texts) is not None, AGAIN_S)
            if (found := self._first(texts)) is not None:
                return found
        raise AssertionError(f"none of {texts} came to {self._query}: {self.everything()[-3000:]!r}")

    def everything(self) -> bytes:
        """All that came, one message after the other."""
        return b"\n".join(list(self.messages))

    def link(self) -> str:
        """The link's query as the page has rewritten it last; as it was opened where it has not."""
        links = self._rewritten()
        return links[-1] if links else self._query

    def wait_for_link(self) -> str:
        """As `link`, once the page has rewritten it."""
        with self._news:
            assert self._news.wait_for(self._rewritten, WAIT_S), f"the page has kept the link {self._query}"
        return self.link()

    def _rewritten(self) -> list[str]:
        read = (ForwardMsg.FromString(message) for message in list(self.messages))
        return [message.page_info_changed.query_string for message in read if message.HasField("page_info_changed")]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
        self._thread.join(10)

    def _first(self, texts: tuple[str, ...]) -> str | None:
        came = self.everything()
        return next((text for text in texts if text.encode() in came), None)

    def _receive(self) -> None:
        try:
            for message in self._connection:
                with self._news:
                    self.messages.append(message if isinstance(message, bytes) else message.encode())
                    self._news.notify_all()
        except ConnectionClosed:
            return
