"""The questions asked of a table or a query: what comes after a watermark, and what is there at all.

Each is a SELECT of our own around what is watched, so nothing else than reading can be asked in it.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, CursorResult, bindparam, column, func, literal_column, select, table, text
from sqlalchemy.sql import Select
from sqlalchemy.sql.elements import ColumnClause
from sqlalchemy.sql.expression import FromClause
from sqlalchemy.types import NULLTYPE

from sources.errors import BadSettings
from sources.sql_tables import Relation, Watermark

PAGE_BYTES = 8_000_000
"""About the most that one question brings."""

FIRST_ROWS, MOST_ROWS = 20, 2_000
"""How many rows are fetched at one go, before their size is known and after."""

FIRST_MOMENT = datetime(1000, 1, 1)  # noqa: DTZ001 - what every database can compare with, in any zone
PG_UUID = 2950


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in the order of the watermark; `full` where there may be more of them."""

    names: list[str]
    rows: list[tuple[Any, ...]]
    full: bool


class Scan:
    """Asks about one table or query.

    watched    a relation, or the text of a query with `:last` in it
    watermark  the column that grows
    """

    def __init__(self, watched: Relation | str, watermark: Watermark) -> None:
        self.watermark = watermark
        self._watched = watched
        self._column: ColumnClause[Any] = column(watermark.name)
        self._lowest: Any = None

    def learn(self, connection: Connection) -> None:
        """Find out what `:last` must be for all rows to come. Raises BadSettings if nobody can tell."""
        if isinstance(self._watched, str):
            result: CursorResult[Any] = connection.execute(
                select(self._column).select_from(self._source(None)).limit(0)
            )
            code = result.cursor.description[0][1] if result.cursor is not None and result.cursor.description else None
            self._lowest = _lowest(connection, code)
            result.close()

    def names(self, connection: Connection) -> list[str]:
        """The columns of what is watched."""
        result: CursorResult[Any] = connection.execute(
            select(literal_column("*")).select_from(self._source(None)).limit(0)
        )
        names = list(result.keys())
        result.close()
        return names

    def newest(self, connection: Connection) -> dict[str, Any]:
        """The row whose watermark is highest; empty where there is none."""
        found = connection.execute(self._select().order_by(self._column.desc()).limit(1)).mappings().first()
        return dict(found) if found is not None else {}

    def oldest(self, connection: Connection) -> Any:
        """The lowest watermark; None where there is none."""
        return connection.execute(self._marks().order_by(self._column).limit(1)).scalar()

    def last(self, connection: Connection, count: int) -> Any:
        """The watermark of the last row but `count`; None where there are not so many."""
        return connection.execute(self._marks().order_by(self._column.desc()).limit(1).offset(count)).scalar()

    def newest_marks(self, connection: Connection, count: int) -> list[Any]:
        """The highest watermarks, ascending."""
        found = connection.execute(self._marks().order_by(self._column.desc()).limit(count)).scalars().all()
        return list(found)[::-1]

    def at_or_after(self, connection: Connection, mark: Any, moment: str) -> tuple[Any, Any] | None:
        """Watermark and time of the first row that is not before `mark`."""
        chosen: Select[Any] = select(self._column, column(moment)).select_from(self._source(_lowered(mark)))
        found = connection.execute(
            chosen.where(self._column >= _given("mark")).order_by(self._column).limit(1), {"mark": mark}
        ).first()
        return None if found is None else (found[0], found[1])

    def before_moment(self, connection: Connection, moment: str, since: Any) -> Any:
        """The watermark of the row before the first that is of `since` or later; None where that is the first of all."""
        later = self._marks().where(column(moment) >= _given("since"))
        first = connection.execute(later.order_by(self._column).limit(1), {"since": since}).scalar()
        if first is None:
            return self.last(connection, 0)
        before = self._marks().where(self._column < _given("mark"))
        return connection.execute(before.order_by(self._column.desc()).limit(1), {"mark": first}).scalar()

    def page(self, connection: Connection, after: Any, limit: int, *, inclusive: bool = False, least: int = 0) -> Page:
        """The next rows after that watermark, or with it; None for all there are. At `least` so many, however large."""
        chosen = self._select(_lowered(after) if inclusive else after)
        given: dict[str, Any] = {}
        if after is not None:
            bound = _given("after")
            chosen = chosen.where(self._column >= bound if inclusive else self._column > bound)
            given["after"] = after
        return fetched(connection, chosen.order_by(self._column).limit(limit), given, limit, least)

    def marks_between(self, connection: Connection, after: Any, upto: Any, most: int) -> list[Any]:
        """The watermarks of the rows after the one, None for all, and up to the other; up to `most` of them."""
        chosen = select(self._column).select_from(self._source(after)).where(self._column <= _given("upto"))
        if after is not None:
            chosen = chosen.where(self._column > _given("after"))
        given = {"upto": upto} if after is None else {"upto": upto, "after": after}
        return list(connection.execute(chosen.order_by(self._column).limit(most), given).scalars())

    def with_marks(self, connection: Connection, after: Any, marks: Sequence[Any], limit: int) -> Page:
        """The rows that have one of these watermarks, all of which lie after that one."""
        among = self._column.in_(bindparam("among", expanding=True, type_=NULLTYPE))
        chosen = self._select(after).where(among).order_by(self._column)
        return fetched(connection, chosen, {"among": list(marks)}, limit, limit)

    def count(self, connection: Connection, after: Any, upto: Any, most: int) -> int:
        """How many rows lie after the one and not after the other, None for no bound; counted up to `most`."""
        chosen: Select[Any] = (
            select(literal_column("1")).select_from(self._source(after)).where(self._column.is_not(None))
        )
        given: dict[str, Any] = {}
        if after is not None:
            chosen = chosen.where(self._column > _given("after"))
            given["after"] = after
        if upto is not None:
            chosen = chosen.where(self._column <= _given("upto"))
            given["upto"] = upto
        within = chosen.limit(most).subquery("counted")
        return int(connection.execute(select(func.count()).select_from(within), given).scalar() or 0)

    def _source(self, after: Any) -> FromClause:
        if isinstance(self._watched, Relation):
            own: list[ColumnClause[Any]] = [column(name) for name in self._watched.columns]
            return table(self._watched.name, *own, schema=self._watched.schema)
        last = bindparam("last", self._lowest if after is None else after, type_=NULLTYPE)
        return text(self._watched + "\n").bindparams(last).columns(self._column).subquery("watched")

    def _select(self, after: Any = None) -> Select[Any]:
        chosen: list[ColumnClause[Any]] = [literal_column("*")]
        if self.watermark.hidden:
            chosen.append(column(self.watermark.name))
        return select(*chosen).select_from(self._source(after)).where(self._column.is_not(None))

    def _marks(self) -> Select[Any]:
        return select(self._column).select_from(self._source(None)).where(self._column.is_not(None))


def snapshot(connection: Connection, query: str, limit: int) -> Page:
    """All rows of a query without a watermark, up to `limit`."""
    watched = text(query + "\n").columns().subquery("watched")
    return fetched(connection, select(literal_column("*")).select_from(watched).limit(limit + 1), {}, limit)


def names_of(connection: Connection, query: str) -> list[str]:
    """The columns of a query without a watermark, without any of its rows."""
    watched = text(query + "\n").columns().subquery("watched")
    return fetched(connection, select(literal_column("*")).select_from(watched).limit(0), {}, 0).names


def fetched(connection: Connection, chosen: Select[Any], given: dict[str, Any], limit: int, least: int = 0) -> Page:
    """Ask, and fetch no more than PAGE_BYTES of what comes, however large the rows are, but for the `least` rows to fetch."""
    result = connection.execute(chosen, given, execution_options={"stream_results": True, "max_row_buffer": FIRST_ROWS})
    names = _distinct(result.keys())
    rows: list[tuple[Any, ...]] = []
    size, at_once = 0, FIRST_ROWS
    try:
        while len(rows) <= limit and size < PAGE_BYTES:
            more = [tuple(row) for row in result.fetchmany(min(at_once, limit + 1 - len(rows)))]
            if not more:
                return Page(names, rows[:limit], full=len(rows) >= limit)
            size += sum(map(_size, more[max(0, least - len(rows)) :]))
            rows += more
            largest = max(1, sum(map(_size, more)) // len(more))
            at_once = int(max(1, min(MOST_ROWS, PAGE_BYTES / 4 / largest)))
        return Page(names, rows[:limit], full=True)
    finally:
        result.close()


def _distinct(names: Iterable[str]) -> list[str]:
    """The names, with a number behind those that come again.

    >>> _distinct(["id", "v", "id"])
    ['id', 'v', 'id_2']
    """
    found: dict[str, None] = {}
    for name in names:
        number, other = 2, name
        while other in found:
            other, number = f"{name}_{number}", number + 1
        found[other] = None
    return list(found)


def _size(row: tuple[Any, ...]) -> int:
    return sum(
        len(cell) if isinstance(cell, str | bytes) else 200 if isinstance(cell, dict | list) else 8 for cell in row
    )


def _given(name: str) -> Any:
    return bindparam(name, type_=NULLTYPE)


def _lowered(mark: Any) -> Any:
    """A watermark a little lower, so that `> :last` gives those with this one too; itself where there is no such thing."""
    if isinstance(mark, bool):
        return mark
    if isinstance(mark, int | float | Decimal):
        return mark - 1
    if isinstance(mark, datetime):
        return mark - timedelta(seconds=1) if mark.year > 1 else mark
    if isinstance(mark, date):
        return mark - timedelta(days=1) if mark.year > 1 else mark
    if isinstance(mark, uuid.UUID):
        return uuid.UUID(int=max(0, mark.int - 1))
    return mark


def _lowest(connection: Connection, code: Any) -> Any:
    if connection.dialect.name == "sqlite":  # it compares any value with a number, and has none for a column's type
        return -(2**63)
    driver: Any = connection.dialect.dbapi
    for name, lowest in (("NUMBER", -(2**63)), ("DATETIME", FIRST_MOMENT), ("STRING", "")):
        if code is not None and getattr(driver, name, None) == code:
            return lowest
    if code == PG_UUID:
        return uuid.UUID(int=0)
    if isinstance(code, type) and issubclass(
        code, int | float | Decimal | datetime | str
    ):  # pyodbc's types are Python's
        return FIRST_MOMENT if issubclass(code, datetime) else "" if issubclass(code, str) else -(2**63)
    raise BadSettings("watermark", "the watermark is of a kind that has no order: name a number, a time or a text")
