"""What a sample of events shows of one field."""

import re
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sources.fields.numbers import numbers
from sources.fields.quantities import unit_behind
from sources.fields.words import Words, last_word, words

Floats = npt.NDArray[np.float64]

MOSTLY = 0.9
"""Of this share of its values on, a field is what they are; the others are odd ones out."""
AGAIN = 3
"""So often each value comes, on average, where they come again and again."""
NEWS = 0.02
"""So few of the later values are new, at the most, where all there are have been seen."""
_UNIT_LAST = r"^[+-]?\d[\d.]* ?[A-Za-z%]+$"
_FEW_LABELS = 20
_ZERO_FIRST = r"^0\d"
_DATE = re.compile(r"\d{4}[-/]\d\d[-/]\d\d|\d{1,2}[./](\d{1,2}|[A-Z][a-z]{2})[./]\d{4}[ :]\d|[A-Z][a-z]{2}, \d")
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|[0-9a-fA-F]{24,}")
_SPACES = 2
"""Texts with so many spaces on average are sentences."""
_LOOKED_AT = 50


class FieldSeen:
    """One field in a sample: what its values are, each answer worked out when it is first asked for.

    >>> seen = FieldSeen("price", pa.chunked_array([["0.5", "1.5", None]]))
    >>> seen.kind, seen.rows, seen.values, seen.distinct
    ('number', 3, 2, 2)
    """

    def __init__(self, name: str, column: pa.ChunkedArray) -> None:
        self.name = name
        self.column = column
        self.rows = len(column)
        self.values: int = len(column) - column.null_count

    @cached_property
    def words(self) -> Words:
        return words(self.name)

    @cached_property
    def last_word(self) -> str:
        return last_word(self.name)

    @cached_property
    def own_words(self) -> Words:
        """The words of the last part of a dotted name."""
        return words(self.name.rsplit(".", 1)[-1]) or self.words

    @cached_property
    def is_text(self) -> bool:
        """Whether the values came as text, at least some of them."""
        return bool(pa.types.is_string(self.column.type))

    @cached_property
    def kind(self) -> str:
        """`empty`, `boolean`, `time`, `number` (texts that hold numbers too) or `string`."""
        held = self.column.type
        if not self.values:
            return "empty"
        if pa.types.is_boolean(held):
            return "boolean"
        if pa.types.is_timestamp(held):
            return "time"
        few = pa.chunked_array([pa.array(self.some, pa.string())]) if self.is_text else None
        if few is not None and 2 * np.isfinite(numbers(pa.table({"": few}), "")).sum() < len(few):
            return "string"  # at one look at a few of them: reading all of a feed's texts as numbers takes a while
        if self.is_text and (len(self.readable) < MOSTLY * self.values or self._is_label):
            return "string"
        return "number" if len(self.readable) else "empty"

    @cached_property
    def unit_behind(self) -> str:
        """The unit that stands behind the numbers, where they are texts such as `18ms`."""
        return unit_behind(pa.array(self.some, pa.string())) if self.is_text else ""

    @cached_property
    def numbers(self) -> Floats:
        """(rows,) the values as numbers; NaN where there is none."""
        return numbers(pa.table({"": self.column}), "")

    @cached_property
    def readable(self) -> Floats:
        """The values that are finite numbers, in order of arrival."""
        return self.numbers[np.isfinite(self.numbers)]

    @property
    def odd(self) -> float:
        """The share of the values that are no numbers."""
        return 1 - len(self.readable) / max(1, self.values)

    @property
    def _is_label(self) -> bool:
        """Whether texts that read as numbers are none: `01234` is a postal code, `5m` how long a candle is."""
        if pc.any(pc.match_substring_regex(self.column, _ZERO_FIRST)).as_py():
            return True
        behind = pc.sum(pc.match_substring_regex(self.column, _UNIT_LAST)).as_py() or 0
        return 2 * behind > self.values and not self.unit_behind and self.distinct <= _FEW_LABELS

    @cached_property
    def whole(self) -> bool:
        """Whether all numbers are whole; texts such as `1.00` are not, for identifiers are not written so."""
        if self.is_text and bool(pc.any(pc.match_substring(self.column, ".")).as_py()):
            return False
        return bool(len(self.readable)) and bool((self.readable == np.floor(self.readable)).all())

    @cached_property
    def distinct(self) -> int:
        """How many values there are that differ."""
        return int(pc.count_distinct(self.column, mode="only_valid").as_py())

    @cached_property
    def low(self) -> float:
        return float(self.readable.min(initial=np.inf))

    @cached_property
    def high(self) -> float:
        return float(self.readable.max(initial=-np.inf))

    @cached_property
    def middle(self) -> float:
        """The median, or the number next to it."""
        half = len(self.readable) // 2
        return float(np.partition(self.readable, half)[half])

    @property
    def unique(self) -> bool:
        """Whether hardly any value comes twice."""
        return self.distinct >= MOSTLY * self.values

    @cached_property
    def settled(self) -> bool:
        """Whether the values come again and again, and the later half of them brings hardly a new one.

        Names of things do so from about the third time round on; people and requests go on to be new ones.
        """
        if self.values < AGAIN * self.distinct:
            return False
        codes = self.column.drop_null().combine_chunks().dictionary_encode().indices.to_numpy()
        half = len(codes) // 2
        return bool((codes[half:] > codes[:half].max(initial=-1)).sum() <= NEWS * (len(codes) - half))

    @cached_property
    def some(self) -> list[str]:
        """A few of the texts."""
        texts = self.column.drop_null()
        step = max(1, len(texts) // _LOOKED_AT)
        return [str(value) for value in texts.take(np.arange(0, len(texts), step)).to_pylist()]

    @cached_property
    def characters(self) -> float:
        """The length of the texts on average."""
        mean: float | None = pc.mean(pc.utf8_length(self.column)).as_py()
        return mean or 0.0

    @cached_property
    def sentences(self) -> bool:
        """Whether the texts have several words on average."""
        return sum(text.count(" ") for text in self.some) >= _SPACES * max(1, len(self.some))

    def mostly(self, pattern: re.Pattern[str]) -> bool:
        """Whether most texts are all of this pattern."""
        return sum(pattern.fullmatch(text) is not None for text in self.some) >= MOSTLY * max(1, len(self.some))

    @cached_property
    def uuids(self) -> bool:
        """Whether the texts are UUIDs or long hexadecimal numbers."""
        return self.mostly(_UUID)

    @cached_property
    def instants(self) -> bool:
        """Whether the texts begin with a date."""
        return sum(_DATE.match(text) is not None for text in self.some) >= MOSTLY * max(1, len(self.some))
