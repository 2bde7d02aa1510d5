"""Names of series as small integers, so that arrays can be indexed by them."""

import heapq
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

NAMELESS = "—"
"""The series of events whose dimension is null."""

OTHER = "other"
"""What the series of all names past the limit is called; a name of the feed's own may be the same."""

MOST_SERIES = 1000
"""So many names of a board are told apart; its memory grows with them, whatever the feed has."""


class SeriesIndex:
    """A stable code per name, as long as it is not released; codes are reused, so they stay below `max_series` + 1.

    Past `max_series` names every further name shares the code `pool`, and is not remembered: an identifier with a new
    value in each event costs no memory. A released code's name is "" until the code is given out again.

    >>> index = SeriesIndex(max_series=2)
    >>> index.encode(pa.array(["pump", "fan", "pump", "saw", "mill"]))
    array([0, 1, 0, 2, 2], dtype=int32)
    >>> index.names, index.pool
    (['pump', 'fan', 'other'], 2)
    """

    def __init__(self, max_series: int = MOST_SERIES) -> None:
        if max_series < 1:
            raise ValueError(f"max_series is {max_series}: allow at least 1")
        self.max_series = max_series
        self.names: list[str] = []
        self.pool: int | None = None
        """The code of all names past the limit; None while there is none."""
        self.newcomers: list[str] = []
        """The names that the last `encode` gave a code."""
        self._codes: dict[str, int] = {}
        self._free: list[int] = []

    def __contains__(self, name: str) -> bool:
        return name in self._codes

    @property
    def full(self) -> bool:
        """Whether a further name would have to share the pool's code."""
        return len(self._codes) >= self.max_series

    def encode(self, names: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.int32]:
        """(n,) codes of (n,) strings or nulls, or of a dictionary of them; Python runs over the distinct names only."""
        if isinstance(names, pa.ChunkedArray):
            names = names.combine_chunks()
        stored = pa.types.is_dictionary(names.type)
        # A dictionary may name more than these rows do: its indices are what they hold.
        encoded = (names.indices if stored else names).dictionary_encode(null_encoding="encode")
        distinct = names.dictionary.take(encoded.dictionary) if stored else encoded.dictionary
        self.newcomers = []
        codes = [self._code(NAMELESS if name is None else name) for name in distinct.to_pylist()]
        return np.asarray(np.array(codes, np.int32)[encoded.indices.to_numpy()])

    def find(self, names: pa.Array) -> npt.NDArray[np.int32]:
        """(n,) codes of (n,) strings or nulls, or of a dictionary of them; -1 for a name that has none of its own."""
        encoded = names if pa.types.is_dictionary(names.type) else names.dictionary_encode()
        distinct = [*encoded.dictionary.to_pylist(), NAMELESS]
        codes = np.array([self._codes.get(NAMELESS if name is None else name, -1) for name in distinct], np.int32)
        return np.asarray(codes[encoded.indices.fill_null(len(distinct) - 1).to_numpy(zero_copy_only=False)])

    def release(self, codes: Iterable[int]) -> None:
        """Let go of series that nothing refers to any more, so that new names can have their codes."""
        for code in map(int, codes):
            if code == self.pool:
                self.pool = None
            elif self._codes.get(self.names[code]) == code:
                del self._codes[self.names[code]]
            else:
                continue
            self.names[code] = ""
            heapq.heappush(self._free, code)

    def replace(self, code: int, name: str) -> None:
        """Give a code that nothing refers to any more to another name."""
        del self._codes[self.names[code]]
        self.names[code] = name
        self._codes[name] = code

    def _code(self, name: str) -> int:
        code = self._codes.get(name)
        if code is not None:
            return code
        if self.full:
            if self.pool is None:
                self.pool = self._next(OTHER)
            return self.pool
        self.newcomers.append(name)
        code = self._codes[name] = self._next(name)
        return code

    def _next(self, name: str) -> int:
        """The lowest free code."""
        if self._free:
            code = heapq.heappop(self._free)
            self.names[code] = name
        else:
            code = len(self.names)
            self.names.append(name)
        return code
