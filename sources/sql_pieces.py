"""What one answer of a database becomes, on its way from the thread that asks to the poll that takes it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from sources.batch import NO_ROWS, SAMPLE_BYTES, TIME, TIME_TYPE, Gap, Malformed, Reading, Timed
from sources.decode import SAMPLES
from sources.fields.event_time import RECORD_TIME
from sources.fields.instants import NOT_A_TIME
from sources.sql_clock import Clock
from sources.sql_rows import columns_of_rows


@dataclass(frozen=True, slots=True)
class Piece:
    """A page of rows as columns; `lag` is how many wait behind it."""

    table: pa.Table
    lag: int
    reading: Reading
    malformed: int = 0
    samples: tuple[Malformed, ...] = ()
    timed: Timed | None = None
    gaps: tuple[Gap, ...] = ()


def piece_of(  # noqa: PLR0913 - what is known of one page
    names: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    reading: Reading,
    *,
    lag: int = 0,
    clock: Clock | None = None,
    timed: Timed | None = None,
    at_s: float = 0.0,
) -> Piece:
    """The rows as a piece.

    clock  of the column that says when a row is of: its times stand beside the rows as those of a record
    timed  where the rows are samples of the instant `at_s`, seconds since the epoch: that is their event time then
    """
    if not rows:
        return Piece(NO_ROWS, lag, reading)
    refused: dict[int, str] = {}
    kept, columns = columns_of_rows(names, rows, refused.setdefault)
    now_us = int((at_s or time.time()) * 1e6)
    stamps = np.full(len(rows), now_us, np.int64)
    if clock is not None and clock.sure and clock.name in names:
        place = list(names).index(clock.name)
        own = clock.instants([row[place] for row in rows])
        stamps = np.where((own != NOT_A_TIME) & (own > 0), own, stamps)
    stood = pa.array(stamps[kept], pa.int64()).cast(TIME_TYPE)
    table = {TIME: stood} if timed is not None else {}
    table |= {RECORD_TIME: stood, **columns}
    samples = tuple(
        Malformed(reason, "", repr(rows[index])[:SAMPLE_BYTES].encode())
        for index, reason in list(refused.items())[:SAMPLES]
    )
    return Piece(pa.table(table), lag, reading, len(refused), samples, timed)
