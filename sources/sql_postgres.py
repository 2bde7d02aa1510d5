"""PostgreSQL: transactions that can't write, and values that Python can't hold."""

from collections.abc import Callable
from typing import Any

import orjson
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from sources.sql_guard import Guard, Horizon, quietly


class PostgresGuard(Guard):
    """See above. Knows which transactions are still under way, so that none of them is overlooked."""

    said = "READ ONLY transactions"

    def __init__(self, driver: str) -> None:
        self.single_statement = driver == "psycopg"  # it sends what has parameters as one statement; psycopg2 does not
        self._driver = driver
        self.horizons = True

    def connected(self, connection: Connection) -> Connection:
        if self._driver == "psycopg":
            read_leniently(connection.connection.dbapi_connection)
        connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        try:
            with connection.begin():
                self.begin(connection, 5.0)
        except DBAPIError as error:
            if not str(getattr(error.orig, "sqlstate", None) or "").startswith(("42", "0A")):
                raise
            self.horizons = False  # it only speaks PostgreSQL's language, and knows no such function
        return connection

    def begin(self, connection: Connection, timeout_s: float) -> Horizon | None:
        if not self.horizons:
            connection.execute(text(f"set local statement_timeout = {int(timeout_s * 1000)}"))
            return None
        row = connection.execute(_BEGIN, {"limit": f"{int(timeout_s * 1000)}", "lock": "5000"}).one()
        return Horizon(int(row[0]), int(row[1]))

    def after_query(self, connection: Connection) -> None:
        if self.horizons:  # else it knows no such function either
            connection.execute(text("select pg_advisory_unlock_all()"))

    def cancel(self, connection: Connection) -> Callable[[], object]:
        dbapi: Any = connection.connection.dbapi_connection
        if self._driver == "psycopg":
            return quietly(lambda: dbapi.cancel_safe(timeout=0.8))
        return super().cancel(connection)


_BEGIN = text(
    "select txid_snapshot_xmin(s), txid_snapshot_xmax(s), set_config('statement_timeout', :limit, true),"
    " set_config('lock_timeout', :lock, true), set_config('idle_in_transaction_session_timeout', '60000', true)"
    " from (select txid_current_snapshot() as s) as now"
)


def read_leniently(connection: Any) -> None:
    """For one psycopg connection: times such as `infinity`, and JSON nested without end, are text."""
    import psycopg.types.datetime as moments  # noqa: PLC0415 - only here is it known to be there
    from psycopg import DataError  # noqa: PLC0415
    from psycopg.types.json import set_json_loads  # noqa: PLC0415

    for name, loader in (
        ("date", moments.DateLoader),
        ("timestamp", moments.TimestampLoader),
        ("timestamptz", moments.TimestamptzLoader),
        ("interval", moments.IntervalLoader),
    ):

        class Lenient(loader):  # type: ignore[misc, valid-type] # one class for each of them
            def load(self, data: Any) -> Any:
                try:
                    return super().load(data)
                except (DataError, OverflowError):
                    return bytes(data).decode()

        connection.adapters.register_loader(name, Lenient)
    set_json_loads(_json, connection)


def _json(data: str | bytes) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:  # NaN is none of JSON's, depth is beyond its bounds
        return data if isinstance(data, str) else bytes(data).decode(errors="replace")
