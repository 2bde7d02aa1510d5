"""A table, a view or a query of a SQL database, polled by a column that only grows: history first, then live."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from sources.connections import connection_setting
from sources.durations import parse_every
from sources.errors import BadSettings
from sources.protocol import Package, Reader, setting
from sources.reading import time_setting, zone_setting
from sources.sql_address import Address, address_of
from sources.sql_text import read_query
from sources.start import parse_start, start_setting
from sources.zones import check_zone

SHORTEST_S, LONGEST_S = 0.2, 86_400.0
NAME_CHARS = 200


@dataclass(frozen=True, slots=True)
class Sql:
    """One table or query. Nothing is ever written: see `sources.sql_database`."""

    kind: ClassVar[str] = "sql"
    title: ClassVar[str] = "SQL"
    icon: ClassVar[str] = ":material/database:"
    subject: ClassVar[str] = "table"
    packages: ClassVar[tuple[Package, ...]] = (Package("sqlalchemy", "SQLAlchemy>=2.1"),)

    table: str = setting("", "The table or view to watch. Its new rows are found by themselves.", label="Table")
    query: str = setting(
        "",
        "A query instead of a table, with `:last` where the last row's watermark goes, as in "
        "`select * from orders where id > :last`. Without `:last` all its rows are read anew each time, as samples of that instant.",
        label="Query",
        lines=4,
    )
    connection: str = connection_setting()
    watermark: str = setting(
        "",
        "The column that grows with each new row, such as `id` or `updated_at`. Empty: found by looking at the table's keys "
        "and indexes, or in the query.",
        label="Watermark",
    )
    start: str = start_setting("so many rows")
    every: str = setting(
        "2s",
        "How often to ask for new rows, from 0.2s to 1d.",
        label="Ask every",
        choices=("0.5s", "1s", "2s", "10s", "1m"),
    )
    time: str = time_setting("The column that holds the event time. Empty: found by looking.")
    zone: str = zone_setting()
    url: str = setting(
        "",
        "A database's address without a password, such as `postgresql://user@localhost/metrics` or `sqlite:////data/metrics.sqlite`.",
        label="Address",
    )
    properties: tuple[tuple[str, str], ...] = setting(
        (), "The connection's properties, as Streamlit's own SQL connection has them.", secret=True
    )

    def __post_init__(self) -> None:
        """Raise BadSettings for what no database could make sense of."""
        if not self.table.strip() and not self.query.strip():
            raise BadSettings("table", "table is empty: choose the table to watch, or write a query")
        if self.table.strip() and self.query.strip():
            raise BadSettings("query", "table and query are both given: choose one of them")
        for name in ("table", "watermark", "time"):
            text = getattr(self, name)
            if len(text) > NAME_CHARS or "\0" in text:
                raise BadSettings(name, f"{text[:40]!r} is no name: write one of up to {NAME_CHARS} characters")
        if self.query.strip():
            read_query(self.query)
        parse_start(self.start)
        parse_every(self.every, SHORTEST_S, LONGEST_S)
        check_zone(self.zone)
        self.address()

    def address(self) -> Address:
        """Where the database is."""
        return address_of(self.properties, self.url)

    @classmethod
    def subjects(cls, arguments: Mapping[str, Any]) -> list[str]:
        """See Listing: the tables and views, those outside of the usual schema with its name before them."""
        from sources.sql_tables import list_tables  # noqa: PLC0415 - SQLAlchemy takes 0.3 s to import

        return list_tables(address_of(arguments.get("properties", ()), arguments.get("url", "")))

    def open(self) -> Reader:
        """See Source.open. Nothing but tables' names and keys is asked for until it is polled."""
        from sources.sql_reader import SqlReader  # noqa: PLC0415 - SQLAlchemy takes 0.3 s to import

        return SqlReader(self)
