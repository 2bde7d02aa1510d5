"""What an Avro schema can cost whoever reads by it."""

from typing import Any

FREE = 100
"""The most values that a record may hold in no bytes at all."""


def is_recursive(parsed: Any, named: dict[str, Any]) -> bool:
    """Whether a type contains itself, directly or not; `named` holds the types that are referred to.

    Raises ValueError for a schema by which a few bytes make values without end.
    """
    walk = _Walk(named)
    walk.free(parsed)
    return walk.recursive


class _Walk:
    """Each named type is entered once; on the way out, it is known."""

    def __init__(self, named: dict[str, Any]) -> None:
        self.recursive = False
        self._named = named
        self._free: dict[str, tuple[bool, int]] = {}
        self._inside: set[str] = set()

    def free(self, schema: Any) -> tuple[bool, int]:
        """Whether a value takes no bytes; and how many values in it do, wherever no choice or length precedes them."""
        if isinstance(schema, list):
            for each in schema:
                self.free(each)
            return False, 0
        if isinstance(schema, str):
            return self._of_name(schema) if schema in self._named else (schema == "null", int(schema == "null"))
        kind = schema["type"]
        if kind in ("record", "error"):
            return self._of_record(schema)
        if kind == "fixed":
            return schema["size"] == 0, int(schema["size"] == 0)
        if kind == "map":
            self.free(schema["values"])
        elif kind == "array":
            if self.free(schema["items"])[0]:
                raise ValueError("it has a list of items that take no bytes, and so no end")
        elif kind != "enum":
            return self.free(kind)
        return False, 0

    def _of_name(self, name: str) -> tuple[bool, int]:
        if name in self._inside:
            self.recursive = True
            return False, 0  # what it comes back by is a choice or a length, which takes a byte; or else it never ends
        return self._free[name] if name in self._free else self.free(self._named[name])

    def _of_record(self, schema: Any) -> tuple[bool, int]:
        name = schema["name"]
        self._inside.add(name)
        fields = [self.free(each["type"]) for each in schema["fields"]]
        self._inside.discard(name)
        empty = all(takes_none for takes_none, _ in fields)
        count = int(empty) + sum(number for _, number in fields)
        if count > FREE:
            raise ValueError(f"it has a record of more than {FREE} values that take no bytes")
        self._free[name] = empty, count
        return empty, count
