"""Debezium's change events: a row of a database as it was written, with or without the schema around it."""

from sources.formats import json
from sources.formats.format import Document, Format

OPERATIONS = frozenset("crudtm")
"""Created, read (in a snapshot), updated, deleted, truncated, and a message of the application's own."""

_SOURCE = ("db", "schema", "table")


def rows(message: bytes) -> list[Document]:
    """See Rows. The row after the change, or before it was deleted, and op, ts_ms, source.db, source.schema, source.table.

    A column of the database that is called as one of these stands under `row.`.

    >>> rows(b'{"before": null, "after": {"id": 1}, "op": "c", "ts_ms": 5, "source": {"db": "shop", "pos": 9}}')
    [{'id': 1, 'op': 'c', 'ts_ms': 5, 'source': {'db': 'shop'}}]
    """
    envelope = json.parse(message)
    if type(envelope) is dict and type(envelope.get("payload")) is dict:
        envelope = envelope["payload"]
    if (
        type(envelope) is not dict
        or str(envelope.get("op")) not in OPERATIONS
        or not {"before", "after"} & envelope.keys()
    ):
        raise ValueError("not a Debezium change event: no op with before and after")
    row = envelope.get("after") or envelope.get("before") or {}
    source = envelope.get("source") or {}
    if type(row) is not dict or type(source) is not dict:
        raise ValueError("not a Debezium change event: before, after and source are no objects")
    own: Document = {"op": envelope["op"]}
    if "ts_ms" in envelope:
        own["ts_ms"] = envelope["ts_ms"]
    if named := {name: source[name] for name in _SOURCE if name in source}:
        own["source"] = named
    return [{f"row.{name}" if name in own else name: value for name, value in row.items()} | own]


FORMAT = Format("debezium", "Debezium change events", rows, broader="json")
