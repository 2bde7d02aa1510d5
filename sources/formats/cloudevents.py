"""CloudEvents in structured JSON: https://github.com/cloudevents/spec."""

from typing import Any

from sources.formats import json
from sources.formats.format import Document, Format

REQUIRED = ("specversion", "id", "source", "type")
_NOT_ATTRIBUTES = frozenset(("specversion", "data", "data_base64", "datacontenttype", "dataschema"))


def rows(message: bytes) -> list[Document]:
    """See Rows. The fields of `data` by their own names, and the event's attributes as ce_id, ce_source, ce_type and so on.

    >>> rows(b'{"specversion": "1.0", "id": "7", "source": "/a", "type": "order", "data": {"total": 3}}')
    [{'total': 3, 'ce_id': '7', 'ce_source': '/a', 'ce_type': 'order'}]
    """
    found = json.parse(message)
    events = found if type(found) is list else [found]
    return [row for event in events for row in _rows(event)]


def _rows(event: Any) -> list[Document]:
    if type(event) is not dict or not all(type(event.get(name)) is str for name in REQUIRED):
        raise ValueError("not a CloudEvent: no specversion, id, source and type")
    attributes = {f"ce_{name}": value for name, value in event.items() if name not in _NOT_ATTRIBUTES}
    data = event.get("data")
    if data is None:
        encoded = event.get("data_base64")
        return [attributes if encoded is None else {"data_base64": encoded} | attributes]
    if type(data) in (dict, int, float):
        return [row | attributes for row in json.rows_of(data)]
    if type(data) is list and data and all(type(each) is dict for each in data):
        return [row | attributes for row in data]
    return [{"data": data} | attributes]


FORMAT = Format("cloudevents", "CloudEvents", rows, broader="json")
