"""JSON: an object, a bare number, or many objects in one message.

    {"a": 1}                                      one row
    12.5                                          one row, field value
    [{"a": 1}, {"a": 2}]                          a row each
    {"type": "trade", "data": [{"p": 1}, …]}      a row each: the outer fields and the item's, as data.p
    {"schema": …, "payload": {"a": 1}}            as Kafka Connect wraps it: the payload

A list of objects is unwrapped where it is the only one, its name says that it holds what the message is for, and the object
has no number of its own: otherwise the message itself is the event, and the list part of it.
"""

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import chain
from typing import Any

import orjson

from sources.formats.format import Document, Format
from sources.formats.spread import spread

ENVELOPE_WORDS = frozenset(
    ("data", "events", "records", "metrics", "results", "values", "features", "rows", "readings", "samples", "points")
)

_WRAPPERS = ENVELOPE_WORDS | {"payload"}

_NAMES = {
    dict: "object",
    list: "list",
    str: "string",
    bool: "boolean",
    type(None): "null",
    int: "number",
    float: "number",
}


def parse(message: bytes) -> Any:
    """The JSON value that the message is. Raises ValueError."""
    try:
        return orjson.loads(message)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error}") from None


def rows(message: bytes) -> Sequence[Document]:
    """See Rows.

    >>> rows(b'{"room": "a", "data": [{"t": 20.5}, {"t": 21}]}')
    [{'room': 'a', 'data': {'t': 20.5}}, {'room': 'a', 'data': {'t': 21}}]
    """
    return rows_of(parse(message))


def rows_of(value: Any) -> Sequence[Document]:
    """The rows of what was JSON. Raises ValueError."""
    kind = type(value)
    if kind is dict:
        return unwrapped(value)
    if kind is int or kind is float:
        return [{"value": value}]
    if kind is not list:
        raise ValueError(f"a JSON {_NAMES[kind]}, where an object or a number was expected")
    for each in value:
        if type(each) is not dict:
            raise ValueError(f"a JSON list that holds a {_NAMES[type(each)]}, where objects were expected")
    return list(value)


def may_be_wrapped(documents: Iterable[Document]) -> bool:
    """Whether any of the objects may be an envelope, by the names in them."""
    return not _WRAPPERS.isdisjoint(chain.from_iterable(documents))


def unwrapped(document: Document) -> Sequence[Document]:
    """The rows of one object: itself, or what it is the envelope of."""
    if document.keys() == {"schema", "payload"}:
        payload = document["payload"]
        return rows_of(payload) if type(payload) in (dict, int, float) else [document]
    if ENVELOPE_WORDS.isdisjoint(document):
        return [document]
    lists = [name for name, value in document.items() if _holds_objects(value)]
    if (
        len(lists) != 1
        or lists[0] not in ENVELOPE_WORDS
        or any(type(each) in (int, float) for each in document.values())
    ):
        return [document]
    return spread([partial(_with, document, lists[0], each) for each in document[lists[0]]])


def _with(document: Document, name: str, item: Document) -> Document:
    return document | {name: item}


def _holds_objects(value: Any) -> bool:
    return type(value) is list and bool(value) and all(type(each) is dict for each in value)


FORMAT = Format("json", "JSON", rows)
