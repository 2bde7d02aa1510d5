"""From documents to columns, however wide, deep or odd they are.

    {"a": 1, "b": {"c": 2}}     fields a and b.c: objects inside objects become dotted names
    {"a": [1, 2]}               field a holds the list's JSON text
    {"_a": 1, "": 2}            fields value._a and value.: names that are empty or RESERVED are put under `value`
    {"a": null}                 null, the same as absent; a field that is null throughout a batch makes no column
    {"a.b": 1, "a": {"b": 2}}   the last one holds

A message can be wide and deep without end, a board cannot. Objects nested past DEPTH stay JSON text in their field; what
lies past FIELDS_PER_MESSAGE, FIELDS_PER_BATCH, SPARSE or NAME_CHARS is kept, nested as it came, as JSON text in the column REST.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import chain
from operator import itemgetter
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from sources.batch import RESERVED
from sources.formats.format import Document
from sources.formats.plain import plain

DEPTH = 8
"""The most parts a dotted name has."""

FIELDS_PER_MESSAGE = 200
FIELDS_PER_BATCH = 500

SPARSE = 32
SPARSE_CELLS = 1_000_000
"""How many cells a batch may have for each that holds something, and how many it may have anyway: `[{"a1": 1}, {"a2": 1}, …]` of
500 names and 600 kB would be 240 MB of columns."""

NAME_CHARS = 200
"""The longest field name. Without it, one long name over many short ones would make memory grow with their product."""

REST = RESERVED + "rest"
"""The column that holds, as JSON text, what was past a cap; there only if something was."""


def flat_columns(documents: Sequence[Document]) -> dict[str, pa.Array] | None:
    """The documents' fields as columns if their names may stand and nothing in them is nested, else None."""
    names = _names(documents)
    return _columns(documents, names) if _may_stand(names, _most_names(documents)) else None


def columns_of(documents: Sequence[Document]) -> dict[str, pa.Array]:
    """Flat documents, as `flatten` makes them, as columns in order of first appearance.

    A column's type follows from all its values: int64, float64, bool, string or timestamp(us, UTC) where they agree; float64
    where integers meet floats or leave int64 (then the nearest float64); else string, of other kinds their JSON text.
    Numbers written as strings stay strings.
    """
    return _columns(documents, _names(documents)) or {}


def flatten(documents: Sequence[Document], refuse: Callable[[int, str], object]) -> tuple[list[int], list[Document]]:
    """The documents with dotted names, lists as text and what is past a cap in REST; and which they are.

    Those that can't be kept are left out: `refuse` is told which, and why.
    """
    names: set[str] = set()
    most = _most_names(documents)
    kept, flat = [], []
    for index, document in enumerate(documents):
        fields: Document = {}
        try:
            rest = _flatten(document, fields, names, most)
            if rest:
                fields[REST] = _text(rest)
        except (orjson.JSONEncodeError, RecursionError):
            refuse(index, "objects or lists nested too deeply to keep as JSON text")
        else:
            kept.append(index)
            flat.append(fields)
    return kept, flat


def _names(documents: Iterable[Document]) -> list[str]:
    """All fields, in order of first appearance."""
    return list(dict.fromkeys(chain.from_iterable(documents)))


def _most_names(documents: Sequence[Document]) -> int:
    """How many fields the documents may have together."""
    cells = max(SPARSE_CELLS, SPARSE * sum(map(len, documents)))
    return min(FIELDS_PER_BATCH, cells // max(1, len(documents)))


def _may_stand(names: Sequence[str], most: int) -> bool:
    """Whether the names may stand as they are, and are few enough."""
    return len(names) <= min(FIELDS_PER_MESSAGE, most) and not any(
        _is_reserved(name) or len(name) > NAME_CHARS for name in names
    )


def _is_reserved(name: str) -> bool:
    return not name or name.startswith(RESERVED)


def _flatten(  # noqa: PLR0913, PLR0917 - where it stands in the batch, and in the document
    document: Document, fields: Document, names: set[str], most: int, prefix: str = "", depth: int = 1
) -> Document:
    """Add the document's fields to `fields` and their names to the batch's `names`, `most` of them; return what is past a cap."""
    rest = {}
    for key, value in document.items():
        name = prefix + key
        if _is_reserved(name):
            name = "value." + name
        fits = len(name) <= NAME_CHARS and len(fields) < FIELDS_PER_MESSAGE
        if type(value) is dict and depth < DEPTH and fits:
            beyond = _flatten(value, fields, names, most, name + ".", depth + 1)
            if beyond:
                rest[key] = beyond
        elif fits and (name in names or len(names) < most):
            fields[name] = _text(value) if type(value) in (dict, list) else value
            names.add(name)
        else:
            rest[key] = value
    return rest


def _columns(documents: Sequence[Document], names: Iterable[str]) -> dict[str, pa.Array] | None:
    """The documents' fields as columns, without those that hold nothing; None if there are objects or lists in them."""
    columns = {}
    for name in names:
        try:
            cells = list(map(itemgetter(name), documents))
        except KeyError:
            cells = [document.get(name) for document in documents]
        kinds = set(map(type, cells))
        if not kinds.isdisjoint((dict, list)):
            return None
        kinds.discard(type(None))
        if kinds:
            columns[name] = _column(cells, kinds)
    return columns


def _column(cells: list[Any], kinds: set[type]) -> pa.Array:
    """The cells, of these kinds or None, as one Arrow array of the type that holds them all."""
    if not kinds <= _KINDS:
        cells = list(map(plain, cells))
        kinds = set(map(type, cells)) - {type(None)}
    try:
        if kinds == {int}:
            return pa.array(cells, pa.int64())
    except OverflowError:
        kinds = {int, float}
    try:
        if kinds == {int, float}:  # pyarrow refuses integers that float64 cannot hold exactly; float() rounds them
            cells = [cell if cell is None else float(cell) for cell in cells]
            kinds = {float}
    except OverflowError:
        kinds = set()
    if kinds == {float}:
        return _finite(pa.array(cells, pa.float64()))
    for kind, arrow in _ARROW:
        if kinds == {kind} and (kind is not datetime or _has_zones(cells)):
            return pa.array(cells, arrow)
    return pa.array([cell if cell is None or type(cell) is str else _text(cell) for cell in cells], pa.string())


_KINDS = {bool, int, float, str, datetime}
_ARROW = ((bool, pa.bool_()), (datetime, pa.timestamp("us", "UTC")), (str, pa.string()))


def _finite(column: pa.Array) -> pa.Array:
    """Without NaN and infinities, which no chart could show: `1e999` is one, wherever it is no JSON."""
    finite = pc.is_finite(column)
    return column if pc.all(finite).as_py() else pc.if_else(finite, column, pa.scalar(None, pa.float64()))


def _has_zones(cells: Iterable[datetime | None]) -> bool:
    return all(cell is None or cell.utcoffset() is not None for cell in cells)


def _text(value: Any) -> str:
    if type(value) is datetime:
        return value.isoformat()
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:  # not JSON's kinds after all, or integers that leave 64 bits
        text = orjson.dumps(plain(value)).decode()
        return text.strip('"') if type(value) is int else text
