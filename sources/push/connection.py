"""One connection of a sender: uvicorn's HTTP, with bounds for those who are slow or many."""

import asyncio
import logging
import time
from typing import Any

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

KEEP_S = 10
"""How long a connection is kept on which nothing more is asked."""

HEAD_S, ANSWER_S = 20.0, 60.0
"""When a request's head must be there, and its answer gone: from the connection on, or from the answer before."""

MOST_CONNECTIONS = 200

_BUSY = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

logger = logging.getLogger("pulseboard.push.connection")
logger.setLevel(logging.ERROR)  # what strangers send wrong is no news, and would fill the log


class Connection(H11Protocol):
    """Knows how long it has waited; whoever listens calls `drop_if_late` every second."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.logger = logger
        self.access_log = False  # not by the configuration, which would turn off Streamlit's own
        self._since = time.monotonic()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """See asyncio.Protocol."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            transport.write(_BUSY)
            transport.close()

    def data_received(self, data: bytes) -> None:
        """See asyncio.Protocol."""
        if not self.transport.is_closing():
            super().data_received(data)

    def on_response_complete(self) -> None:
        """A request is answered: the time of the next begins."""
        self._since = time.monotonic()
        super().on_response_complete()

    def drop_if_late(self, now: float) -> None:
        """End the connection of a sender that takes longer than any does who means it; `now` is monotonic."""
        limit = HEAD_S if self.conn.their_state is h11.IDLE else ANSWER_S
        if now - self._since > limit:
            self.transport.abort()
