"""Following a watermark: each row once, its history first."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import InvalidOperation
from typing import TYPE_CHECKING, Any

from sources.batch import Gap, Reading
from sources.errors import BadSettings, SourceError
from sources.sql_clock import Clock, clock_of
from sources.sql_database import Database, Transaction
from sources.sql_guard import Horizon
from sources.sql_overlap import Overlap
from sources.sql_pieces import Piece, piece_of
from sources.sql_scan import Page, Scan
from sources.sql_snapshot import refuse_semicolons
from sources.sql_start import Begin, begin_of
from sources.sql_tables import Watermark, find_relation, no_column
from sources.sql_text import Query
from sources.start import parse_start

if TYPE_CHECKING:
    from sources.sql import Sql

PAGE_ROWS = 10_000
MOST_LATE = 500
"""Watermarks for which late rows are fetched at one go; the others' come the next time."""
COUNT_S = 2.0
"""How long counting what waits may take."""
MOST_COUNTED = 5_000_000
FARTHEST = timedelta(hours=15)
"""No zone's clock is so far ahead of UTC's."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one transaction told: new rows, rows that showed up late, and what was still under way."""

    page: Page
    late: Page | None
    horizon: Horizon | None
    restarted: bool = False


class Follow:
    """Remembers how far a table or a query has been read, whatever becomes of connections."""

    def __init__(self, query: Query | None, settings: "Sql") -> None:
        self._query = query
        self._settings = settings
        self._scan: Scan | None = None
        self._clock: Clock | None = None
        self._begin: Begin | None = None
        self._overlap = Overlap(None)
        self._position: Any = None
        self._history = 0
        self._lag = -1
        """What was said last of how many wait; that there are none is said even if there never were any."""
        self._why = ""
        self._ordered = True
        """Whether Python puts the watermarks in the database's order."""

    def attach(self, asked: Transaction, database: Database) -> None:
        """Find what is watched and its watermark, the first time. Raises Mendable where there is none."""
        if self._scan is not None:
            return
        settings, connection = self._settings, asked.connection
        if self._query is None:
            relation = find_relation(connection, settings.table.strip(), settings.watermark, database.address.shown)
            scan, names = Scan(relation, relation.watermark), list(relation.columns)
            self._why = f"rows of `{settings.table.strip()}` by {relation.watermark.why}"
        else:
            refuse_semicolons(self._query, database)
            name = settings.watermark or self._query.compared
            if not name:
                raise BadSettings("watermark", "no column is known to be compared with :last: name the one that grows")
            scan = Scan(self._query.text, Watermark(name, unique=False, why="the query"))
            names = scan.names(connection)
            if name not in names and name.lower() in names:
                scan = Scan(self._query.text, Watermark(name.lower(), unique=False, why="the query"))
            elif name not in names:
                raise no_column("watermark", name, names)
            scan.learn(connection)
            self._why = f"rows of a query by `{scan.watermark.name}`"
        if settings.time and settings.time not in names:
            raise no_column("time", settings.time, names)
        self._scan = scan

    def ask(self, database: Database, put: Callable[[Piece], bool]) -> bool:
        """Ask once, and hand over what is new; True if more waits already."""
        assert self._scan is not None  # noqa: S101 - attached before
        if self._begin is None:
            self._begin = self._start(database, self._scan)
        with database.transaction() as asked:
            answer = self._answer(asked, self._scan)
        try:
            return self._hand_over(answer, put, self._reading(database))
        except (TypeError, InvalidOperation):
            name = self._scan.watermark.name
            raise BadSettings(
                "watermark", f"`{name}` holds values that have no order among themselves: name a number or a time"
            ) from None

    def _start(self, database: Database, scan: Scan) -> Begin:
        settings = self._settings
        with database.transaction() as asked:
            newest = scan.newest(asked.connection)
            self._clock = clock_of(newest, settings.time, scan.watermark.name, settings.zone, time.time())
            begin = begin_of(asked.connection, scan, parse_start(settings.start), newest, self._clock)
        self._position = begin.position if begin.position is not None else begin.after
        self._overlap = Overlap(begin.after, begin.known)
        self._ordered = not isinstance(newest.get(scan.watermark.name), str) or database.dialect == "sqlite"
        self._history = self._waiting(database, scan, newest)
        return begin

    def _waiting(self, database: Database, scan: Scan, newest: dict[str, Any]) -> int:
        """How many rows are history, or about so many where counting them takes too long."""
        try:
            with database.transaction(COUNT_S) as asked:
                return scan.count(asked.connection, self._position, None, MOST_COUNTED)
        except SourceError:
            mark, position = newest.get(scan.watermark.name), self._position
            return mark - (position or 0) if isinstance(mark, int) and isinstance(position, int | None) else PAGE_ROWS

    def _answer(self, asked: Transaction, scan: Scan) -> _Answer:
        position, connection = self._position, asked.connection
        again = self._overlap.at(position) if position is not None else 0
        page = scan.page(connection, position, PAGE_ROWS + again, inclusive=not scan.watermark.unique, least=again)
        if page.full or position is None or not self._ordered:
            return _Answer(page, None, asked.horizon)
        expected = self._overlap.count(position)
        there = scan.count(connection, self._overlap.floor, position, expected + 1)
        if there > expected:
            floor = self._overlap.floor
            marks = scan.marks_between(connection, floor, position, expected + PAGE_ROWS)
            missing = self._overlap.missing(marks)
            late = scan.with_marks(connection, floor, list(missing)[:MOST_LATE], sum(missing.values()))
            return _Answer(page, late, asked.horizon)
        restarted = False
        if not there and expected and not page.rows:
            newest = scan.newest(connection)
            restarted = not newest or newest[scan.watermark.name] < position
            if restarted:
                self._position = newest.get(scan.watermark.name)
        return _Answer(page, None, asked.horizon, restarted)

    def _hand_over(self, answer: _Answer, put: Callable[[Piece], bool], reading: Reading) -> bool:
        page = answer.page
        gaps: tuple[Gap, ...] = ()
        if answer.restarted:
            now_us = int(time.time() * 1e6)
            gaps = (Gap(now_us, now_us, None, "the table was emptied and starts over"),)
            self._overlap = Overlap(self._position)
        rows = self._fresh(answer.late) if answer.late is not None else []
        rows += self._fresh(page)
        if page.rows:
            self._position = self._advanced(page.rows[-1][self._place(page)])
        if self._position is not None and not page.full:
            self._overlap.read(time.monotonic(), answer.horizon, self._position)
        self._history = max(0, self._history - len(rows)) if page.full else 0
        lag = max(self._history, 1) if page.full else 0
        if rows or gaps or lag != self._lag:
            self._lag = lag
            names = page.names
            if self._clock is not None and not self._clock.sure and rows:
                last = dict(zip(names, rows[-1], strict=True))
                self._clock = clock_of(last, self._clock.name, "", self._settings.zone, time.time()) or self._clock
            names, rows = self._without_hidden(names, rows)
            piece = piece_of(names, rows, reading, lag=lag, clock=self._clock)
            put(Piece(piece.table, piece.lag, piece.reading, piece.malformed, piece.samples, None, gaps))
        return page.full

    def _fresh(self, page: Page) -> list[tuple[Any, ...]]:
        place = self._place(page)
        marks = [row[place] for row in page.rows]
        return [page.rows[index] for index in self._overlap.fresh(marks, page.rows)]

    def _place(self, page: Page) -> int:
        assert self._scan is not None  # noqa: S101 - attached before
        name = self._scan.watermark.name
        return page.names.index(name)

    def _without_hidden(self, names: list[str], rows: list[tuple[Any, ...]]) -> tuple[list[str], list[tuple[Any, ...]]]:
        if self._scan is None or not self._scan.watermark.hidden:
            return names, rows
        place = names.index(self._scan.watermark.name)
        return names[:place] + names[place + 1 :], [row[:place] + row[place + 1 :] for row in rows]

    def _advanced(self, mark: Any) -> Any:
        """How far has been read; never past now, or one row of the year 2099 would hide all that come after it."""
        if isinstance(mark, datetime):
            now: date = datetime.now(UTC) if mark.tzinfo else (datetime.now(UTC) + FARTHEST).replace(tzinfo=None)
        elif isinstance(mark, date):
            now = (datetime.now(UTC) + FARTHEST).date()
        else:
            return mark
        return max(min(mark, now), self._position) if self._position is not None else min(mark, now)

    def _reading(self, database: Database) -> Reading:
        begun = f"; {self._begin.why}" if self._begin is not None and self._begin.why else ""
        return Reading("sql", f"{self._why}, asked every {self._settings.every}; {database.guard.said}{begun}")
