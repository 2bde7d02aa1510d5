"""What a session holds of a feed, to be asked for by event time: what a board that stands still, or is played, is made from."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from state.frame import Ints
from state.tables import times


class Held:
    """Tables of a feed in order of arrival. Spans are half open: `from_us <= event time < to_us`, in microseconds.

    >>> held = Held([pa.table({"_time": pa.array([10, 40, 20], pa.timestamp("us", "UTC")), "load": [1, 4, 2]})])
    >>> [table["load"].to_pylist() for table in held.between(10, 40)], held.span_us
    ([[1, 2]], (10, 40))
    """

    def __init__(self, tables: Iterable[pa.Table]) -> None:
        self._pieces: list[tuple[int, int, pa.Table]] = []
        for table in tables:
            if len(table):
                at = times(table)
                self._pieces.append((int(at.min()), int(at.max()), table))

    def __len__(self) -> int:
        return sum(len(table) for _, _, table in self._pieces)

    @property
    def span_us(self) -> tuple[int, int] | None:
        """The oldest and the newest event time; None where nothing is held."""
        if not self._pieces:
            return None
        return min(oldest for oldest, _, _ in self._pieces), max(newest for _, newest, _ in self._pieces)

    def between(self, from_us: int, to_us: int) -> list[pa.Table]:
        """The events of a span, in order of arrival; without copies where a whole table lies in it."""
        found = []
        for oldest, newest, table in self._pieces:
            if from_us <= oldest and newest < to_us:
                found.append(table)
            elif oldest < to_us and from_us <= newest:
                at = times(table)
                found.append(table.filter(pa.array((from_us <= at) & (at < to_us))))
        return [table for table in found if len(table)]

    def newest_before(self, to_us: int) -> int | None:
        """The newest event time before an instant; None where there is none."""
        newest = [newest for _, newest, _ in self._pieces if newest < to_us]
        for oldest, last, table in self._pieces:
            if oldest < to_us <= last:
                at = times(table)
                newest.append(int(at[at < to_us].max()))
        return max(newest, default=None)

    def count(self, from_us: int, to_us: int) -> int:
        """How many events the span has."""
        return int(self.volume(from_us, to_us, 1)[0])

    def volume(self, from_us: int, to_us: int, bins: int) -> Ints:
        """(bins,) how many events fall in each of so many equal parts of the span."""
        counts = np.zeros(bins, np.int64)
        width = max(1, to_us - from_us)
        for oldest, newest, table in self._pieces:
            if oldest < to_us and from_us <= newest:
                at = times(table)
                at = at[(from_us <= at) & (at < to_us)] - from_us
                # In floats, because an offset times the bins may leave 64 bits; the newest may then round up to the end.
                counts += np.bincount(np.minimum((at / width * bins).astype(np.int64), bins - 1), minlength=bins)
        return counts
