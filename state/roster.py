"""Which series are told apart, where there may be more of them than can be."""

from collections.abc import Set as AbstractSet

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from state.cardinality import Bounds, Crowd
from state.frame import Floats, Ints
from state.runs import group_starts
from state.series import MOST_SERIES, NAMELESS, SeriesIndex

SLICES = 8
"""The crowd's memory of a window has so many slices: what has left the window is forgotten an eighth of it later at most."""
_MOST_SLICES = 2 * SLICES + 2
"""A window that is one bucket wide has another of headroom."""
LEAD = 2.0
"""Who would be told apart must have so many times the events of the one who makes room."""
MOST_SWAPS = 8
"""At most so many series make room at a time, since each costs a walk over its cells."""


class Roster:
    """A series code per name; the names past the limit share the code `pool`, and a sketch tells which of them are frequent.

    First come, first told apart, until the room is full. Then a name from the pool takes the place of the weakest series once it
    certainly has twice its events: see `swaps`. From then on it is exact, and its earlier events stay in the pool.
    The sketch is made, and its library imported, once there is a pool.
    """

    def __init__(self, window_us: int, max_series: int = MOST_SERIES) -> None:
        self._index = SeriesIndex(max_series)
        self._slice_us = max(1, window_us // SLICES)
        self._crowd: Crowd | None = None
        self._late: dict[str, dict[int, Bounds]] = {}
        self._oldest = 0
        self._newest = 0

    @property
    def names(self) -> list[str]:
        """By code; "" for one that is free."""
        return self._index.names

    @property
    def pool(self) -> int | None:
        """The code that the names past the limit share; None while there is none."""
        return self._index.pool

    def encode(self, names: pa.Array, time_us: Ints, weight: Ints | None = None) -> npt.NDArray[np.int32]:
        """(n,) codes of (n,) strings or nulls, or of a dictionary of them; Python runs over the distinct names only.

        time_us  (n,) event times
        weight   (n,) how many events each row stands for; one if not given
        """
        codes = self._index.encode(names)
        if len(time_us):
            self._newest = min(max(self._newest, int(time_us.max()) // self._slice_us), self._oldest + _MOST_SLICES)
        if self._crowd is not None:
            self._note(self._crowd, self._index.newcomers)
        if self._index.pool is not None:
            pooled = np.flatnonzero(codes == self._index.pool)
            if len(pooled):
                self._count(names.take(pa.array(pooled)), time_us[pooled], None if weight is None else weight[pooled])
        return codes

    def find(self, names: pa.Array) -> npt.NDArray[np.int32]:
        """(n,) codes of (n,) names; -1 for one that is not told apart."""
        return self._index.find(names)

    def constant(self, name: str, events: int) -> npt.NDArray[np.int32]:
        """(events,) the code of one name."""
        return np.full(events, self._index.encode(pa.array([name]))[0])

    def expire(self, oldest_us: int) -> None:
        """Forget what was pooled before the slice that holds `oldest_us`."""
        self._oldest = oldest = oldest_us // self._slice_us
        if self._crowd is None:
            return
        self._crowd.expire(oldest)
        for name, bounds in list(self._late.items()):
            live = {number: each for number, each in bounds.items() if number >= oldest}
            if live:
                self._late[name] = live
            else:
                del self._late[name]

    def release(self, codes: Ints) -> None:
        """Let go of series that nothing refers to any more; not of one whose events so far are in the pool, for more will come."""
        gone = [code for code in codes.tolist() if not self._pooled(self.names[code])]
        for code in gone:
            self._late.pop(self.names[code], None)
        self._index.release(gone)

    def swaps(self, held: Floats, keep: AbstractSet[int | None]) -> list[tuple[int, str]]:
        """Which codes should pass to which names of the pool: nobody's where all is well.

        held  (series capacity,) events by code
        keep  codes that make room for nobody
        """
        if self._crowd is None or not len(self._crowd) or not self._index.full:
            return []
        codes = np.array([code for code, name in enumerate(self.names) if code != self.pool and code not in keep])
        if not len(codes):
            return []
        strength = held[codes] + [self._pooled(self.names[code]) for code in codes]
        weakest = np.argsort(strength, kind="stable")[:MOST_SWAPS]
        frequent = self._crowd.frequent(LEAD * float(strength[weakest[0]]))
        found = sorted(((low, name) for name, low in frequent.items() if name not in self._index), reverse=True)
        return [
            (int(codes[place]), name)
            for place, (low, name) in zip(weakest, found, strict=False)
            if low > LEAD * strength[place]
        ]

    def swap(self, code: int, name: str, events: int) -> None:
        """Give a code to a name of the pool; the `events` that stood there have gone to the pool."""
        if self._crowd is None:
            raise ValueError(f"{name!r} cannot be told apart: nothing is pooled")
        if events:
            self._crowd.update(self._newest, [self.names[code]], [events])
        self._late.pop(self.names[code], None)
        self._index.replace(code, name)
        self._note(self._crowd, [name])

    def unsure(self) -> dict[str, int]:
        """The series that were told apart late, and how many of their events at most are in the pool."""
        return {name: sum(each.high for each in bounds.values()) for name, bounds in self._late.items()}

    def distinct(self, named: int) -> float:
        """About how many series there are, of which `named` are told apart: exact while there is no pool."""
        if self._crowd is None or not len(self._crowd):
            return float(named)
        both = sum(self._pooled(name) > 0 for name in self._late)
        return named + max(0.0, self._crowd.distinct() - both)

    def _pooled(self, name: str) -> int:
        """How many events of a series that is told apart are in the pool, at least."""
        return sum(bounds.low for bounds in self._late.get(name, {}).values())

    def _note(self, crowd: Crowd, names: list[str]) -> None:
        """Keep in mind what of these names may be in the pool."""
        for name in names:
            bounds = crowd.bounds(name)
            if bounds:
                self._late[name] = bounds

    def _count(self, names: pa.Array, time_us: Ints, weight: Ints | None) -> None:
        """Count names to the pool's sketch: (n,) names, event times and weights."""
        if self._crowd is None:
            self._crowd = Crowd()
        number = time_us // self._slice_us
        inside = (number >= self._oldest) & (number <= self._oldest + _MOST_SLICES)
        if not inside.all():  # neither late events nor early ones get into the pool
            names, number = names.filter(pa.array(inside)), number[inside]
            weight = None if weight is None else weight[inside]
        if not len(number):
            return
        encoded = (
            names.cast(names.type.value_type) if pa.types.is_dictionary(names.type) else names
        ).dictionary_encode(null_encoding="encode")
        distinct = encoded.dictionary.to_pylist()
        key = number * len(distinct) + encoded.indices.to_numpy()
        order = np.argsort(key, kind="stable")
        starts = group_starts(key[order])
        counts = np.diff(starts, append=len(key)) if weight is None else np.add.reduceat(weight[order], starts)
        which, name = np.divmod(key[order[starts]], len(distinct))
        for at in np.unique(which):
            mine = np.flatnonzero((which == at) & (counts > 0))
            self._crowd.update(
                int(at),
                (NAMELESS if distinct[each] is None else distinct[each] for each in name[mine].tolist()),
                counts[mine].tolist(),
            )
