"""What is read of one file of a recording: its events piece by piece, so that a file may be of any size."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from sources.batch import Malformed, Note, Reading


@dataclass(frozen=True, slots=True)
class Origin:
    """Which field the events' times were read from when they were recorded, and what told."""

    field: str
    why: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Events that follow each other in a file.

    table      the events in the file's order, of the types a batch may have; TIME is among its columns where a recording has it
    share      how much of the file lies before the end of this piece, 0 to 1
    malformed, samples  as in Batch
    """

    table: pa.Table
    share: float
    malformed: int = 0
    samples: tuple[Malformed, ...] = ()


class Part(Protocol):
    """One opened file. One thread reads it."""

    @property
    def reading(self) -> Reading | None:
        """How its events are read; None before the first piece."""
        ...

    @property
    def origin(self) -> Origin | None:
        """Whence the times of the column TIME, where there is one."""
        ...

    @property
    def notes(self) -> tuple[Note, ...]:
        """What was written beside instants of these events."""
        ...

    def pieces(self) -> Iterator[Piece]:
        """All of it, once, from the beginning. Raises Mendable where it turns out to be damaged."""
        ...

    def tail(self) -> pa.Table | None:
        """The last few events without reading those before, once some were read; None where that can't be done."""
        ...

    def close(self) -> None:
        """Let go of the file. Safe to call twice."""
        ...
