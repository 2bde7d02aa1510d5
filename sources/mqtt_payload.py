"""A value that comes without a name, as an object in which it has its topic's.

    house/kitchen/temperature    21.5            {"temperature": 21.5}
    house/kitchen/temperature    21.5 °C         {"temperature": 21.5}
    house/hall/motion            true            {"motion": true}
    house/plug/state             ON              {"plug": "ON"}
    zwave/hall/temperature       {"value": 20}   {"temperature": 20}

So temperatures and humidities are fields of their own, as they are where a device sends an object, and never one mean. What is
an object with names, or written in another format, is left as it is.
"""

import re
from typing import Any

import orjson

from sources.fields.words import listed
from sources.formats import number

WORD_CHARS = 60

_WITH_UNIT = re.compile(
    r"([+-]?\d{1,18}(?:\.\d{1,18})?) ?(%|°?[CFK]|seconds|[kKmMµGhn]?[A-Za-zΩ]{1,3}(?:/[a-zµ0-9³²]{1,4})?)"
)
_OF_A_FORMAT = re.compile(r"[=|,;<>{}\[\]\"]|^\S+ [+-]?[\d.]+( \d+)?$")
"""What stands in the lines of CSV, InfluxDB, StatsD, logfmt, and of Prometheus."""
_VALUES = ("value", "val")
_NAMES = listed(
    "metric name measurement parameter measure variable kpi sensor quantity signal indicator property key channel"
)
_NOT_YET = frozenset((b"nan", b"null"))


def named(payload: bytes, name: str) -> bytes | None:
    """The object that stands for the payload; None where that is to be read as it came.

    >>> named(b" 21.5", "temperature"), named(b'{"t": 21.5}', "kitchen"), named(b"cpu,host=a usage=0.5", "telegraf")
    (b'{"temperature":21.5}', None, None)
    """
    start = payload[:1]
    if start == b"{":
        return _renamed(payload, name) if b'"val' in payload else None
    if start == b"[" or len(payload) > 4 * WORD_CHARS:
        return None
    found, value = _bare(payload)
    return orjson.dumps({name: value}) if found else None


def _bare(payload: bytes) -> tuple[bool, Any]:
    """Whether it is a value without a name, and which."""
    if payload.strip().lower() in _NOT_YET:
        return True, None
    try:
        return True, number.rows(payload)[0]["value"]
    except ValueError:
        pass
    try:
        text = payload.decode().strip()
    except UnicodeDecodeError:
        return False, None
    if text in ("true", "false"):
        return True, text == "true"
    text = text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
    measured = _WITH_UNIT.fullmatch(text)
    if measured:
        return True, float(measured[1])
    plain = 0 < len(text) <= WORD_CHARS and text.isprintable() and not _OF_A_FORMAT.search(text)
    return plain, text


def _renamed(payload: bytes, name: str) -> bytes | None:
    """An object whose value has no name anywhere in it, with the topic's."""
    try:
        document = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return None
    which = next((each for each in _VALUES if type(document.get(each)) in (int, float, bool, str)), "")
    if not which or name in document or not _NAMES.isdisjoint(document):
        return None
    return orjson.dumps({(name if key == which else key): value for key, value in document.items()})
