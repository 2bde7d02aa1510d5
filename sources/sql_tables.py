"""The tables and views of a database, and which column of one grows with each new row."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.types import Date, DateTime, Integer

from sources.errors import BadSettings, NotFound
from sources.fields.time_names import UNNAMED, certainty
from sources.sql_address import Address
from sources.sql_database import Database

LIST_S = 8.0
MOST_TABLES = 2_000
MOST_NAMES = 20
"""Columns named in a message."""

ROWID = "rowid"
_WITHOUT_ROWID = re.compile(r"\)[^)]*\bwithout\s+rowid\b[^)]*$", re.IGNORECASE)

_SYSTEM = frozenset({"information_schema", "pg_catalog", "mysql", "performance_schema", "sys"})


@dataclass(frozen=True, slots=True)
class Watermark:
    """A column that grows with each new row.

    unique  whether no two rows have the same value
    hidden  whether it is none of the table's own columns, as SQLite's rowid
    why     what told, for a person
    """

    name: str
    unique: bool
    why: str
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or view. `columns` in their order."""

    schema: str | None
    name: str
    columns: tuple[str, ...]
    watermark: Watermark


def list_tables(address: Address) -> list[str]:
    """What can be watched, sorted. Raises a SourceError."""
    database = Database(address, "table")
    try:
        with database.transaction(LIST_S) as asked:
            return sorted(_tables(asked.connection))[:MOST_TABLES]
    finally:
        database.disconnect()


def find_relation(connection: Connection, wanted: str, watermark: str, at: str) -> Relation:
    """The table or view of that name and its watermark. Raises NotFound, and BadSettings beside `watermark`."""
    tables = _tables(connection)
    if wanted not in tables:
        tables |= {f"{schema}.{name}": (schema, name) for schema, name in tables.values() if schema}
    if wanted not in tables:
        near = get_close_matches(wanted, tables, n=3, cutoff=0.4) or sorted(tables)[:3]
        advice = (
            f"did you mean {' or '.join(near)}?" if near else "this user sees none at all: check the database's name."
        )
        raise NotFound(f"The database at {at} has no table {wanted[:60]!r}: {advice}")
    schema, name = tables[wanted]
    columns = inspect(connection).get_columns(name, schema=schema)
    names = tuple(str(each["name"]) for each in columns)
    found = (
        _named(connection, schema, name, names, watermark) if watermark else _found(connection, schema, name, columns)
    )
    return Relation(schema, name, names, found)


def no_column(setting: str, name: str, names: Sequence[str]) -> BadSettings:
    """The error for a column that is not there, with those that are."""
    near = get_close_matches(name, names, n=1)
    meant = f"did you mean {near[0]}? " if near else ""
    listed = ", ".join(names[:MOST_NAMES]) + (" …" if len(names) > MOST_NAMES else "")
    return BadSettings(setting, f"there is no column {name[:60]!r}: {meant}there are {listed}")


def _tables(connection: Connection) -> dict[str, tuple[str | None, str]]:
    """Schema and name by the name that is shown."""
    inspector = inspect(connection)
    found: dict[str, tuple[str | None, str]] = {}
    usual = inspector.default_schema_name
    schemas: list[str | None] = [None]
    if connection.dialect.name in {"postgresql", "mssql"}:
        others = inspector.get_schema_names()
        schemas += [each for each in others if each not in {usual, *_SYSTEM} and not each.startswith(("pg_", "db_"))]
    for schema in schemas:
        names = [*inspector.get_table_names(schema=schema), *inspector.get_view_names(schema=schema)]
        if connection.dialect.name == "postgresql":
            names += inspector.get_materialized_view_names(schema=schema)
        for name in names:
            found[f"{schema}.{name}" if schema else name] = (schema, name)
    return found


def _named(connection: Connection, schema: str | None, table: str, names: tuple[str, ...], wanted: str) -> Watermark:
    if wanted == ROWID and _has_rowid(connection, table, names):
        return Watermark(ROWID, unique=True, why="the rowid, as the settings say", hidden=True)
    if wanted not in names:
        raise no_column("watermark", wanted, names)
    return Watermark(wanted, _is_unique(connection, schema, table, wanted), f"`{wanted}`, as the settings say")


def _found(  # noqa: PLR0911 - a list of rules
    connection: Connection, schema: str | None, table: str, columns: Sequence[Any]
) -> Watermark:
    """The watermark of a table for which none is named: the first rule that fits."""
    inspector = inspect(connection)
    kinds = {str(each["name"]): each for each in columns}
    key = list((inspector.get_pk_constraint(table, schema=schema) or {}).get("constrained_columns") or ())
    integers = [name for name, each in kinds.items() if isinstance(each["type"], Integer)]
    moments = [name for name, each in kinds.items() if isinstance(each["type"], DateTime | Date)]
    moments.sort(key=certainty, reverse=True)
    if len(key) == 1 and key[0] in integers:
        return Watermark(key[0], unique=True, why=f"its key `{key[0]}`")
    counted = [name for name in integers if kinds[name].get("identity") or kinds[name].get("autoincrement") is True]
    if counted:
        return Watermark(
            counted[0], _is_unique(connection, schema, table, counted[0]), f"`{counted[0]}`, which the database counts"
        )
    if _has_rowid(connection, table, tuple(kinds)):
        return Watermark(ROWID, unique=True, why="the rowid that SQLite gives each", hidden=True)
    first = {
        str(index["column_names"][0])
        for index in inspector.get_indexes(table, schema=schema)
        if index["column_names"] and index["column_names"][0]
    }
    first |= set(key[:1])
    if indexed := [name for name in moments if name in first]:
        return Watermark(indexed[0], unique=False, why=f"the time `{indexed[0]}`, which has an index")
    named = next((name for name in integers if name.lower() in {"id", "seq", "sequence", "offset"}), "")
    if named and not key:
        return Watermark(named, unique=False, why=f"`{named}`, going by its name")
    if moments:
        return Watermark(moments[0], unique=False, why=f"the time `{moments[0]}`, which has no index that is known")
    timed = max(kinds, key=certainty, default="")
    if timed and certainty(timed) > UNNAMED:
        return Watermark(timed, unique=False, why=f"`{timed}`, going by its name")
    listed = ", ".join(list(kinds)[:MOST_NAMES])
    raise BadSettings(
        "watermark", f"no column of {table[:60]} is known to grow with each new row: name one that does, of {listed}"
    )


def _is_unique(connection: Connection, schema: str | None, table: str, column: str) -> bool:
    inspector = inspect(connection)
    keys = [(inspector.get_pk_constraint(table, schema=schema) or {}).get("constrained_columns")]
    try:
        keys += [each["column_names"] for each in inspector.get_unique_constraints(table, schema=schema)]
    except (NotImplementedError, SQLAlchemyError):  # a view's, in some dialects
        return False
    return [column] in keys


def _has_rowid(connection: Connection, table: str, names: tuple[str, ...]) -> bool:
    """Whether it is a table of SQLite's that numbers its rows by itself."""
    if connection.dialect.name != "sqlite" or ROWID in map(str.lower, names):
        return False
    kind = connection.execute(text("select type, sql from sqlite_master where name = :name"), {"name": table}).first()
    return kind is not None and kind[0] == "table" and not _WITHOUT_ROWID.search(str(kind[1]))
