"""Reading channels: what is published while there is a connection. Redis keeps none of it."""

from collections.abc import Sequence
from typing import Any

from sources.batch import Batch
from sources.errors import SourceError
from sources.formats.names import AUTO
from sources.receiver import Receiver
from sources.redis_entries import Entry, EntryDecoder, heard
from sources.redis_link import Link
from sources.redis_names import Search, find, is_pattern, patterns_in
from sources.redis_properties import Server

SILENCE_S = 4.0
"""After so long without a word the server is asked whether it is there, and has as long again to answer."""

_MESSAGES = (b"message", b"pmessage")
_CONFIRMED = (b"subscribe", b"psubscribe")


class ChannelReader:
    """Opened channels. What is published while there is no connection, or no room, is lost; it is told.

    awaits  whether a stream of one of these names is what is meant, once there is one: `superseded` then says so
    """

    def __init__(self, server: Server, names: Sequence[str], *, awaits: bool = False, format: str = AUTO) -> None:  # noqa: A002 - as in the link
        self.superseded = False
        self._server = server
        self._names = names
        self._awaits = awaits
        self._search = Search(patterns_in(names))
        self._channels = [name for name in names if not is_pattern(name)]
        self._patterns = [name for name in names if is_pattern(name)]
        self._several = bool(self._patterns) or len(names) > 1
        self._decoder = EntryDecoder(format)
        self._receiver: Receiver[Entry] = Receiver(
            self._receive, f"Redis at {server.address}", notice_s=2 * SILENCE_S + 1
        )

    def open(self) -> None:
        """Connect and subscribe. Raises a SourceError."""
        self._receiver.open()

    def poll(self, timeout_s: float) -> Batch:
        """See Reader.poll."""
        received = self._receiver.take(timeout_s)
        return self._decoder.batch(received.items, received.gaps, {})

    def close(self) -> None:
        """See Reader.close."""
        self._receiver.close()

    # On the receiver's thread

    def _receive(self, receiver: Receiver[Entry]) -> None:
        link = Link(self._server)
        receiver.cancel_with(link.shut)
        with link:
            if self._channels:
                link.tell("SUBSCRIBE", *self._channels)
            if self._patterns:
                link.tell("PSUBSCRIBE", *self._patterns)
            unconfirmed = len(self._names)
            asked = False
            while not receiver.closed:
                said = link.pushed(SILENCE_S)
                if said is None:
                    if asked or unconfirmed:
                        raise link.silent()
                    self._look_for_stream()
                    link.tell("PING")
                    asked = True
                    continue
                asked = False
                receiver.heard()
                if _kind(said) in _MESSAGES:
                    entry = heard(said[-2], said[-1], several=self._several)
                    receiver.put(entry, entry.size)
                elif _kind(said) in _CONFIRMED and unconfirmed:
                    unconfirmed -= 1
                    if not unconfirmed:
                        receiver.ready()

    def _look_for_stream(self) -> None:
        """On a connection of its own: one that listens can't be asked."""
        if not self._awaits or self.superseded:
            return
        try:
            with Link(self._server) as link:
                self.superseded = bool(find(link, self._names, "auto", self._search).streams)
        except SourceError:
            self.superseded = False  # what is wrong will be said by the connection that listens, if it matters


def _kind(said: Any) -> bytes:
    return said[0] if isinstance(said, list) and said and isinstance(said[0], bytes) else b""
