"""SQLite files, read only: how they are opened, and what SQLite itself is told to refuse."""

import math
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection

from sources.sql_guard import Guard, Horizon

BUSY_S = 2.0
"""How long to wait for a writer that holds the file."""

STEPS = 20_000
"""How many of SQLite's own steps lie between two looks at the clock: about a millisecond."""

QUERY_BYTES = 2_000_000
QUERY_PATTERN_BYTES = 1_000
"""The longest text that a query may read or make, and the longest pattern of its LIKE. SQLite looks at no clock within one call of
a function: `instr` over longer texts takes hours, and `printf` makes a gigabyte of a few letters."""

_READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE, sqlite3.SQLITE_TRANSACTION}

_PRAGMAS = {"table_info", "table_xinfo", "table_list", "index_list", "index_info", "foreign_key_list", "database_list"}
"""What SQLAlchemy asks for tables and keys; none of them changes anything."""

_FUNCTIONS = {"load_extension", "fts3_tokenizer", "edit", "writefile", "readfile"}
"""Functions that reach beyond the database, whatever build of SQLite this is."""


def read_only_uri(path: str) -> str:
    """The address under which SQLite opens that file for reading alone; nothing in the path is taken for an option."""
    return f"file:{quote(str(Path(path).absolute()))}?mode=ro"


def connect(path: str, *, for_query: bool) -> sqlite3.Connection:
    """Open the file. Raises sqlite3.OperationalError where it can't be.

    for_query  whether a person's own query is asked on it, whose texts are bounded
    """
    connection = sqlite3.connect(read_only_uri(path), uri=True, timeout=BUSY_S, check_same_thread=False)
    connection.text_factory = _text
    if for_query:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, QUERY_BYTES)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, QUERY_PATTERN_BYTES)
    return connection


class SqliteGuard(Guard):
    """Stands between one connection and whatever a query asks for."""

    said = "opened read-only"
    single_statement = True

    def __init__(self) -> None:
        self._until = math.inf
        self._cancelled = False

    def connected(self, connection: Connection) -> Connection:
        dbapi: Any = connection.connection.dbapi_connection
        self._cancelled = False
        dbapi.set_authorizer(_authorize)
        dbapi.set_progress_handler(lambda: self._cancelled or time.monotonic() > self._until, STEPS)
        return connection

    def begin(self, connection: Connection, timeout_s: float) -> Horizon | None:  # noqa: ARG002 - its own is the only one
        self._until = time.monotonic() + timeout_s
        return None

    def end(self) -> None:
        self._until = math.inf

    def cancel(self, connection: Connection) -> Callable[[], object]:
        interrupt = super().cancel(connection)

        def call() -> None:
            self._cancelled = True  # an interrupt ends what runs, and not what begins a moment later
            interrupt()

        return call


def _authorize(action: int, first: str | None, second: str | None, _database: str | None, _trigger: str | None) -> int:
    if action in _READING:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() not in _FUNCTIONS:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_PRAGMA and (first or "").lower() in _PRAGMAS:
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _text(raw: bytes) -> str:
    return raw.decode(errors="replace")
