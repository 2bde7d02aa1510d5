"""Reading one WebSocket: connected anew when the connection is lost, which loses what was sent meanwhile."""

import time

from sources.batch import Batch
from sources.errors import AuthFailed, Mendable, Unreachable
from sources.formats.names import AUTO
from sources.messages import Message, MessageDecoder
from sources.receiver import Receiver
from sources.websocket_errors import Ended, explain_end
from sources.websocket_target import Target
from sources.websocket_wire import ANSWER_S, QUIET_S, Wire

SOON_S = 10.0
"""A connection that ends before has ended as an answer to what was sent, if the server says so."""

PAUSES_S = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0)
"""How long to wait before connecting again, by how many connections in a row have ended soon: a server that accepts each and ends
it is not to be asked twice a second."""

MESSAGE_COST = 200
"""Bytes that a message takes beside its own."""


class WebSocketReader:
    """An opened WebSocket."""

    def __init__(self, target: Target, format: str = AUTO, quiet_s: float = QUIET_S) -> None:  # noqa: A002 - as in the link
        """Connect. Raises a SourceError with the true cause if that fails.

        quiet_s  after how long a silence the server is asked whether it is there
        """
        self._target = target
        self._quiet_s = quiet_s
        self._decoder = MessageDecoder(format)
        self._count = 0
        self._short = 0
        """Connections in a row that have ended soon."""
        self._lasted = False
        """Whether a connection ever has not."""
        self._receiver: Receiver[Message] = Receiver(self._receive, target.shown, notice_s=quiet_s + ANSWER_S)
        self._receiver.open()

    def poll(self, timeout_s: float) -> Batch:
        """See Reader.poll."""
        received = self._receiver.take(timeout_s)
        return self._decoder.batch(received.items, gaps=received.gaps)

    def close(self) -> None:
        """See Reader.close."""
        self._receiver.close()

    def _receive(self, receiver: Receiver[Message]) -> None:
        if receiver.wait(PAUSES_S[min(self._short, len(PAUSES_S) - 1)]):
            return
        wire = self._connected(receiver)
        since = time.monotonic()
        last = b""
        try:
            for text in self._target.messages:
                wire.send(text)
            receiver.ready()
            while not receiver.closed:
                messages = wire.receive()
                receiver.heard()
                now_us = int(time.time() * 1e6)
                for value in messages:
                    self._count += 1
                    receiver.put(Message(value, now_us, where=f"message {self._count:,}"), len(value) + MESSAGE_COST)
                last = messages[-1] if messages else last
        except Ended as ended:
            soon = time.monotonic() - since < SOON_S
            self._short = self._short + 1 if soon else 0
            self._lasted = self._lasted or not soon
            raise explain_end(ended, last, self._target, soon=soon and not self._lasted) from None
        finally:
            wire.close()

    def _connected(self, receiver: Receiver[Message]) -> Wire:
        """A new connection. What a server says that is starting again is not for good, whatever it is, but for a refused login."""
        try:
            return Wire(self._target, lambda wire: receiver.cancel_with(wire.end), self._quiet_s)
        except AuthFailed:
            raise
        except Mendable as error:
            if not self._count:
                raise
            raise Unreachable(str(error)) from None
