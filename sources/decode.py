"""From JSON messages to columns, whatever the bytes.

A message is one JSON object or one bare number; anything else is malformed: counted, sampled with its reason, and never
fatal to its neighbours. What becomes of a message's content:

    {"a": 1, "b": {"c": 2}}     fields a and b.c: objects inside objects become dotted names
    {"a": [1, 2]}               field a holds the list's JSON text
    12.5                        field value
    {"_a": 1, "": 2}            fields value._a and value.: names that are empty or RESERVED are put under `value`
    {"a": null}                 null, the same as absent; a field that is null throughout a batch makes no column
    {"a": 1, "a": 2}            the last one holds; so too for {"a.b": 1, "a": {"b": 2}}
    no bytes at all (None)      a tombstone: a row in which every field is null

A message can be wide and deep without end, a board cannot. Objects nested past DEPTH stay JSON text in their field; what
lies past FIELDS_PER_MESSAGE, FIELDS_PER_BATCH or NAME_CHARS is kept, nested as it came, as JSON text in the column REST.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa

from sources.batch import RESERVED, SAMPLE_BYTES

DEPTH = 8
"""The most parts a dotted name has."""

FIELDS_PER_MESSAGE = 200
FIELDS_PER_BATCH = 500

NAME_CHARS = 200
"""The longest field name. Without it, one long name over many short ones would make memory grow with their product."""

SAMPLES = 5
"""How many malformed messages of one batch are kept to be shown."""

REST = RESERVED + "rest"
"""The column that holds, as JSON text, what was past a cap; there only if something was."""

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Decoded:
    """What became of n messages.

    columns    one a field, in order of first appearance, each of length len(rows); int64, float64, bool or string
    rows       which messages became rows, ascending; len(rows) + malformed == n
    malformed  how many messages did not
    samples    (which message, reason, first SAMPLE_BYTES bytes) of a few of those
    """

    columns: dict[str, pa.Array]
    rows: npt.NDArray[np.int64]
    malformed: int
    samples: tuple[tuple[int, str, bytes], ...]


def decode_json(values: Sequence[bytes | None]) -> Decoded:
    """Decode messages that arrived together; never raises, whatever their bytes.

    A column's type follows from all its values in this batch: int64, float64, bool or string where they agree; float64 where
    integers meet floats or leave int64 (then the nearest float64); else string, numbers and bools as their JSON text.
    Numbers written as strings stay strings.

    >>> decoded = decode_json([b'{"ms": 12, "at": {"zone": "eu"}}', b"oops", None])
    >>> {name: column.to_pylist() for name, column in decoded.columns.items()}
    {'ms': [12, None], 'at.zone': ['eu', None]}
    >>> decoded.rows.tolist(), decoded.malformed
    ([0, 2], 1)
    """
    refused: dict[int, str] = {}
    documents = _parse(values, refused)
    if not _is_plain(documents):
        documents = _flatten_all(documents, refused)
    columns = {}
    for name in dict.fromkeys(chain.from_iterable(documents.values())):
        column = _column([document.get(name) for document in documents.values()])
        if column is not None:
            columns[name] = column
    samples = tuple(
        (index, refused[index], (values[index] or b"")[:SAMPLE_BYTES]) for index in sorted(refused)[:SAMPLES]
    )
    return Decoded(columns, np.fromiter(documents, np.int64, len(documents)), len(refused), samples)


def _parse(values: Sequence[bytes | None], refused: dict[int, str]) -> dict[int, Document]:
    """Documents by their place in `values`; the places of the others go to `refused`, with the reason."""
    documents: dict[int, Document] = {}
    for index, value in enumerate(values):
        if value is None:
            documents[index] = {}
            continue
        try:
            document = orjson.loads(value)
        except orjson.JSONDecodeError as error:
            refused[index] = f"not JSON: {error}"
            continue
        kind = type(document)
        if kind is dict:
            documents[index] = document
        elif kind is int or kind is float:
            documents[index] = {"value": document}
        else:
            refused[index] = f"a JSON {_JSON_NAMES[kind]}, where an object or a number was expected"
    return documents


_JSON_NAMES = {list: "list", str: "string", bool: "boolean", type(None): "null"}


def _is_plain(documents: dict[int, Document]) -> bool:
    """Whether the documents are flat, with names as they may stand and few enough of them."""
    names = set(chain.from_iterable(documents.values()))
    return (
        len(names) <= FIELDS_PER_MESSAGE
        and not any(_is_reserved(name) or len(name) > NAME_CHARS for name in names)
        and {dict, list}.isdisjoint(map(type, chain.from_iterable(map(dict.values, documents.values()))))
    )


def _is_reserved(name: str) -> bool:
    return not name or name.startswith(RESERVED)


def _flatten_all(documents: dict[int, Document], refused: dict[int, str]) -> dict[int, Document]:
    """The documents with dotted names, lists as text and what is past a cap in REST."""
    names: set[str] = set()
    flat: dict[int, Document] = {}
    for index, document in documents.items():
        fields: Document = {}
        try:
            rest = _flatten(document, fields, names)
            if rest:
                fields[REST] = _text(rest)
        except orjson.JSONEncodeError:
            refused[index] = "objects or lists nested too deeply to keep as JSON text"
        else:
            flat[index] = fields
    return flat


def _flatten(document: Document, fields: Document, names: set[str], prefix: str = "", depth: int = 1) -> Document:
    """Add the document's fields to `fields` and their names to the batch's `names`; return what is past a cap."""
    rest = {}
    for key, value in document.items():
        name = prefix + key
        if _is_reserved(name):
            name = "value." + name
        fits = len(name) <= NAME_CHARS and len(fields) < FIELDS_PER_MESSAGE
        if type(value) is dict and depth < DEPTH and fits:
            beyond = _flatten(value, fields, names, name + ".", depth + 1)
            if beyond:
                rest[key] = beyond
        elif fits and (name in names or len(names) < FIELDS_PER_BATCH):
            fields[name] = _text(value) if type(value) in (dict, list) else value
            names.add(name)
        else:
            rest[key] = value
    return rest


def _column(cells: list[Any]) -> pa.Array | None:
    """The cells as one Arrow array of the type that holds them all; None if there is nothing in them."""
    kinds = set(map(type, cells)) - {type(None)}
    if not kinds:
        return None
    if kinds == {int}:
        try:
            return pa.array(cells, pa.int64())
        except OverflowError:
            kinds = {int, float}
    if kinds == {int, float}:  # pyarrow refuses integers that float64 cannot hold exactly; float() rounds them
        cells = [cell if cell is None else float(cell) for cell in cells]
        kinds = {float}
    for kind, arrow in ((float, pa.float64()), (bool, pa.bool_()), (str, pa.string())):
        if kinds == {kind}:
            return pa.array(cells, arrow)
    return pa.array([cell if cell is None or type(cell) is str else _text(cell) for cell in cells], pa.string())


def _text(value: Any) -> str:
    return orjson.dumps(value).decode()
