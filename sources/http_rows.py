"""Where in an answer the rows are."""

from typing import Any

import orjson

from sources.formats import json

SHOWN_NAMES = 8


def rows_at(body: bytes, items: str) -> bytes:
    """What stands at a place in JSON, as JSON of its own. Raises ValueError, whose text says what is there instead.

    items  names with dots between them; a number counts within a list, from 0

    >>> rows_at(b'{"result": {"trades": [{"p": 1}]}, "ok": true}', "result.trades")
    b'[{"p":1}]'
    >>> rows_at(b'{"result": {"trades": []}}', "trades")
    Traceback (most recent call last):
    ValueError: the answer has no `trades`: there is result
    """
    value = json.parse(body)
    at = ""
    for name in items.split("."):
        found = _step(value, name)
        if found is _NOTHING:
            within = f"`{at}`" if at else "the answer"
            names = ", ".join(str(each)[:40] for each in list(value)[:SHOWN_NAMES]) if type(value) is dict else ""
            raise ValueError(f"{within} has no `{name[:40]}`: there is {names or 'no object there'}")
        value, at = found, f"{at}.{name}".lstrip(".")
    return orjson.dumps(value)


def around(body: bytes) -> tuple[str, ...]:
    """The fields of a JSON object that stand around its list of rows, once for all of them; none where it has no such list.

    >>> around(b'{"page": "a", "data": [{"p": 1}, {"p": 2}]}'), around(b'{"p": 1}'), around(b"p 1")
    (('page',), (), ())
    """
    if body.lstrip()[:1] != b"{":
        return ()
    try:
        document = json.parse(body)
    except ValueError:
        return ()
    rows = json.unwrapped(document)
    first = rows[0] if rows else document
    if first is document or type(document) is not dict:
        return ()
    return tuple(name for name, value in document.items() if first.get(name) is value)


_NOTHING = object()


def _step(value: Any, name: str) -> Any:
    if type(value) is dict:
        return value.get(name, _NOTHING)
    if type(value) is list and name.isascii() and name.isdigit() and int(name[:9]) < len(value):
        return value[int(name[:9])]
    return _NOTHING
