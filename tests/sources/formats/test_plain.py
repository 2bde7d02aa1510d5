from collections import OrderedDict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Any
from uuid import UUID

import pytest

from sources.formats.plain import plain


class Colour(IntEnum):
    RED = 1


class Kind(Enum):
    GAUGE = "g"


NOON = datetime(2025, 5, 1, 12)  # noqa: DTZ001 - what a naive one becomes is asked here


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (5, 5),
        (2**64, 2.0**64),
        (10**400, hex(10**400)),
        (0.5, 0.5),
        (float("nan"), None),
        (float("-inf"), None),
        ("text", "text"),
        (b"text", "text"),
        (b"\xff\x00", "ff00"),
        (b"\x00\x01", "0001"),
        (bytearray(b"ok"), "ok"),
        (memoryview(b"ok"), "ok"),
        (Decimal("1.50"), 1.5),
        (Decimal("2.00"), 2),
        (Decimal("1e30"), 1e30),
        (Decimal("1e400"), None),
        (Decimal("NaN"), None),
        (NOON.replace(tzinfo=UTC), NOON.replace(tzinfo=UTC)),
        (NOON, "2025-05-01T12:00:00"),
        (date(2025, 5, 1), "2025-05-01"),
        (time(12, 30), "12:30:00"),
        (timedelta(minutes=1.5), 90.0),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Colour.RED, "RED"),
        (Kind.GAUGE, "GAUGE"),
        ((1, b"\xff"), [1, "ff"]),
        ({3}, [3]),
        (OrderedDict({1: {"a": Decimal(1)}}), {"1": {"a": 1}}),
    ],
)
def test_a_typed_value_becomes_one_that_a_column_can_hold(value: Any, expected: Any) -> None:
    result = plain(value)
    assert result == expected
    assert type(result) is type(expected)
