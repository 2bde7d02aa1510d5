"""One connection to a database, on which nothing can be written, and no transaction stays open."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

from sqlalchemy import Connection, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from sources.errors import BadSettings, Unreachable
from sources.sql_address import Address
from sources.sql_drivers import engine_of
from sources.sql_errors import explain
from sources.sql_guard import Horizon
from sources.sql_guards import guard_of
from sources.sql_sqlite import connect as connect_sqlite
from sources.sql_watch import Watch

ASK_S = 30.0
"""How long one transaction's statements may take."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """What may be asked in one transaction."""

    connection: Connection
    horizon: Horizon | None


class Database:
    """Connects when it is first asked, and again after the connection was lost. One thread asks; any may cancel.

    about  beside which setting to say what the database refuses: `query` or `table`
    """

    def __init__(self, address: Address, about: str) -> None:
        """Raise BadSettings where its driver is missing or its address makes no sense. Does not connect yet."""
        self.address = address
        self.about = about
        self._engine = engine_of(address)
        if self._engine.dialect.is_async:
            raise BadSettings(
                address.setting, f"{self._engine.dialect.driver} is a driver for asyncio: name another, or none"
            )
        if self.dialect == "sqlite":
            path = self._engine.url.database or ""
            event.listen(self._engine, "do_connect", lambda *_: connect_sqlite(path, for_query=about == "query"))
        self.guard = guard_of(self._engine)
        self._connection: Connection | None = None
        self._cancel: Callable[[], object] = lambda: None
        self._cancelled = False
        self._lock = threading.Lock()

    @property
    def dialect(self) -> str:
        """Such as `postgresql`."""
        return self._engine.dialect.name

    @contextmanager
    def transaction(self, timeout_s: float = ASK_S) -> Iterator[Transaction]:
        """Ask something; whatever happens, it is rolled back at the end. Raises a SourceError.

        timeout_s  for each statement, as the database counts; for a query, which may lie to it, for all of it
        """
        try:
            connection = self._connected()
            if self._cancelled:
                raise Unreachable(f"The database at {self.address.shown} is let go of: open it again.")
            written = self.about == "query"
            watch = Watch(timeout_s, self._cancel) if written else None
            try:
                with watch or nullcontext(), connection.begin() as begun:
                    yield Transaction(connection, self.guard.begin(connection, timeout_s))
                    if written:
                        self.guard.after_query(connection)
                    begun.rollback()
            finally:
                self.guard.end()
                if watch is not None and watch.late:
                    self._let_go()  # what was cancelled late may still be cancelled
        except SQLAlchemyError as error:
            failure = explain(error, self.address, self.about)
            if not isinstance(error, DBAPIError) or error.connection_invalidated or self._connection is None:
                self._let_go()
            raise failure from None

    def cancel(self) -> None:
        """End what is being asked. Safe to call twice and from any thread."""
        with self._lock:
            self._cancelled, cancel = True, self._cancel
        cancel()

    def disconnect(self) -> None:
        """Let go of the connection. For the thread that asks."""
        self._let_go()
        self._engine.dispose()

    def _connected(self) -> Connection:
        if self._connection is None or self._connection.closed or self._connection.invalidated:
            self._let_go()
            connection = self._engine.connect()
            try:
                connection = self.guard.connected(connection)
                cancel = self.guard.cancel(connection)
            except SQLAlchemyError:
                connection.close()
                raise
            with self._lock:
                self._connection, self._cancel = connection, cancel
        return self._connection

    def _let_go(self) -> None:
        with self._lock:
            connection, self._connection = self._connection, None
            self._cancel = lambda: None
        if connection is not None:
            try:
                connection.invalidate()
                connection.close()
            except SQLAlchemyError:  # it is gone already
                return
