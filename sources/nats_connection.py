"""One connection to a NATS server: to an address that was looked up, and to no other that the server may name."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

from nats import errors
from nats.aio.client import Client
from nats.aio.errors import ErrInvalidUserCredentials
from nats.protocol.parser import Parser

from sources.addresses import host_and_port, look_up
from sources.errors import BadSettings, Mendable, SourceError, Unreachable
from sources.nats_errors import explain
from sources.nats_servers import Servers
from sources.tls import tls_context

CONNECT_S = 4.0
"""How long connecting to one address may take."""
ASK_S = 3.0
"""How long an answer may take."""
GOODBYE_S = 0.5
MESSAGE_BYTES = 68_000_000
"""More than the largest message that a server can be set to carry."""


class _Bounded(Parser):
    """Waits for the end of no message that is longer than any can be."""

    async def parse(self, data: bytes = b"") -> None:
        if len(self.buf) + len(data) > MESSAGE_BYTES:
            raise errors.ProtocolError
        await super().parse(data)


class Connection(Client):
    """The library's client, which connects once, and says in `failed` when and why the connection has ended."""

    def __init__(self, *, secure: bool) -> None:
        super().__init__()
        self._ps = _Bounded(self)
        self._secure = secure
        self.watched = ""
        """The subject that has to be allowed. Whether there are streams may be asked in vain."""
        self._refused = asyncio.Event()
        """Set once something else was not allowed, to which no answer comes."""
        self.cause: Exception | None = None
        """The last thing that went wrong."""
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Ends in an exception once there is no connection, or `fail` was called."""

    def fail(self, error: BaseException) -> None:
        """End what waits for `failed` with this error."""
        if not self.failed.done():
            self.failed.set_exception(error)
            self.failed.exception()  # it is seen, though perhaps by nobody

    async def note(self, error: Exception) -> None:
        """Called with what goes wrong while nobody waits for it."""
        self.cause = error
        text = str(error).lower()
        if "permissions violation" in text and f'"{self.watched.lower()}"' not in text:
            self._refused.set()
        elif self.is_connected:
            self.fail(error)

    async def ended(self) -> None:
        """Called when there is no connection any more."""
        self.fail(self.cause or self.last_error or errors.ConnectionClosedError())

    def _connect_command(self) -> bytes:
        """See Client: what holds the login. It is not sent in clear where TLS was asked for, whatever the server says."""
        writer = getattr(self._transport, "_io_writer", None)
        if self._secure and (writer is None or writer.get_extra_info("ssl_object") is None):
            raise errors.Error("no TLS")
        return super()._connect_command()

    async def let_go(self) -> None:
        """Close it, whatever state it is in. After a TLS handshake that failed, the library would wait for its end for ever."""
        with contextlib.suppress(TimeoutError, OSError, errors.Error):
            await asyncio.wait_for(self.close(), GOODBYE_S)

    async def answers(self, timeout_s: float) -> None:
        """Raise TimeoutError where the server neither answers nor sends anything: what comes in a flood comes before its answer."""
        if self._reading_task is None or self._reading_task.done():
            raise errors.ConnectionClosedError
        await self._flush_pending(force_flush=True)  # the library's ping would overtake a subscription
        before = self.stats["in_bytes"]
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        await self._send_ping(answer)
        await asyncio.wait([answer, self.failed], timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        # Not cancelled: an answer that comes too late for one that was would end the library's reading, without a word.
        if self.failed.done():
            self.failed.result()
        if not answer.done() and self.stats["in_bytes"] == before:
            raise TimeoutError

    async def ask(self, subject: str, question: dict[str, Any] | None = None) -> dict[str, Any]:
        """A server's answer in JSON. Raises NoRespondersError where there is nobody to ask, or TimeoutError."""
        asked = asyncio.ensure_future(self.request(subject, json.dumps(question or {}).encode(), timeout=ASK_S))
        refused = asyncio.ensure_future(self._refused.wait())
        try:
            await asyncio.wait([asked, refused], return_when=asyncio.FIRST_COMPLETED)
            if not asked.done():
                raise TimeoutError
            document = json.loads(asked.result().data)
        finally:
            asked.cancel()
            refused.cancel()
        return document if isinstance(document, dict) else {}


@contextlib.asynccontextmanager
async def connected(servers: Servers) -> AsyncIterator[Connection]:
    """A connection to the first of the servers that answers. Raises a SourceError with the true cause."""
    connection = await _first(servers)
    try:
        yield connection
    finally:
        await connection.let_go()


async def _first(servers: Servers) -> Connection:
    failure: SourceError = Unreachable(f"{servers.shown} can't be reached: check the address.")
    for host, port, secure in servers.addresses:
        for address in look_up(host, port, servers.setting):
            try:
                return await _connect(servers, host, address, port, secure=secure)
            except Mendable:
                raise
            except SourceError as error:
                failure = error
    raise failure


async def _connect(servers: Servers, host: str, address: str, port: int, *, secure: bool) -> Connection:
    named = servers.properties
    context = tls_context(named)
    connection = Connection(secure=secure)
    login = {
        name: named[name] for name in ("user", "password", "token", "user_credentials", "nkeys_seed") if name in named
    }
    try:
        await asyncio.wait_for(
            connection.connect(
                [f"{'tls' if secure else 'nats'}://{host_and_port(address, port)}"],
                name="Pulseboard",
                allow_reconnect=False,
                max_reconnect_attempts=1,
                reconnect_time_wait=0,
                connect_timeout=CONNECT_S,  # type: ignore[arg-type] # whole seconds are meant, any are taken
                tls=context,
                tls_hostname=named.get("tls_hostname", host),
                error_cb=connection.note,
                closed_cb=connection.ended,
                **login,  # type: ignore[arg-type]
            ),
            CONNECT_S,
        )
    except ImportError:
        raise BadSettings(
            servers.setting, "such a login needs a package that is not installed: pip install nkeys"
        ) from None
    except (FileNotFoundError, PermissionError, ErrInvalidUserCredentials):
        raise BadSettings(
            servers.setting, "user_credentials or nkeys_seed of the connection is no such file: check its path"
        ) from None
    except Exception as error:
        await connection.let_go()
        cause = connection.cause if isinstance(error, errors.NoServersError) and connection.cause else error
        explained = explain(cause, servers)
        if explained is None:
            raise
        raise explained from None
    return connection
