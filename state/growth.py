"""How numbers go on within one series: whether a field counts up, restarts and counts up again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from state.found import Steps

RISES = 5
"""A series with fewer rising steps is not judged."""
FEW_RISES, TOGETHER = 3, 12
"""But where nothing falls at all, series of fewer rising steps are evidence together: of four numbers that are none of a
counter's one series in twenty-four is in order, and of all four not one in three hundred thousand times."""
BAD_SHARE = 0.04
"""So many falls may look like no restarts: events that came out of order, or a counter that had not come far."""
RESTART = 0.25
"""A restart falls to this share of what was there, or lower."""
RUN = 6
"""Between two restarts a counter rises so often on average."""

FARTHEST = 2**62

Codes = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def label_codes(column: pa.ChunkedArray) -> Codes:
    """(n,) a number for each value; null is one too."""
    encoded = column.combine_chunks().dictionary_encode(null_encoding="encode")
    return np.asarray(encoded.indices.to_numpy(), np.int64)


def series_codes(labels: Sequence[Codes], rows: int) -> Codes:
    """(rows,) a number for each combination of some labels' codes."""
    codes = np.zeros(rows, np.int64)
    room = 1
    for label in labels:
        size = int(label.max(initial=0)) + 1
        if room * size >= FARTHEST:  # numbers would run over
            codes = np.unique(codes, return_inverse=True)[1]
            room = int(codes.max(initial=0)) + 1
        codes = codes * size + label
        room *= size
    return codes


@dataclass(frozen=True, slots=True)
class Growth:
    """What the steps within series show, in those that rise at least RISES times.

    rises, restarts, bad   steps up, falls that are restarts, and other falls
    """

    rises: int = 0
    restarts: int = 0
    bad: int = 0

    @property
    def falls(self) -> int:
        """Steps down of either kind."""
        return self.restarts + self.bad

    def counts_up(self, need: int) -> bool:
        """Whether this is a counter, on the evidence of so many rising steps."""
        return (
            self.rises >= max(need, RISES) and self.bad <= BAD_SHARE * self.rises and self.restarts * RUN <= self.rises
        )


class Series:
    """Rows in the order of their series, each in order of arrival.

    >>> Series(np.array([0, 1, 0, 1])).steps(np.array([7.0, 100.0, 8.0, 101.0])).ones
    1.0
    """

    def __init__(self, codes: Codes) -> None:
        self._order = np.argsort(codes, kind="stable")
        self._codes = codes[self._order]

    def pairs(self, values: Floats) -> tuple[Codes, Floats, Floats]:
        """The series of each step of (n,) values, and the values before and after it."""
        ordered = values[self._order]
        there = np.isfinite(ordered)
        ordered, codes = ordered[there], self._codes[there]
        same = codes[1:] == codes[:-1]
        return codes[1:][same], ordered[:-1][same], ordered[1:][same]

    def steps(self, values: Floats) -> Steps:
        """How (n,) values go on."""
        _, before, after = self.pairs(values)
        if not len(after):
            return Steps()
        up = after - before
        return Steps(float((up == 1).mean()), float((up >= 0).mean()), len(up))

    def growth(self, values: Floats) -> Growth:
        """How (n,) values grow."""
        codes, before, after = self.pairs(values)
        if not len(after) or before.min(initial=0.0) < 0 or after.min(initial=0.0) < 0:
            return Growth()
        rises = after > before
        codes = np.cumsum(
            np.diff(codes, prepend=codes[:1]) != 0
        )  # they are in order: small numbers for the same series
        up = np.bincount(codes, rises)
        judged = up >= RISES
        if not judged.any() and not (after < before).any() and up[up >= FEW_RISES].sum() >= TOGETHER:
            judged = up >= FEW_RISES
        here = judged[codes]
        rises &= here
        falls = (after < before) & here
        restarts = falls & (after <= RESTART * before)
        # A series of which another step falls half as often as it rises is none that counts up: all of them must.
        bad = falls & ~restarts
        return Growth(int(rises.sum()), int(restarts.sum()), int(bad.sum()) + _idle_falls(codes, before, after, judged))


def _idle_falls(codes: Codes, before: Floats, after: Floats, judged: npt.NDArray[np.bool_]) -> int:
    """Falls, but restarts, in series that rise too seldom to be judged: they speak against a counter all the same."""
    return int(((after < before) & (after > RESTART * before) & ~judged[codes]).sum())


def needless(labels: Mapping[str, Codes], counters: Sequence[Floats], rows: int) -> set[str]:
    """Which of the labels, by their codes, do not tell one counter from another: they change within one, and it counts on.

    Without this, a counter whose events say `status` as well would count as several, and each of them all of its growth.
    """
    kept, gone = dict(labels), set()
    for name in reversed(list(labels)):
        rest = series_codes([codes for other, codes in kept.items() if other != name], rows)
        order = np.argsort(rest, kind="stable")
        codes, label = rest[order], labels[name][order]
        crossings = falls = 0
        for values in counters:
            ordered = values[order]
            there = np.isfinite(ordered)
            series, at, value = codes[there], label[there], ordered[there]
            crossing = (series[1:] == series[:-1]) & (at[1:] != at[:-1])
            crossings += int(crossing.sum())
            falls += int((crossing & (value[1:] < value[:-1])).sum())
        if crossings >= RISES + RUN and falls <= BAD_SHARE * crossings:
            del kept[name]
            gone.add(name)
    return gone
