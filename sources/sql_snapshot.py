"""A query without `:last`: all its rows each time, as samples of that instant."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from sources.batch import Reading, Timed
from sources.errors import BadSettings
from sources.sql_database import Database, Transaction
from sources.sql_pieces import Piece, piece_of
from sources.sql_scan import Page, names_of, snapshot
from sources.sql_text import Query

if TYPE_CHECKING:
    from sources.sql import Sql

MOST_ROWS = 10_000
"""Of one answer. What a chart could show of more is less."""


class Snapshot:
    """Asks a whole query, and says when it is cut."""

    def __init__(self, query: Query, settings: "Sql") -> None:
        self._query = query
        self._settings = settings

    def attach(self, asked: Transaction, database: Database) -> None:
        """See that it can be asked."""
        refuse_semicolons(self._query, database)
        names = names_of(asked.connection, self._query.text)
        if self._settings.time and self._settings.time not in names:
            from sources.sql_tables import no_column  # noqa: PLC0415 - for its message alone

            raise no_column("time", self._settings.time, names)

    def ask(self, database: Database, put: Callable[[Piece], bool]) -> bool:
        """Ask once; False, as there is never more at once."""
        at_s = time.time()
        with database.transaction() as asked:
            page: Page = snapshot(asked.connection, self._query.text, MOST_ROWS)
        timed = (
            None
            if self._settings.time
            else Timed("", "each row is a sample of the instant at which the query was asked")
        )
        cut = f", of which the first {len(page.rows):,} are read: narrow it" if page.full else ""
        why = f"all rows of a query without :last, asked every {self._settings.every}{cut}; {database.guard.said}"
        put(piece_of(page.names, page.rows, Reading("sql", why), timed=timed, at_s=at_s))
        return False


def refuse_semicolons(query: Query, database: Database) -> None:
    """Raise BadSettings where the database might take what follows one for another statement."""
    if query.semicolon and not database.guard.single_statement:
        raise BadSettings(
            "query", "the query holds a semicolon, which this database may take for its end: write it without"
        )
