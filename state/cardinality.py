"""Names too many to tell apart: about how many they are, and which of them are frequent after all.

Two sketches of Apache DataSketches per slice of time: HyperLogLog (Flajolet et al., 2007) for how many names there are, and the
frequent-items sketch (Anderson et al.: "A High-Performance Algorithm for Identifying Frequent Items in Data Streams", IMC
2017), whose bounds on each name's count are certain.
"""

from collections.abc import Iterable
from typing import NamedTuple

_MAP_BITS = 12
"""A name's count is known within 3.5 / 2**12 of all counts of its slice, under 0.1 %, in about 3,000 names of memory."""
_HLL_BITS = 13
"""8 kB for a relative standard error of 0.9 % in the number of names."""


class Bounds(NamedTuple):
    """At least and at most so many events, for certain."""

    low: int
    high: int


class Crowd:
    """Names with their counts, per slice of time; memory is bounded whatever the names.

    >>> crowd = Crowd()
    >>> crowd.update(0, ["a", "b"], [900, 1])
    >>> crowd.update(1, ["a"], [50])
    >>> crowd.bounds("a"), crowd.frequent(100), round(crowd.distinct())
    ({0: Bounds(low=900, high=900), 1: Bounds(low=50, high=50)}, {'a': 950}, 2)
    >>> crowd.expire(1)
    >>> crowd.bounds("b")
    {}
    """

    def __init__(self) -> None:
        import datasketches  # noqa: PLC0415 - a tenth of a second, for boards of very many series only

        self._library = datasketches
        self._slices: dict[int, tuple[datasketches.frequent_strings_sketch, datasketches.hll_sketch]] = {}

    def __len__(self) -> int:
        """How many slices hold a name."""
        return len(self._slices)

    def update(self, number: int, names: Iterable[str], counts: Iterable[int]) -> None:
        """Count each of (n,) names so many times, above 0, in the slice `number`."""
        if number not in self._slices:
            library = self._library
            hll = library.hll_sketch(_HLL_BITS, library.tgt_hll_type.HLL_8)
            self._slices[number] = library.frequent_strings_sketch(_MAP_BITS), hll
        frequencies, hll = self._slices[number]
        for name, count in zip(names, counts, strict=True):
            frequencies.update(name, count)
            hll.update(name)

    def expire(self, oldest: int) -> None:
        """Forget the slices before `oldest`."""
        for number in [number for number in self._slices if number < oldest]:
            del self._slices[number]

    def bounds(self, name: str) -> dict[int, Bounds]:
        """How often the name was counted, by slice; without the slices in which it certainly was not."""
        found = {
            number: Bounds(frequencies.get_lower_bound(name), frequencies.get_upper_bound(name))
            for number, (frequencies, _) in self._slices.items()
        }
        return {number: bounds for number, bounds in found.items() if bounds.high}

    def frequent(self, count: float) -> dict[str, int]:
        """The names that were certainly counted more than `count` times, and how often at least."""
        if not self._slices:
            return {}
        certain = self._library.frequent_items_error_type.NO_FALSE_POSITIVES
        share = max(1, int(count / len(self._slices)))  # who has more in all, has more than this in one
        seen = {
            row[0] for frequencies, _ in self._slices.values() for row in frequencies.get_frequent_items(certain, share)
        }
        least = {name: sum(bounds.low for bounds in self.bounds(name).values()) for name in seen}
        return {name: low for name, low in least.items() if low > count}

    def distinct(self) -> float:
        """About how many different names there are in all slices."""
        union = self._library.hll_union(_HLL_BITS)
        for _, hll in self._slices.values():
            union.update(hll)
        return float(union.get_estimate())
