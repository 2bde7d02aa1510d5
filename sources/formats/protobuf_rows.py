"""From a Protobuf message to a row, under the fields' own names.

a field that is not there         is left out where that can be told (optional, oneof, a message); else it has its
                                  default: proto3 does not write a 0, and a gauge at 0 is no gap
int64, uint64                     numbers, not text as in Protobuf's own JSON
enums                             their names; a number without one stays a number
maps                              objects
Timestamp, Duration               a time in UTC, to the microsecond; seconds
wrappers, Struct, Value, ListValue, confluent.type.Decimal     what they stand for
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from google.protobuf.message import Message

from sources.formats.avro_decimal import read_decimal

VALUES = 100_000
"""The most values of one message: two bytes can stand for a message of hundreds of fields, each with its default."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Convert = Callable[[Any], Any]


class Rows:
    """Makes rows of the messages of one schema."""

    def __init__(self) -> None:
        self._plans: dict[str, list[tuple[str, bool, Convert]]] = {}
        self._left = 0

    def row(self, message: Message) -> dict[str, Any]:
        """The fields of one message. Raises ValueError for more than VALUES, OverflowError for a time out of this world."""
        self._left = VALUES
        return self._fields(message)

    def _fields(self, message: Message) -> dict[str, Any]:
        name = message.DESCRIPTOR.full_name
        plan = self._plans.get(name)
        if plan is None:
            plan = self._plans[name] = [
                (field.name, field.has_presence, self._conversion(field)) for field in message.DESCRIPTOR.fields
            ]
        self._take(len(plan))
        return {
            field: convert(getattr(message, field))
            for field, optional, convert in plan
            if not optional or message.HasField(field)
        }

    def _take(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise ValueError(f"it holds more than {VALUES:,} values")

    def _conversion(self, field: Any) -> Convert:
        """From what the message gives for the field to what the row holds."""
        kind = field.message_type
        if kind is not None and kind.GetOptions().map_entry:
            value = self._conversion_of_one(kind.fields_by_name["value"])
            return lambda entries: {_key(key): value(each) for key, each in self._counted(entries).items()}
        one = self._conversion_of_one(field)
        if not field.is_repeated:
            return one
        return lambda items: [one(each) for each in self._counted(items)]

    def _counted(self, items: Any) -> Any:
        self._take(len(items))
        return items

    def _conversion_of_one(self, field: Any) -> Convert:
        if field.message_type is not None:
            return self._well_known().get(field.message_type.full_name, self._fields)
        if field.enum_type is not None:
            names = {number: each.name for number, each in field.enum_type.values_by_number.items()}
            return lambda number: names.get(number, number)
        return _same

    def _well_known(self) -> dict[str, Convert]:
        return {
            **_WELL_KNOWN,
            "google.protobuf.Struct": self._struct,
            "google.protobuf.Value": self._value,
            "google.protobuf.ListValue": self._list,
        }

    def _struct(self, message: Any) -> dict[str, Any]:
        return {name: self._value(value) for name, value in self._counted(message.fields).items()}

    def _list(self, message: Any) -> list[Any]:
        return [self._value(each) for each in self._counted(message.values)]

    def _value(self, message: Any) -> Any:
        match message.WhichOneof("kind"):
            case "struct_value":
                return self._struct(message.struct_value)
            case "list_value":
                return self._list(message.list_value)
            case None | "null_value":
                return None
            case kind:
                return getattr(message, kind)


def _same(value: Any) -> Any:
    return value


def _key(key: Any) -> str:
    return str(key).lower() if isinstance(key, bool) else str(key)


def _moment(message: Any) -> datetime:
    return EPOCH + timedelta(seconds=message.seconds, microseconds=message.nanos // 1000)


def _seconds(message: Any) -> float:
    return float(message.seconds + message.nanos / 1e9)


def _wrapped(message: Any) -> Any:
    return message.value


_WRAPPERS = ("Double", "Float", "Int64", "UInt64", "Int32", "UInt32", "Bool", "String", "Bytes")
_WELL_KNOWN: dict[str, Convert] = {
    "google.protobuf.Timestamp": _moment,
    "google.protobuf.Duration": _seconds,
    **{f"google.protobuf.{kind}Value": _wrapped for kind in _WRAPPERS},
    "confluent.type.Decimal": lambda message: read_decimal(message.value, {"scale": message.scale}),
}
