"""Connections that lead nowhere but to an address that was looked at first, and that another thread can cut.

requests connects through urllib3; what is given here takes the place of its own connections.
"""

import socket
import threading
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from sources import addresses
from sources.errors import Unreachable

CONNECT_S = 4.0
"""How long to wait for a connection."""

_KEEPALIVE = (("TCP_KEEPIDLE", 15), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3))
"""So that a peer that is gone without a word is noticed within half a minute, where the system knows these."""

_wires: dict[int, "Wire"] = {}
"""By the thread that asks: urllib3 makes its connections itself, and knows nothing of who asks."""


class Wire:
    """The socket of one client's question. It asks on one thread at a time; any thread may cut it."""

    def __init__(self) -> None:
        self.setting = ""
        """The setting that names the address, for errors."""
        self.shown = ""
        self.opened = 0
        """How many connections were made."""
        self._ended = False
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()

    def asks(self) -> None:
        """Connections that this thread makes from now on are this wire's."""
        _wires[threading.get_ident()] = self

    def done(self) -> None:
        """This thread asks no more."""
        _wires.pop(threading.get_ident(), None)
        with self._lock:
            self._socket = None

    def took(self, connected: socket.socket | None) -> None:
        """This is what is spoken through."""
        with self._lock:
            self._socket = connected
            ended = self._ended
        if ended:
            self.cut()

    def wait_for_bytes(self, seconds: float) -> None:
        """How long to wait for the next bytes from now on."""
        with self._lock:
            if self._socket is not None:
                self._socket.settimeout(seconds)

    def cut(self) -> None:
        """End whatever waits for this wire's next bytes."""
        with self._lock:
            if self._socket is not None:
                addresses.cut(self._socket)

    def end(self) -> None:
        """Cut it, now and whenever it is spoken through again."""
        with self._lock:
            self._ended = True
        self.cut()

    def connect(self, host: str, port: int, timeout_s: float) -> socket.socket:
        """A connection to an address that may be read. Raises a SourceError."""
        try:
            connected = addresses.connect(host, port, timeout_s, self.setting)
        except TimeoutError:
            raise Unreachable(
                f"{self.shown} did not answer in {timeout_s:.0f} s: check the address, and that it runs."
            ) from None
        except OSError:
            raise Unreachable(f"Nothing listens at {self.shown}: check the address, and that it runs.") from None
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in _KEEPALIVE:
            if hasattr(socket, name):
                connected.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
        self.opened += 1
        return connected


class _Guarded:
    """What both kinds of connections do differently: see Wire."""

    sock: Any
    port: int
    timeout: Any
    _dns_host: str

    def _new_conn(self) -> socket.socket:
        timeout_s = self.timeout if isinstance(self.timeout, int | float) else CONNECT_S
        return _wires[threading.get_ident()].connect(self._dns_host, self.port, timeout_s)

    def connect(self) -> None:
        super().connect()  # type: ignore[misc] # of the class beside it
        _wires[threading.get_ident()].took(self.sock)

    def putrequest(self, *args: Any, **more: Any) -> None:
        if self.sock is not None:  # a connection from the question before
            _wires[threading.get_ident()].took(self.sock)
        super().putrequest(*args, **more)  # type: ignore[misc]


class _Plain(_Guarded, HTTPConnection):
    pass


class _Tls(_Guarded, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _Tls


class GuardedAdapter(HTTPAdapter):
    """Has requests connect through the wire of the thread that asks, and by no proxy."""

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **more: Any) -> None:  # noqa: FBT001, FBT002 - requests' own
        """See HTTPAdapter."""
        self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, **more)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}

    def proxy_manager_for(self, proxy: str, **_: Any) -> Any:
        """See HTTPAdapter. Raises: a proxy would look the host up itself."""
        raise NotImplementedError(proxy)
