"""Reading one NATS subject: through the stream that keeps it, from where the last connection ended; else as it is sent."""

import asyncio
import contextlib
import json
import time
from dataclasses import dataclass

from nats.aio.msg import Msg

from sources.batch import Batch, Gap
from sources.errors import Unreachable
from sources.formats.names import AUTO
from sources.messages import Message, MessageDecoder
from sources.nats_connection import Connection, connected
from sources.nats_errors import explain
from sources.nats_servers import Servers
from sources.nats_stream import Consumer, Streams
from sources.nats_subjects import Levels
from sources.receiver import Receiver
from sources.start import Start

LOOK_S = 5.0
"""So often the server is asked whether it is there."""
ANSWER_S = 5.0

PULLED = 2_000
"""How many events a stream is asked for at a time; for more when half of them have come."""
PULL_S = 30.0
HEARTBEAT_S = 5.0
"""How long such a question stands, and how often the server says meanwhile that it does."""
STILL_S = 20.0
"""After so long without a heartbeat the server has forgotten the question."""

MESSAGE_COST = 600
"""Bytes that a message takes beside its own."""

_ACK = "$JS.ACK."


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A message, and how many wait in the stream behind it."""

    message: Message
    waiting: int = 0


class NatsReader:
    """An opened subject. Keeps its position in the stream itself, so that a new connection goes on where the last ended."""

    def __init__(self, servers: Servers, topic: str, start: Start, format: str = AUTO) -> None:  # noqa: A002 - as in the link
        """Connect and take up the start position. Raises a SourceError with the true cause if that fails."""
        self._servers = servers
        self._topic = topic
        self._start = start
        self._levels = Levels(topic)
        self._decoder = MessageDecoder(format)
        self._stream: str | None = None
        """The stream that keeps the subject; "" where none does, None before that is known."""
        self._next = 0
        """The number in the stream of the first event that has not come; 0 while there is none."""
        self._created = ""
        """When the stream was made, in the server's words."""
        self._waiting = 0
        self._gaps: list[Gap] = []
        self._count = 0
        self._receiver: Receiver[_Arrival] = Receiver(
            self._receive, f"NATS at {servers.shown}", notice_s=LOOK_S + ANSWER_S
        )
        self._receiver.open()

    def poll(self, timeout_s: float) -> Batch:
        """See Reader.poll."""
        received = self._receiver.take(timeout_s)
        gaps, self._gaps = self._gaps, []
        if received.items:
            self._waiting = received.items[-1].waiting
        lag = {self._stream: self._waiting} if self._stream else {}
        return self._decoder.batch([each.message for each in received.items], gaps=(*gaps, *received.gaps), lag=lag)

    def close(self) -> None:
        """See Reader.close."""
        self._receiver.close()

    def _receive(self, receiver: Receiver[_Arrival]) -> None:
        """On the receiver's thread: an event loop as long as the connection lasts."""
        try:
            asyncio.run(self._connect(receiver))
        except Exception as error:
            explained = explain(error, self._servers)
            if explained is None:
                raise
            raise explained from None

    async def _connect(self, receiver: Receiver[_Arrival]) -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()

        def cancel() -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(lambda: task.cancel() if task is not None else None)

        receiver.cancel_with(cancel)
        try:
            async with connected(self._servers) as connection:
                await self._read(connection, receiver)
        except asyncio.CancelledError:
            if not receiver.closed:
                raise

    async def _read(self, connection: Connection, receiver: Receiver[_Arrival]) -> None:
        connection.watched = self._topic
        streams = Streams(connection, self._servers)
        if self._stream is None:
            self._stream = await streams.keeping(self._topic)
        pulling = _Pulling(connection, streams, self._stream, receiver, self) if self._stream else None
        if pulling is not None:
            await pulling.begin(await self._consumer(streams, self._stream))
        else:
            await connection.subscribe(self._topic, cb=self._heard(receiver))
            await connection.answers(ANSWER_S)
        receiver.ready(keeps=pulling is not None)
        while not receiver.closed:
            await asyncio.wait([connection.failed], timeout=LOOK_S)
            if connection.failed.done():
                connection.failed.result()
            await connection.answers(ANSWER_S)
            receiver.heard()
            if pulling is not None:
                pulling.look()

    async def _consumer(self, streams: Streams, stream: str) -> Consumer:
        """What begins at the start position or, when something has come before, behind that."""
        standing = await streams.standing(stream)
        before, self._created = self._created, standing.created
        now_us = int(time.time() * 1e6)
        if not self._next:
            consumer = await streams.consumer(stream, self._topic, self._start, standing)
            self._waiting = consumer.waiting - consumer.surplus
            if not self._waiting:
                self._next = standing.last + 1
            return consumer
        if before != standing.created:
            self._gaps.append(Gap(now_us, now_us, None, "the stream was made anew"))
            self._next = 1
        elif standing.last + 1 < self._next:
            self._gaps.append(Gap(now_us, now_us, None, "the stream has lost its newest events"))
            self._next = standing.last + 1
        elif standing.first > self._next:
            self._gaps.append(Gap(now_us, now_us, None, "the stream has let go of events before they could be read"))
        return await streams.consumer_at(stream, self._topic, self._next)

    def _heard(self, receiver: Receiver[_Arrival]):  # type: ignore[no-untyped-def] # noqa: ANN202 - a coroutine function
        async def heard(message: Msg) -> None:
            self._count += 1
            fields = self._levels.of(message.subject)
            arrived = Message(message.data or None, int(time.time() * 1e6), fields, f"message {self._count:,}")
            receiver.put(_Arrival(arrived), _size(message))

        return heard

    def take_stored(self, message: Msg, sequence: int, at_us: int, waiting: int, receiver: Receiver[_Arrival]) -> bool:
        """An event of the stream, in its order. Waits for room; False once closed."""
        stored = Message(message.data or None, at_us, self._levels.of(message.subject), f"{self._stream} {sequence:,}")
        if not receiver.put_when_room(_Arrival(stored, waiting), _size(message)):
            return False
        self._next = sequence + 1
        return True

    def nothing_waits(self) -> None:
        """The server has said that there is nothing more."""
        self._waiting = 0


def _size(message: Msg) -> int:
    """About its bytes in memory: its subject stands in a field, and the levels of that in others."""
    return len(message.data) + 2 * len(message.subject) + MESSAGE_COST


class _Pulling:
    """Asks for the events that a consumer has, ever again."""

    def __init__(
        self, connection: Connection, streams: Streams, stream: str, receiver: Receiver[_Arrival], reader: NatsReader
    ) -> None:
        self._connection = connection
        self._prefix = streams.prefix
        self._stream = stream
        self._receiver = receiver
        self._reader = reader
        self._consumer = Consumer("", 0)
        self._inbox = connection.new_inbox()
        self._asked_for = 0
        self._came = 0
        self._heard = time.monotonic()

    async def begin(self, consumer: Consumer) -> None:
        """Ask for the first ones."""
        self._consumer = consumer
        await self._connection.subscribe(self._inbox, cb=self._take)
        await self._ask()

    def look(self) -> None:
        """Raise Unreachable where the server has forgotten that it was asked."""
        if time.monotonic() - self._heard > STILL_S:
            raise Unreachable(f"Stream {self._stream} stands still: connecting again.")

    async def _ask(self) -> None:
        question = {"batch": PULLED, "expires": int(PULL_S * 1e9), "idle_heartbeat": int(HEARTBEAT_S * 1e9)}
        path = f"{self._prefix}.CONSUMER.MSG.NEXT.{self._stream}.{self._consumer.name}"
        self._asked_for += PULLED
        await self._connection.publish(path, json.dumps(question).encode(), reply=self._inbox)

    async def _take(self, message: Msg) -> None:
        self._heard = time.monotonic()
        if not message.reply.startswith(_ACK):
            await self._told(message)
            return
        self._asked_for -= 1
        self._came += 1
        parts = message.reply.split(".")
        _, sequence, number, nanoseconds, waiting = map(int, parts[4:9] if len(parts) == _SHORT else parts[6:11])
        if number != self._came:
            self._connection.fail(Unreachable(f"Stream {self._stream} left events out: asking again."))
            return
        if number > self._consumer.surplus and not self._reader.take_stored(
            message, sequence, nanoseconds // 1000, waiting, self._receiver
        ):
            return
        if self._asked_for <= PULLED // 2:
            await self._ask()

    async def _told(self, message: Msg) -> None:
        """What the server says of a question: that it still stands, is over, or makes no sense any more."""
        headers = message.headers or {}
        status, said = headers.get("Status", ""), headers.get("Description", "")
        if status == "100":
            self._reader.nothing_waits()
        elif status in ("404", "408") or (status == "409" and "deleted" not in said.lower()):
            self._asked_for = 0
            await self._ask()
        elif status:
            self._connection.fail(Unreachable(f"Stream {self._stream} can't be read on: connecting again."))


_SHORT = 9
"""The parts of what stands beside a stored event; servers with domains give two more before them."""
