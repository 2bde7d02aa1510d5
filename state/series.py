"""Names of series as small integers, so that arrays can be indexed by them."""

import heapq
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

NAMELESS = "—"
"""The series of events whose dimension is null."""

OTHER = "other"
"""The series that takes all names past the limit."""


class SeriesIndex:
    """A stable code per name, as long as it is not released; codes are reused, so they stay below `max_series` + 1.

    Past `max_series` names every further name shares the code of `OTHER`, and is not remembered: an identifier with a new
    value in each event costs no memory. A released code's name is "" until the code is given out again.

    >>> index = SeriesIndex(max_series=2)
    >>> index.encode(pa.array(["pump", "fan", "pump", "saw", "mill"]))
    array([0, 1, 0, 2, 2], dtype=int32)
    >>> index.names
    ['pump', 'fan', 'other']
    """

    def __init__(self, max_series: int = 1000) -> None:
        if max_series < 1:
            raise ValueError(f"max_series is {max_series}: allow at least 1")
        self.max_series = max_series
        self.names: list[str] = []
        self._codes: dict[str, int] = {}
        self._free: list[int] = []

    def encode(self, names: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.int32]:
        """(n,) codes of (n,) strings or nulls, or of a dictionary of them; Python runs over the distinct names only."""
        if isinstance(names, pa.ChunkedArray):
            names = names.combine_chunks()
        stored = pa.types.is_dictionary(names.type)
        # A dictionary may name more than these rows do: its indices are what they hold.
        encoded = (names.indices if stored else names).dictionary_encode(null_encoding="encode")
        distinct = names.dictionary.take(encoded.dictionary) if stored else encoded.dictionary
        codes = [self._code(NAMELESS if name is None else name) for name in distinct.to_pylist()]
        return np.asarray(np.array(codes, np.int32)[encoded.indices.to_numpy()])

    def release(self, codes: Iterable[int]) -> None:
        """Let go of series that nothing refers to any more, so that new names can have their codes."""
        for code in map(int, codes):
            if self._codes.pop(self.names[code], None) is not None:
                self.names[code] = ""
                heapq.heappush(self._free, code)

    def _code(self, name: str) -> int:
        code = self._codes.get(name)
        if code is not None:
            return code
        if len(self._codes) - (OTHER in self._codes) >= self.max_series and name != OTHER:
            return self._code(OTHER)
        if self._free:
            code = heapq.heappop(self._free)
            self.names[code] = name
        else:
            code = len(self.names)
            self.names.append(name)
        self._codes[name] = code
        return code
