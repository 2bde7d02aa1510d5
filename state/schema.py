"""What the fields of a feed are, inferred from its events, with the reason for each guess."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from sources.batch import RESERVED
from state.measure import Measure
from state.tables import TIME

MAX_FIELDS = 1000
"""A feed's fields beyond the first so many are let go."""
LOOK_AT = 1000
"""So many rows of a batch are looked at: enough to learn from, cheap at any rate."""
MAX_DISTINCT = 1000
"""Past so many distinct values a string is an identifier or text, however many events there are."""
FEW = 20
"""So few distinct values make a dimension at once, before there are events enough for a share."""
TEXT_CHARACTERS = 60
"""Longer than this on average is text, not a name."""
TOLD_BY = 100
"""Strings are told apart by so many characters, so that long ones cost no memory."""


@dataclass(slots=True)
class FieldSeen:
    """What was seen of one field so far."""

    name: str
    types: set[str] = field(default_factory=set)
    values: int = 0
    nulls: int = 0
    characters: int = 0
    distinct: set[str] | None = field(default_factory=set)
    """Distinct strings; None once there are too many to keep."""

    def update(self, column: pa.ChunkedArray) -> None:
        """Learn from one batch's values."""
        self.nulls += column.null_count
        self.values += len(column) - column.null_count
        if column.null_count == len(column):
            return
        self.types.add(_kind(column.type))
        if pa.types.is_string(column.type) or pa.types.is_boolean(column.type):
            text = column.cast(pa.string())
            self.characters += int(pc.sum(pc.utf8_length(text)).as_py() or 0)
            if self.distinct is not None:
                self.distinct.update(
                    value
                    for value in pc.unique(pc.utf8_slice_codeunits(text, 0, TOLD_BY)).to_pylist()
                    if value is not None
                )
                if len(self.distinct) > MAX_DISTINCT:
                    self.distinct = None

    def role(self) -> tuple[str, str]:  # noqa: PLR0911 - a table of guards reads best
        """`measure`, `dimension`, `identifier`, `text`, `time` or `empty`, and why."""
        if not self.types:
            return "empty", "no value yet"
        if self.types == {"time"}:
            return "time", "holds instants"
        if self.types <= {"integer", "number"}:
            if "integer" in self.types and (self.name == "id" or self.name.endswith(("_id", ".id"))):
                return "identifier", "whole numbers named as an id"
            return "measure", "holds numbers"
        if self.types == {"boolean"}:
            return "dimension", "true or false"
        mixed = "mixed types, read as text; " if len(self.types) > 1 else ""
        if self.characters > TEXT_CHARACTERS * self.values:
            return "text", f"{mixed}{self.characters // self.values} characters on average"
        if self.distinct is None:
            return "identifier", f"{mixed}over {MAX_DISTINCT} distinct values"
        if len(self.distinct) <= max(FEW, self.values // 10):
            return "dimension", f"{mixed}{len(self.distinct)} distinct values in {self.values} events"
        return "identifier", f"{mixed}{len(self.distinct)} distinct values in only {self.values} events"


def _kind(kind: pa.DataType) -> str:
    if pa.types.is_integer(kind):
        return "integer"
    if pa.types.is_floating(kind):
        return "number"
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_timestamp(kind):
        return "time"
    return "string"


@dataclass(frozen=True, slots=True)
class Offer:
    """What a board can choose from.

    measures    what can be aggregated; the first is the default
    dimensions  fields that can split a measure
    fields      all of them
    split       the dimension a board is split by unless told; "" for none
    identity    the fields that together tell one counter from another
    roles       what each field was taken for and why: (field, role, why), in order of appearance
    """

    measures: tuple[Measure, ...] = ()
    dimensions: tuple[str, ...] = ()
    split: str = ""
    fields: tuple[str, ...] = ()
    identity: tuple[str, ...] = ()
    roles: tuple[tuple[str, str, str], ...] = ()

    def measure(self, name: str) -> Measure | None:
        """The measure of that name; None where none is offered under it."""
        return next((each for each in self.measures if each.name == name), None)


class Schema:
    """The fields of one feed, learnt batch by batch from the first rows of each.

    >>> schema = Schema()
    >>> schema.update(pa.table({"host": ["a", "b"], "cpu": [0.5, 0.7], "id": [1, 2]}))
    >>> schema.measures(), schema.dimensions()
    (('cpu',), ('host',))
    """

    def __init__(self) -> None:
        self.fields: dict[str, FieldSeen] = {}
        self.time_field = ""
        """The field that event time is read from; the feed sets it, and it is no measure."""
        self.offer = Offer()
        self._rows = 0
        self._review_at = 0
        self._known: tuple[object, ...] = ()

    def update(self, table: pa.Table) -> None:
        """Learn from one batch, and renew the offer where that may have changed it."""
        head = table.slice(0, LOOK_AT)
        self._rows += len(head)
        self._learn(head)
        # Roles change with a new field or type, or as counts grow; looked at as they double, a board stays calm.
        known = (self.time_field, len(self.fields), sum(len(seen.types) for seen in self.fields.values()))
        if known != self._known or self._rows >= self._review_at:
            self._known, self._review_at = known, 2 * self._rows
            measures = tuple(Measure(name, name) for name in self.measures())
            self.offer = Offer(measures, self.dimensions(), self.default_dimension(), tuple(self.fields))

    def _learn(self, head: pa.Table) -> None:
        for name in head.column_names:
            if name == TIME:
                continue
            seen = self.fields.get(name)
            if seen is None:
                if len(self.fields) >= MAX_FIELDS:
                    continue
                seen = self.fields[name] = FieldSeen(name)
            seen.update(head[name])

    def known(self, names: Iterable[str]) -> list[str]:
        """Those of the names that are among the first MAX_FIELDS of the feed: all that a feed keeps.

        Names made of data, such as `users.4711.visits`, would else make each segment a table of endless width.
        """
        return [name for name in names if name in self.fields]

    def measures(self) -> tuple[str, ...]:
        """Fields that can be aggregated, in order of appearance."""
        return self._having("measure")

    def dimensions(self) -> tuple[str, ...]:
        """Fields that can split a measure: the message's own first, then the transport's, such as `_partition`."""
        found = [*self._having("dimension"), *(name for name in ("_partition",) if name in self.fields)]
        return tuple(sorted(dict.fromkeys(found), key=lambda name: name.startswith(RESERVED)))

    def default_dimension(self) -> str:
        """What a board is split by unless told: the first dimension of the message with two values or more, or ""."""
        for name in self._having("dimension"):
            if not name.startswith(RESERVED) and len(self.fields[name].distinct or ()) > 1:
                return name
        return ""

    def _having(self, role: str) -> tuple[str, ...]:
        # list() first: the feed's thread may be adding a field
        return tuple(
            name
            for name, seen in list(self.fields.items())
            if name != self.time_field
            and seen.role()[0] == role
            and not (role == "measure" and name.startswith(RESERVED))
        )
