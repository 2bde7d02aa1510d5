"""How fields whose type drifts stand in one Parquet file, exactly, and still readable for whoever opens it with pandas.

Each field has a column of its own name, of the type that most of its events have; integers among floats count as floats and
stand there as such. Events of another type have their exact value in a column beside it, which wins where it holds one:

    value (float64)   1.5   2.0   null          a feed that sent 1.5, then the integer 2, then the text "n/a"
    value (int64)     null  2     null
    value (string)    null  null  n/a

Which column is which field's exact one is said in the header, so any name may be a field's. A null is the same as absent.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sources.batch import TIME, TIME_TYPE
from sources.recording_header import Exact

TYPES = {
    pa.int64(): "int64",
    pa.float64(): "float64",
    pa.bool_(): "bool",
    pa.string(): "string",
    TIME_TYPE: "instant",
}
"""The types a field may have, and how a column beside it is called."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one file.

    natural  each field's type in the column of its own name, in order of appearance
    beside   (field, type) → the name of the column that holds its exact values
    """

    natural: Mapping[str, pa.DataType]
    beside: Mapping[tuple[str, pa.DataType], str]

    @property
    def schema(self) -> pa.Schema:
        """Every field's own column, then those beside."""
        return pa.schema([*self.natural.items(), *((name, kind) for (_, kind), name in self.beside.items())])

    @property
    def exact(self) -> Exact:
        """The columns beside, as the header says it."""
        return {name: field for (field, _), name in self.beside.items()}

    def conform(self, table: pa.Table) -> pa.Table:
        """The same rows in these columns."""
        given = {name: held(column) for name, column in zip(table.column_names, table.columns, strict=True)}

        def cells(field: str, kind: pa.DataType, *, widened: bool) -> pa.ChunkedArray | pa.Array:
            column = given.get(field)
            if column is not None and column.type == kind:
                return column
            if widened and column is not None and (column.type, kind) == (pa.int64(), pa.float64()):
                return column.cast(kind, safe=False)  # the exact integer stands beside
            return pa.nulls(len(table), kind)

        own = [cells(field, kind, widened=True) for field, kind in self.natural.items()]
        beside = [cells(field, kind, widened=False) for field, kind in self.beside]
        return pa.table([*own, *beside], schema=self.schema)


def held(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column itself where it is stored as a dictionary."""
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def lay_out(tables: Iterable[pa.Table]) -> Columns:
    """The columns that hold every event of these tables. Raises ValueError for a type that no feed has."""
    counts: dict[str, dict[pa.DataType, int]] = {TIME: {TIME_TYPE: 0}}
    for table in tables:
        for field, column in zip(table.schema, table.columns, strict=True):
            kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
            some = len(column) - column.null_count
            if some:
                if kind not in TYPES:
                    raise ValueError(f"field {field.name!r} is {kind}, which no feed has")
                of_field = counts.setdefault(field.name, {})
                of_field[kind] = of_field.get(kind, 0) + some
    natural = {field: _usual(kinds) for field, kinds in counts.items()}
    taken = set(natural)
    beside = {}
    for field, kinds in counts.items():
        for kind in kinds:
            if kind != natural[field]:
                name = beside[field, kind] = _free(f"{field} ({TYPES[kind]})", taken)
                taken.add(name)
    return Columns(natural, beside)


def _usual(kinds: Mapping[pa.DataType, int]) -> pa.DataType:
    merged: dict[pa.DataType, int] = {}
    for kind, events in kinds.items():
        as_kind = pa.float64() if kind == pa.int64() and pa.float64() in kinds else kind
        merged[as_kind] = merged.get(as_kind, 0) + events
    return max(merged, key=merged.__getitem__)


def _free(name: str, taken: set[str]) -> str:
    """The name, with as many strokes as it takes to be no other column's."""
    while name in taken:
        name += "'"
    return name


def fields_of(table: pa.Table, exact: Exact) -> Iterator[pa.Table]:
    """The rows as they were published: each field under its own name, cut where a field's type changes, without those that are null.

    exact  columns that hold exact values → the field they are of; what it says of columns that are not there does not matter
    """
    columns: dict[str, list[pa.ChunkedArray]] = {
        name: [column] for name, column in zip(table.column_names, table.columns, strict=True) if name not in exact
    }
    for name, field in exact.items():
        if name in table.column_names:
            columns.setdefault(field, []).append(table[name])
    changes = np.zeros(len(table), bool)
    which = {}
    for field, held_in in columns.items():
        which[field] = _which(held_in)
        if len(held_in) > 1:
            changes |= _changes(which[field])
    starts = [0, *np.flatnonzero(changes).tolist()]
    for start, stop in zip(starts, [*starts[1:], len(table)], strict=True):
        used = {field: int(which[field][start:stop].max(initial=-1)) for field in columns}
        found = {field: columns[field][at].slice(start, stop - start) for field, at in used.items() if at >= 0}
        if start < stop:
            yield pa.table(found)


def _which(columns: list[pa.ChunkedArray]) -> npt.NDArray[np.int16]:
    """(n,) which of a field's columns holds the value of each row; -1 where it has none. The last one wins."""
    found = np.full(len(columns[0]), -1, np.int16)
    for at, column in enumerate(columns):
        if column.null_count < len(column):
            found[np.asarray(column.is_valid())] = at
    return found


def _changes(which: npt.NDArray[np.int16]) -> npt.NDArray[np.bool_]:
    """(n,) whether a row's column is another than that of the row before it which had a value."""
    changes = np.zeros(len(which), bool)
    some = np.flatnonzero(which >= 0)
    changes[some[1:]] = np.diff(which[some]) != 0
    return changes
