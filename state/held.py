"""What a session holds of a feed, to be asked for by event time: what a board that stands still, or is played, is made from."""

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from state.frame import Ints
from state.segment import Span
from state.tables import times


class Held:
    """Rows of a feed in order of arrival: tables, or spans, which keep nothing that the process has forgotten.

    Spans are half open: `from_us <= event time < to_us`, in microseconds.

    >>> held = Held([pa.table({"_time": pa.array([10, 40, 20], pa.timestamp("us", "UTC")), "load": [1, 4, 2]})])
    >>> [table["load"].to_pylist() for table in held.between(10, 40)], held.span_us
    ([[1, 2]], (10, 40))
    """

    def __init__(self, rows: Iterable[pa.Table | Span]) -> None:
        self._pieces: list[tuple[int, int, pa.Table | Span]] = []
        for piece in rows:
            at = [times(table) for table in _tables(piece) if len(table)]
            if at:
                self._pieces.append((min(int(each.min()) for each in at), max(int(each.max()) for each in at), piece))

    def __len__(self) -> int:
        return sum(len(table) for _, _, piece in self._pieces for table in _tables(piece))

    @property
    def span_us(self) -> tuple[int, int] | None:
        """The oldest and the newest event time; None where nothing is held."""
        if not self._pieces:
            return None
        return min(oldest for oldest, _, _ in self._pieces), max(newest for _, newest, _ in self._pieces)

    def between(self, from_us: int, to_us: int) -> list[pa.Table]:
        """The events of a span, in order of arrival; without copies where a whole table lies in it."""
        found = []
        for table, whole in self._reaching(from_us, to_us):
            at = None if whole else times(table)
            found.append(table if at is None else table.filter(pa.array((from_us <= at) & (at < to_us))))
        return [table for table in found if len(table)]

    def newest_before(self, to_us: int) -> int | None:
        """The newest event time before an instant; None where there is none."""
        newest = [newest for _, newest, _ in self._pieces if newest < to_us]
        for table, _ in self._reaching(to_us, to_us):
            at = times(table)
            before = at[at < to_us]
            if len(before):
                newest.append(int(before.max()))
        return max(newest, default=None)

    def count(self, from_us: int, to_us: int) -> int:
        """How many events the span has."""
        return int(self.volume(from_us, to_us, 1)[0])

    def volume(self, from_us: int, to_us: int, bins: int) -> Ints:
        """(bins,) how many events fall in each of so many equal parts of the span."""
        counts = np.zeros(bins, np.int64)
        width = max(1, to_us - from_us)
        for table, _ in self._reaching(from_us, to_us):
            at = times(table)
            at = at[(from_us <= at) & (at < to_us)] - from_us
            # In floats, because an offset times the bins may leave 64 bits; the newest may then round up to the end.
            counts += np.bincount(np.minimum((at / width * bins).astype(np.int64), bins - 1), minlength=bins)
        return counts

    def _reaching(self, from_us: int, to_us: int) -> Iterator[tuple[pa.Table, bool]]:
        """The tables of each piece that reaches into a span, and whether all of the piece lies in it."""
        for oldest, newest, piece in self._pieces:
            if oldest < to_us and from_us <= newest:
                for table in _tables(piece):
                    yield table, from_us <= oldest and newest < to_us


def _tables(piece: pa.Table | Span) -> list[pa.Table]:
    return piece.tables() if isinstance(piece, Span) else [piece]
