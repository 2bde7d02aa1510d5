"""From a database's rows to columns."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa

from sources.columns import columns_of, flat_columns, flatten
from sources.formats.format import Document
from sources.formats.plain import plain

LONGEST_CELL = 1_000_000
"""Characters or bytes of one value; what is longer is cut. No chart shows it, and a thousand of them would fill the memory."""

_SIMPLE = {str, int, bool, type(None)}


def columns_of_rows(
    names: Sequence[str], rows: Sequence[tuple[Any, ...]], refuse: Callable[[int, str], object]
) -> tuple[list[int], dict[str, pa.Array]]:
    """The rows that can be kept, and their columns; objects in them have dotted names, lists are JSON text.

    Decimals are numbers, bytes and uuids text, times without a zone ISO text; see `sources.formats.plain`.
    """
    cells = [_plain(list(column)) for column in zip(*rows, strict=True)]
    documents: list[Document] = [dict(zip(names, row, strict=True)) for row in zip(*cells, strict=True)]
    columns = flat_columns(documents)
    if columns is not None:
        return list(range(len(rows))), columns
    kept, documents = flatten(documents, refuse)
    return kept, columns_of(documents)


def _plain(cells: list[Any]) -> list[Any]:
    kinds = set(map(type, cells))
    if kinds == {float} and all(map(math.isfinite, cells)):
        return cells
    if kinds <= _SIMPLE:
        if str in kinds and max((len(cell) for cell in cells if type(cell) is str), default=0) > LONGEST_CELL:
            return [cell[:LONGEST_CELL] if type(cell) is str else cell for cell in cells]
        return cells
    return [plain(cell[:LONGEST_CELL] if isinstance(cell, str | bytes | memoryview) else cell) for cell in cells]
