"""What stands between a database and whatever a query says; each dialect that is known has one of its own."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Horizon:
    """Which transactions one transaction sees: those numbered below `xmin` have ended, none from `xmax` on had begun."""

    xmin: int
    xmax: int


class Guard:
    """For a database of which nothing is known: the transaction is rolled back, and that is all."""

    said = "always rolled back"
    single_statement = False
    """Whether the server, or its driver, refuses a second statement in one text."""
    horizons = False

    def connected(self, connection: Connection) -> Connection:
        """Prepare a new connection; returns the one to use."""
        return connection

    def begin(self, connection: Connection, timeout_s: float) -> Horizon | None:
        """First of all in each transaction."""

    def after_query(self, connection: Connection) -> None:
        """Last of all in a transaction in which a person's own query was asked: undo what outlives a rollback."""

    def end(self) -> None:
        """After each transaction."""

    def cancel(self, connection: Connection) -> Callable[[], object]:
        """What ends a running statement, to be called from another thread."""
        dbapi: Any = connection.connection.dbapi_connection
        for name in ("interrupt", "cancel", "_force_close"):  # SQLite; psycopg2, oracledb; pymysql
            if callable(found := getattr(dbapi, name, None)):
                return quietly(found)
        return lambda: None


def quietly(cancel: Callable[[], object]) -> Callable[[], object]:
    """A connection that is closed already has nothing to cancel, and its driver says so in its own words."""

    def call() -> None:
        with contextlib.suppress(Exception):
            cancel()

    return call
