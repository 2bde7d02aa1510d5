"""What typed encodings know and JSON does not, as values that a column can hold."""

import math
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

LARGEST = 2**63
"""Whole numbers beyond this become the nearest float64."""


def plain(value: Any) -> Any:
    r"""The value in JSON's own kinds, or a datetime with a zone; what is inside objects and lists alike.

    bytes                   their text where they are UTF-8 without control characters, else hexadecimal
    Decimal                 int or float; NaN and infinities, of floats too, are null: no chart could show them
    datetime without zone   ISO text: whoever knows that it is UTC says so before
    date, time, UUID        their text
    timedelta               seconds
    Enum                    its name

    Raises RecursionError if it is nested some hundred times.

    >>> plain({"id": b"\xff\x00", "at": date(2024, 5, 1), 7: (Decimal("1.5"), float("nan"))})
    {'id': 'ff00', 'at': '2024-05-01', '7': [1.5, None]}
    """
    usual = _USUAL.get(type(value))
    if usual is not None:
        return usual(value)
    for kinds, convert in _CONVERSIONS:
        if isinstance(value, kinds):
            return convert(value)
    return str(value)


def _same(value: Any) -> Any:
    return value


def _whole(value: int) -> int | float | str:
    if -LARGEST <= value < LARGEST:
        return int(value)
    try:
        return float(value)
    except OverflowError:
        return hex(value)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _decimal(value: Decimal) -> int | float | None:
    if not value.is_finite():
        return None
    number = _finite(float(value))
    return int(value) if number is not None and abs(number) < LARGEST and value == value.to_integral_value() else number


def _moment(value: datetime) -> datetime | str:
    return value.isoformat() if value.utcoffset() is None else value


def _bytes(value: bytes | bytearray | memoryview) -> str:
    raw = bytes(value)
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return raw.hex()
    return text if all(character.isprintable() or character in "\t\r\n" for character in text) else raw.hex()


def _mapping(value: Mapping[Any, Any]) -> dict[str, Any]:
    return {key if type(key) is str else str(plain(key)): plain(each) for key, each in value.items()}


def _list(value: Sequence[Any] | AbstractSet[Any]) -> list[Any]:
    return [plain(each) for each in value]


_USUAL: dict[type, Callable[[Any], Any]] = {
    type(None): _same,
    bool: _same,
    str: _same,
    int: _whole,
    float: _finite,
    dict: _mapping,
    list: _list,
    bytes: _bytes,
    datetime: _moment,
}
"""Asked first, because asking by kind takes ten times as long."""

_CONVERSIONS: tuple[tuple[Any, Any], ...] = (
    ((type(None), bool), _same),
    (Enum, lambda value: value.name),  # before its value's kind, which it may have too
    (str, str),
    (int, _whole),
    (float, _finite),
    (Mapping, _mapping),
    (datetime, _moment),  # before date, which it is too
    ((bytes, bytearray, memoryview), _bytes),
    ((Sequence, AbstractSet), _list),
    (Decimal, _decimal),
    ((date, time), lambda value: value.isoformat()),
    (timedelta, timedelta.total_seconds),
    (UUID, str),
)
