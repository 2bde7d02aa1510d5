"""One connection to a Redis server: questions and answers, and what is pushed."""

import socket
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any, Self

from redis import exceptions
from redis.connection import Connection, SSLConnection
from redis.exceptions import RedisError, ResponseError

from sources.addresses import connect, cut
from sources.errors import Unreachable
from sources.redis_errors import HANDSHAKE, explain
from sources.redis_properties import Server

Word = str | bytes | int


class _Guarded(Connection):
    """Connects to what a viewer's address was found to mean, if that is not one of this network's own services."""

    guarded = False

    def _connect(self) -> socket.socket:
        if not self.guarded:
            return super()._connect()  # type: ignore[no-any-return, no-untyped-call]
        found = connect(self.host, self.port, self.socket_connect_timeout or 0, "url")
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        found.settimeout(self.socket_timeout)
        return found


class _GuardedTls(SSLConnection, _Guarded):
    """The same, encrypted."""

    def _wrap_socket_with_ssl(self, sock: socket.socket) -> Any:
        try:
            return super()._wrap_socket_with_ssl(sock)  # type: ignore[no-untyped-call]
        except TimeoutError:  # a Redis without TLS waits for the rest of what looks like a command
            raise OSError(HANDSHAKE) from None


class Link:
    """A connection, made by `with`. One thread talks through it; any thread may `shut` it."""

    def __init__(self, server: Server) -> None:
        """`server` is not connected to yet."""
        self.server = server
        self._answer_s: float = server.arguments["socket_timeout"]
        kind = _GuardedTls if server.tls else _Guarded
        # RESP2 unless asked for: every server speaks it, and what comes is the same.
        arguments = {"protocol": 2, "driver_info": None, **server.arguments}
        self._connection: Any = kind(
            host=server.host, port=server.port, **arguments
        )  # half of its methods have no types
        self._connection.guarded = server.typed

    def __enter__(self) -> Self:
        """Connect and log in. Raises a SourceError with the true cause."""
        try:
            self._connection.connect()
        except (RedisError, OSError, ValueError) as error:  # ValueError: what ssl says to an odd setting
            self._connection.disconnect()
            raise explain(error, self.server) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disconnect. Raises Unreachable where an answer had another shape than Redis gives it."""
        self._connection.disconnect()
        if isinstance(error, ValueError | TypeError | LookupError | AttributeError):
            raise Unreachable(
                f"{self.server.address} answers, but not as a Redis server does: connecting again. Check the port."
            ) from None

    def shut(self) -> None:
        """End whatever waits for an answer, from any thread."""
        waiting = self._connection._get_socket()  # noqa: SLF001 - the library gives no other way to it
        if waiting is not None:
            cut(waiting)

    def ask(self, *words: Word, wait_s: float = 0.0) -> Any:
        """The answer to one command, which may take `wait_s` longer than others. Raises a SourceError."""
        [answer] = self.ask_all([words], wait_s)
        if isinstance(answer, Exception):
            raise explain(answer, self.server)
        return answer

    def ask_all(self, commands: Iterable[Sequence[Word]], wait_s: float = 0.0) -> list[Any]:
        """The answers to commands that are sent together; one that was refused is a ResponseError in its place."""
        asked = list(commands)
        try:
            self._connection.send_packed_command(self._connection.pack_commands(asked), check_health=False)
            return [self._answer(self._answer_s + wait_s) for _ in asked]
        except (RedisError, OSError, ValueError) as error:
            raise explain(error, self.server) from None

    def tell(self, *words: Word) -> None:
        """Send a command whose answer is among what is pushed."""
        try:
            self._connection.send_command(*words, check_health=False)
        except (RedisError, OSError, ValueError) as error:
            raise explain(error, self.server) from None

    def pushed(self, timeout_s: float) -> Any:
        """The next thing that the server says; None if it says nothing in that time. Raises a SourceError."""
        try:
            return self._connection.read_response(timeout=timeout_s, disconnect_on_error=False, push_request=True)
        except exceptions.TimeoutError:
            return None
        except (RedisError, OSError, ValueError) as error:
            raise explain(error, self.server) from None

    def silent(self) -> Unreachable:
        """The error for a server that does not answer."""
        return Unreachable(f"Redis at {self.server.address} does not answer any more: connecting again.")

    def _answer(self, timeout_s: float) -> Any:
        try:
            return self._connection.read_response(timeout=timeout_s)
        except ResponseError as refusal:
            return refusal
