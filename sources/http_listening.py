"""Listening to server-sent events: what came last, how long silence is usual, and what a broken connection has cost."""

import time
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from sources.batch import Gap
from sources.errors import Unreachable
from sources.http_client import Answer, Client
from sources.http_events import Event, EventStream
from sources.http_targets import Target
from sources.messages import Message
from sources.receiver import Receiver

STREAM = "text/event-stream"

RETRY_S = 1.0
"""How long to wait before the next connection, where the server has not said."""
SHORTEST_RETRY_S = 0.1

SILENCE_S = 86_400.0
"""A stream may be silent for so long, if nothing else is known: that the peer is gone is noticed by TCP."""
BEATS = 3
"""A server that has sent so many comments sends them all the time: so many times its longest pause is too long."""
LEAST_PATIENCE_S = 5.0

OVERHEAD = 200
"""About the bytes that an event takes beside its own."""

FASTEST = 2
"""So many ids that count up by one are no coincidence."""


class Listening:
    """Hears a stream over many connections, each from the id at which the last ended."""

    def __init__(self, target: Target, least_patience_s: float = LEAST_PATIENCE_S) -> None:
        self._target = target
        self._least_patience_s = least_patience_s
        self._last_id = ""
        self._retry_s = RETRY_S
        self._heard_at = 0.0
        self._connected = False
        self._counted = 0

    @property
    def headers(self) -> Mapping[str, str]:
        """What the server needs to go on where the stream ended."""
        known = {"Last-Event-ID": self._last_id} if self._last_id.isascii() and self._last_id.isprintable() else {}
        return {"Cache-Control": "no-cache", **(known if self._last_id else {})}

    @property
    def wait_s(self) -> float:
        """How long to wait before connecting: not at all for the first time."""
        return max(SHORTEST_RETRY_S, self._retry_s) if self._connected else 0.0

    def hear(self, answer: Answer, client: Client, receiver: Receiver[Any]) -> None:
        """Put what comes until the stream ends, however it does. Raises Unreachable where nothing has come at all."""
        again, self._connected = self._connected, True
        if again and not self._last_id:
            self._lost(receiver, None, "the connection was lost")
        self._heard_at = time.time()  # what may be lost from now on is lost after this, whether anything comes or not
        receiver.ready()
        stream = EventStream(self._last_id)
        came = False
        beats: list[float] = []
        client.wire.wait_for_bytes(SILENCE_S)
        try:
            for part in answer.parts():
                came = True
                now = time.time()
                self._heard_at = now
                receiver.heard()
                comments = stream.comments
                for event in stream.feed(part):
                    if not self._put(event, now, receiver, again=again):
                        return
                    again = False
                if stream.comments > comments:
                    beats.append(now)
                    if len(beats) > BEATS:
                        longest = max(after - before for before, after in pairwise(beats))
                        client.wire.wait_for_bytes(max(self._least_patience_s, BEATS * longest))
                        del beats[: -10 * BEATS]
        except Unreachable:
            if not came:
                raise
        finally:
            self._last_id = stream.last_id
            self._retry_s = self._retry_s if stream.retry_s is None else stream.retry_s
        if not came and not receiver.closed:
            raise Unreachable(
                f"{self._target.shown} ends its stream at once: connecting again. Check what it says itself."
            )

    def _put(self, event: Event, now: float, receiver: Receiver[Any], *, again: bool) -> bool:
        """Hand over an event; False once closed. Tells what is missing before it, where ids count events."""
        if event.id:
            if again and event.id == self._last_id:
                return True  # the one to go on after, once more
            step = _step(self._last_id, event.id)
            if again and self._counted >= FASTEST and step is not None and step > 1:
                self._lost(receiver, step - 1, "the server no longer had them")
            if step is not None and not again:
                self._counted = self._counted + 1 if step == 1 else 0
            self._last_id = event.id
        fields: dict[str, Any] = {"event": event.name} if event.name else {}
        if event.id:
            fields["_id"] = event.id
        return receiver.put_when_room(Message(event.data, int(now * 1e6), fields, event.id), len(event.data) + OVERHEAD)

    def _lost(self, receiver: Receiver[Any], count: int | None, why: str) -> None:
        receiver.lost(Gap(int(self._heard_at * 1e6), int(time.time() * 1e6), count, why))


def _step(before: str, now: str) -> int | None:
    """By how much an id has counted up; None where they do not count.

    >>> _step("7", "9"), _step("a7", "a8")
    (2, None)
    """
    whole = (before, now)
    if all(each.isascii() and each.isdigit() and len(each) < 20 for each in whole):  # noqa: PLR2004 - no count is so long
        return int(now) - int(before)
    return None
