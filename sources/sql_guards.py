"""What keeps a database from being written to, or kept busy, whatever a query says: one guard a dialect.

    PostgreSQL        READ ONLY, REPEATABLE READ transactions with statement_timeout and lock_timeout
    SQLite            the file is opened with mode=ro; SQLite itself is told to refuse all but reading; an interrupt after the time-out
    MySQL, MariaDB    the session's transactions are READ ONLY; max_execution_time, max_statement_time
    others            always rolled back; the driver's own time-outs, if it has any

In all of them a query is one statement, a part of our own SELECT.
"""

from sqlalchemy import Connection, text
from sqlalchemy.engine import Engine

from sources.sql_guard import Guard, Horizon
from sources.sql_postgres import PostgresGuard
from sources.sql_sqlite import SqliteGuard


class MysqlGuard(Guard):
    """See above. MySQL counts in milliseconds, MariaDB in seconds."""

    said = "READ ONLY transactions"
    single_statement = True

    def connected(self, connection: Connection) -> Connection:
        with connection.begin():
            connection.execute(text("SET SESSION TRANSACTION READ ONLY"))
        return connection.execution_options(isolation_level="REPEATABLE READ")

    def begin(self, connection: Connection, timeout_s: float) -> Horizon | None:
        maria = bool(getattr(connection.dialect, "is_mariadb", False))
        limit = f"max_statement_time = {timeout_s:.0f}" if maria else f"max_execution_time = {timeout_s * 1000:.0f}"
        connection.execute(text(f"SET SESSION {limit}"))
        return None


def guard_of(engine: Engine) -> Guard:
    """The guard for an engine's dialect, with whatever must be set before it connects."""
    name, driver = engine.dialect.name, engine.dialect.driver
    if name == "postgresql":
        return PostgresGuard(driver)
    if name in {"mysql", "mariadb"}:
        return MysqlGuard()
    if name == "sqlite":
        return SqliteGuard()
    return Guard()
