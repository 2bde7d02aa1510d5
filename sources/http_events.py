"""Server-sent events: from a stream's bytes, however they are cut, to its events.

https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from collections.abc import Iterator
from dataclasses import dataclass

EVENT_BYTES = 4_000_000
"""The longest event: what comes after so much of one is cut off, so it is malformed as a rule."""

NAME_CHARS, ID_CHARS = 200, 1_000
"""The longest name of an event, which is cut, and the longest id: one that is longer is none, as a part of it would be another."""

LONGEST_RETRY_S = 60.0


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its data, its name and its id, "" where it has none."""

    data: bytes
    name: str = ""
    id: str = ""


class EventStream:
    r"""Takes bytes as they come and gives the events that they complete.

    last_id   the id to go on from; "" for none. It survives the connection
    retry_s   how long the server wants to be left alone before the next connection; None where it has not said
    comments  how many lines there were that hold nothing, which servers send to show that they are there

    >>> stream = EventStream()
    >>> list(stream.feed(b"id: 7\nevent: trade\ndata: {\ndata: }\n\nda")), stream.last_id
    ([Event(data=b'{\n}', name='trade', id='7')], '7')
    >>> list(stream.feed(b"ta: 2\r\n\r\n"))
    [Event(data=b'2', name='', id='')]
    """

    def __init__(self, last_id: str = "") -> None:
        self.last_id = last_id
        self.retry_s: float | None = None
        self.comments = 0
        self._rest = bytearray()
        self._begun = False
        self._after_return = False
        self._data: list[bytes] = []
        self._size = 0
        self._name = ""
        self._id: str | None = None

    def feed(self, part: bytes) -> Iterator[Event]:
        """The events that end in this part of the stream."""
        if not self._begun and part:
            part = part.removeprefix(b"\xef\xbb\xbf")
            self._begun = True
        if self._after_return:
            part = part.removeprefix(b"\n")
        if part:
            self._after_return = part.endswith(b"\r")
        if b"\r" in part:
            part = part.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *lines, rest = part.split(b"\n")
        if lines:
            lines[0] = bytes(self._rest) + lines[0]
            self._rest = bytearray()
        self._rest += rest[: EVENT_BYTES - len(self._rest)]  # a line without end is read no further
        for line in lines:
            if line:
                self._line(line)
            else:
                yield from self._ended()

    def _line(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            if self._size + len(value) <= EVENT_BYTES:
                self._data.append(value)
                self._size += len(value) + 1
        elif name == b"event":
            self._name = value[: 4 * NAME_CHARS].decode("utf-8", "replace")[:NAME_CHARS]
        elif name == b"id" and b"\0" not in value and len(value) <= ID_CHARS:
            self._id = value.decode("utf-8", "replace")
        elif name == b"retry" and value.isdigit():
            self.retry_s = min(LONGEST_RETRY_S, int(value[:9]) / 1000)
        elif not name:
            self.comments += 1

    def _ended(self) -> Iterator[Event]:
        event = Event(b"\n".join(self._data), self._name, self._id or "")
        if self._id is not None:  # not before the event has ended: one that breaks off is asked for again
            self.last_id = self._id
        self._data, self._size, self._name, self._id = [], 0, "", None
        if event.data:
            yield event
