"""The server at one address: a thread with its own event loop, on which uvicorn's protocol answers requests.

Not uvicorn's own server: that one says in Streamlit's log that it starts and shuts down, as if it were Streamlit's, and wakes
ten times a second.
"""

import asyncio
import contextlib
import errno
import logging
import os
import socket
import ssl
import threading
import time
import weakref
from collections.abc import Callable

from uvicorn.config import Config
from uvicorn.server import ServerState

from sources.errors import BadSettings, SourceError, Unreachable
from sources.push.address import HOST, PORT_VARIABLE, Address
from sources.push.connection import HEAD_S, KEEP_S, Connection
from sources.push.inbox import Inbox
from sources.push.posts import Posts
from sources.push.rate import Rate

START_S = 5.0
STOP_S = 1.0
LOOK_S = 1.0
"""How often slow senders and forgotten readers are looked for."""

BACKLOG = 128

logger = logging.getLogger("pulseboard.push")


class Listener:
    """Listens until told to stop. Who listens for what is changed by `sources.push.listeners` alone, under its lock."""

    def __init__(self, address: Address, look: Callable[["Listener"], None]) -> None:
        """Take the port. Raises Unreachable where another program has it, BadSettings where it can't be had.

        look  is called every LOOK_S on the listener's thread
        """
        self.address = address
        self.inboxes: dict[str, tuple[Inbox, ...]] = {}
        self.owners: dict[Inbox, weakref.ref[object]] = {}
        self.rates: dict[str, Rate] = {}
        self.ending = False
        """No more readers are taken."""
        self.ended_at = 0.0
        """When the thread ended, seconds since the epoch; 0 before."""
        self._look = look
        self._config = _config(address, Posts(address, self.inboxes, self.rates))
        self._sockets = _bound(address)
        self._up = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name=f"push-{address.port}", daemon=True)
        self._thread.start()
        self._up.wait(START_S)

    @property
    def alive(self) -> bool:
        """Whether posts come through."""
        return self._thread.is_alive() and not self.ending

    def stop(self) -> None:
        """Begin to end. Whoever needs the port again waits with `join`."""
        self.ending = True
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # it has ended by itself
                self._loop.call_soon_threadsafe(self._stop.set)

    def join(self) -> None:
        """Wait until the port is free again."""
        if self._thread is not threading.current_thread():
            self._thread.join(STOP_S)

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=self._config.get_loop_factory()) as runner:
                runner.run(self._serve())
        except Exception:  # the thread's last words; its readers begin anew
            logger.exception("the listener for posts stopped")
        finally:
            self.ending, self.ended_at = True, time.time()
            for each in self._sockets:
                each.close()
            self._up.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        state = ServerState()
        tls = self._config.ssl
        servers = [
            await self._loop.create_server(
                lambda: Connection(self._config, state, {}),
                sock=each,
                backlog=BACKLOG,
                ssl=tls,
                ssl_handshake_timeout=HEAD_S if tls else None,
            )
            for each in self._sockets
        ]
        self._up.set()
        while not self.ending:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), LOOK_S)
            self._look(self)
            for connection in list(state.connections):
                connection.drop_if_late(time.monotonic())  # type: ignore[union-attr] # they are all ours
        await _closed(servers, state)
        if state.tasks:
            await asyncio.wait(state.tasks, timeout=STOP_S / 2)


async def _closed(servers: list[asyncio.Server], state: ServerState) -> None:
    """Take no more connections, and end those there are; also the one that was accepted a moment ago and isn't known yet."""
    # Asked before they are closed: afterwards neither uvloop nor Python 3.11 waits for a connection.
    gone = asyncio.gather(*(server.wait_closed() for server in servers))
    await asyncio.sleep(0)
    for server in servers:
        server.close()
    deadline = time.monotonic() + STOP_S / 2
    while not gone.done() and time.monotonic() < deadline:
        for connection in list(state.connections):
            connection.transport.abort()
        await asyncio.wait([gone], timeout=0.01)
    gone.cancel()


def _config(address: Address, posts: Posts) -> Config:
    """What the protocol needs to know. Raises BadSettings where the certificate can't be used."""
    config = Config(
        posts,
        interface="asgi3",
        http=Connection,
        ws="none",
        lifespan="off",
        log_config=None,  # Streamlit's server has configured it
        proxy_headers=False,
        timeout_keep_alive=KEEP_S,
        ssl_certfile=address.ssl_certfile or None,
        ssl_keyfile=address.ssl_keyfile or None,
    )
    try:
        config.load()
    except (OSError, ssl.SSLError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        raise BadSettings(
            "connection", f"ssl_certfile or ssl_keyfile can't be used ({why}): name files of a certificate and its key"
        ) from None
    return config


def _bound(address: Address) -> list[socket.socket]:
    """The sockets of an address; that of the loopback has one for IPv6 too where there is that, because localhost may mean it."""
    twofold = address.host in (HOST, "localhost")
    sockets = [_bind(HOST if twofold else address.host, address)]
    if twofold:
        with contextlib.suppress(SourceError):
            sockets.append(_bind("::1", address))
    return sockets


def _bind(host: str, address: Address) -> socket.socket:
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(
            host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError):
        raise BadSettings("connection", f"host {host[:60]!r} is unknown: write an address of this machine") from None
    bound = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":  # elsewhere it would let two programs have one port
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(where)
        bound.listen(BACKLOG)  # not before the server's own: another program's bind might come between
    except OSError as error:
        bound.close()
        raise _explained(error, host, address.port) from None
    return bound


def _explained(error: OSError, host: str, port: int) -> SourceError:
    match error.errno:
        case errno.EADDRINUSE:
            return Unreachable(
                f"Port {port} of {host} is taken, perhaps by another Pulseboard: end that program, or start this one "
                f"with {PORT_VARIABLE} (or the connection's port) set to another port."
            )
        case errno.EACCES:
            return BadSettings("connection", f"port {port} is not for everybody: choose one above 1023")
        case errno.EADDRNOTAVAIL:
            return BadSettings("connection", f"host {host[:60]!r} is not of this machine: write one of its addresses")
    return Unreachable(f"Listening at {host}:{port} failed ({error.strerror}): trying again.")
