"""Which counter a sample is of: several fields together as one small integer."""

import heapq
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

MOST_COUNTERS = 20_000
_WIDE = 2**62


class Identities:
    """A stable code per combination of labels, as long as it is not released; those past the limit have code -1.

    A combination is a tuple, so no label can hold a separator; null is a label like any other.

    >>> hosts, cores = pa.array(["a", "a", "b", "a"]), pa.array(["0", "1", "0", "0"])
    >>> Identities(limit=2).encode([hosts, cores], 4)
    array([ 0,  1, -1,  0], dtype=int32)
    >>> Identities().encode([], 3)
    array([0, 0, 0], dtype=int32)
    """

    def __init__(self, limit: int = MOST_COUNTERS) -> None:
        self.limit = limit
        self._codes: dict[tuple[str | None, ...], int] = {}
        self._keys: list[tuple[str | None, ...] | None] = []
        self._free: list[int] = []

    def __len__(self) -> int:
        return len(self._codes)

    def encode(self, fields: Sequence[pa.Array], events: int) -> npt.NDArray[np.int32]:
        """(events,) codes of as many rows of each field; Python runs over the distinct combinations only."""
        key = np.zeros(events, np.int64)
        distinct = 1
        dictionaries = []
        for labels in fields:
            encoded = labels.dictionary_encode(null_encoding="encode") if _plain(labels) else _whole(labels)
            dictionaries.append((encoded.dictionary, encoded.indices.to_numpy()))
            size = max(1, len(encoded.dictionary))
            if distinct * size > _WIDE:
                key = np.unique(key, return_inverse=True)[1]
                distinct = events
            key = key * size + dictionaries[-1][1]
            distinct *= size
        _, first, which = np.unique(key, return_index=True, return_inverse=True)
        rows = [dictionary.take(pa.array(index[first])).to_pylist() for dictionary, index in dictionaries]
        order = np.argsort(first, kind="stable")  # codes in the order of arrival
        codes = np.empty(len(first), np.int32)
        for place in order:
            codes[place] = self._code(tuple(row[place] for row in rows))
        return np.asarray(codes[which])

    def release(self, codes: npt.NDArray[np.int64]) -> None:
        """Let go of combinations that nothing refers to any more."""
        for code in codes.tolist():
            key = self._keys[code]
            if key is not None:
                del self._codes[key]
                self._keys[code] = None
                heapq.heappush(self._free, code)

    def taken(self) -> npt.NDArray[np.bool_]:
        """(n,) whether each code is given out."""
        return np.array([key is not None for key in self._keys], np.bool_)

    def _code(self, key: tuple[str | None, ...]) -> int:
        code = self._codes.get(key)
        if code is None:
            if len(self._codes) >= self.limit:
                return -1
            if self._free:
                code = heapq.heappop(self._free)
                self._keys[code] = key
            else:
                code = len(self._keys)
                self._keys.append(key)
            self._codes[key] = code
        return code


def _plain(labels: pa.Array) -> bool:
    return not pa.types.is_dictionary(labels.type)


def _whole(labels: pa.DictionaryArray) -> pa.DictionaryArray:
    """A stored dictionary anew: null among its values, and none that these rows do not have."""
    return labels.cast(labels.type.value_type).dictionary_encode(null_encoding="encode")
