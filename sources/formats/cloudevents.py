"""CloudEvents in structured JSON: https://github.com/cloudevents/spec."""

from collections.abc import Sequence
from functools import partial
from operator import or_
from typing import Any

from sources.formats import json
from sources.formats.format import Document, Format
from sources.formats.spread import joined, spread

REQUIRED = ("specversion", "id", "source", "type")
_NOT_ATTRIBUTES = frozenset(("specversion", "data", "data_base64", "datacontenttype", "dataschema"))


def rows(message: bytes) -> Sequence[Document]:
    """See Rows. The fields of `data` by their own names, and the event's attributes as ce_id, ce_source, ce_type and so on.

    >>> rows(b'{"specversion": "1.0", "id": "7", "source": "/a", "type": "order", "data": {"total": 3}}')
    [{'total': 3, 'ce_id': '7', 'ce_source': '/a', 'ce_type': 'order'}]
    """
    found = json.parse(message)
    events = found if type(found) is list else [found]
    return joined(map(_rows, events))


def _rows(event: Any) -> Sequence[Document]:
    if type(event) is not dict or not all(type(event.get(name)) is str for name in REQUIRED):
        raise ValueError("not a CloudEvent: no specversion, id, source and type")
    attributes = {f"ce_{name}": value for name, value in event.items() if name not in _NOT_ATTRIBUTES}
    data = event.get("data")
    if data is None:
        encoded = event.get("data_base64")
        return [attributes if encoded is None else {"data_base64": encoded} | attributes]
    if type(data) in (dict, int, float):
        found = json.rows_of(data)
        return spread([partial(_row, found, at, attributes) for at in range(len(found))])
    if type(data) is list and data and all(type(each) is dict for each in data):
        return spread([partial(or_, row, attributes) for row in data])
    return [{"data": data} | attributes]


def _row(found: Sequence[Document], at: int, attributes: Document) -> Document:
    return found[at] | attributes


FORMAT = Format("cloudevents", "CloudEvents", rows, broader="json")
