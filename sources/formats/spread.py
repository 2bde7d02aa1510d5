"""Rows of one message that share what stands around them: made when they are looked at.

A message of 3,000 fields around 3,000 items takes 40 kB. Its rows would have nine million cells, of which few are kept.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import overload

from sources.formats.format import Document

AT_ONCE = 32
"""So few rows are made at once."""

Make = Callable[[], Document]


class Spread(Sequence[Document]):
    """Rows, each made anew whenever it is looked at."""

    def __init__(self, makes: Sequence[Make]) -> None:
        self.makes = makes

    def __len__(self) -> int:
        return len(self.makes)

    def __iter__(self) -> Iterator[Document]:
        return (make() for make in self.makes)

    @overload
    def __getitem__(self, at: int) -> Document: ...

    @overload
    def __getitem__(self, at: slice) -> "Spread": ...

    def __getitem__(self, at: int | slice) -> "Document | Spread":
        return Spread(self.makes[at]) if isinstance(at, slice) else self.makes[at]()


def spread(makes: Sequence[Make]) -> Sequence[Document]:
    """The rows that these make.

    >>> spread([dict, partial(dict, a=1)])
    [{}, {'a': 1}]
    """
    return [make() for make in makes] if len(makes) <= AT_ONCE else Spread(makes)


def joined(parts: Iterable[Sequence[Document]]) -> Sequence[Document]:
    """The rows of all parts, one after the other."""
    found = list(parts)
    if not any(isinstance(part, Spread) for part in found):
        return [row for part in found for row in part]
    return Spread([make for part in found for make in _makes(part)])


def _makes(part: Sequence[Document]) -> Sequence[Make]:
    return part.makes if isinstance(part, Spread) else [partial(_same, row) for row in part]


def _same(row: Document) -> Document:
    return row
