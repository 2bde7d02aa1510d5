"""What the events of a span say of the chosen measure: figures from the events themselves, all together and series by series."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from state.choice import MICROSECONDS, Choice
from state.filters import apply, parse_filter
from state.frame import SLOTS, Floats, Ints
from state.measure import Parts
from state.meters import increases
from state.readings import means, rows, values
from state.rollup import PERCENTILES
from state.series import NAMELESS
from state.tables import labels, times

_SAMPLE_BUCKETS = 32
"""Of no matter for a single increase, but counters keep sums of so many."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of a set of events; NaN where there is none, or where rows that are aggregates do not say.

    count          events with a number in the measure; increases, where it is shown how fast counters grow
    rate           those a second
    p50, p95, p99  by nearest rank, as SQL's PERCENTILE_DISC; of the rows' means, where rows are aggregates already
    """

    count: int
    rate: float
    mean: float = math.nan
    min: float = math.nan
    max: float = math.nan
    sum: float = math.nan
    p50: float = math.nan
    p95: float = math.nan
    p99: float = math.nan


@dataclass(frozen=True, slots=True)
class Line:
    """A series, or several, in the span, and in one as long right before it; None where that one is not wholly held."""

    name: str
    now: Summary
    before: Summary | None

    def change(self, figure: str) -> float | None:
        """By how much a figure is more than before; None where one of the two is not known.

        >>> Line("", Summary(5, 0.5), Summary(3, 0.3)).change("count")
        2
        """
        if self.before is None:
            return None
        change = getattr(self.now, figure) - getattr(self.before, figure)
        return None if math.isnan(change) else change


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of a span of so many seconds: all events, the series with the most of them, and what those leave over.

    rest  None where nothing is left over
    left  how many series that are
    """

    seconds: float
    every: Line
    series: tuple[Line, ...] = ()
    rest: Line | None = None
    left: int = 0


@dataclass(frozen=True, slots=True)
class _Events:
    """(n,) times and values of what has a finite number, (4, n) what is behind those values, and names of series."""

    at: Ints
    value: Floats
    parts: Floats | None
    names: pa.Array

    def where(self, kept: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> "_Events":
        names = self.names.filter(pa.array(kept)) if kept.dtype == np.bool_ else self.names.take(pa.array(kept))
        return _Events(self.at[kept], self.value[kept], None if self.parts is None else self.parts[:, kept], names)


def statistics(
    choice: Choice, tables: Sequence[pa.Table], range_us: tuple[int, int], *, held_us: int, most: int = SLOTS
) -> Statistics:
    """The figures of the events of a span, `from_us <= event time < to_us`, in microseconds since the epoch.

    tables   events in the order of their arrival: those of the span, of the one before it and, where counters are shown,
             some still older ones, without which the first sample of each says nothing; what else is in them does not matter
    held_us  from here on all events are held
    most     so many series are told apart
    """
    from_us, to_us = range_us
    length = to_us - from_us
    events = _events(choice, tables, to_us - 1)
    now = events.where(events.at >= from_us)
    before = None
    if held_us <= from_us - length:
        before = events.where((events.at >= from_us - length) & (events.at < from_us))
    seconds = length / MICROSECONDS
    held_s = (to_us - min(max(from_us, held_us), to_us)) / MICROSECONDS  # a rate is of the time that is known
    every = Line("", _summary(now, held_s), None if before is None else _summary(before, seconds))
    if not choice.by:
        return Statistics(seconds, every)
    top, told = _largest(now, most)
    earlier = [None] * (len(top) + 1) if before is None else [_summary(each, seconds) for each in _split(before, top)]
    lines = [
        Line(name, _summary(each, held_s), then)
        for name, each, then in zip([*top, ""], _split(now, top), earlier, strict=True)
    ]
    left = told - len(top)
    return Statistics(seconds, every, tuple(lines[:-1]), lines[-1] if left else None, left)


def _events(choice: Choice, tables: Sequence[pa.Table], now_us: int) -> _Events:
    """All rows of the measure that the filters keep and that hold a number, up to `now_us`."""
    measure = choice.read
    own = [parse_filter(text) for text in measure.where]
    filters = [parse_filter(text) for text in choice.where] + own
    kept = (apply(filters, table) for table in tables)
    tables = [table.filter(pa.array(times(table) <= now_us)) for table in kept if len(table)]
    tables = [table for table in tables if len(table)]
    if not tables:
        return _Events(np.empty(0, np.int64), np.empty(0), None, pa.array([], pa.string()))
    at = np.concatenate([times(table) for table in tables])
    parts = None
    if measure.parts is not None:
        parts = _parts(measure.parts, tables)
        value = means(parts)
    elif choice.counts_up:
        window_s = max(1.0, 2 * (now_us - int(at.min())) / MICROSECONDS)  # twice: its buckets may end after `now_us`
        value = increases(replace(choice, window_s=window_s, points=_SAMPLE_BUCKETS), own, tables, now_us)
    else:
        value = np.concatenate([values(measure, table) for table in tables])
    names = pa.concat_arrays([_names(table, choice.by) for table in tables])
    return _Events(at, value, parts, names).where(np.isfinite(value))


def _parts(parts: Parts, tables: Sequence[pa.Table]) -> Floats:
    return np.concatenate([rows(parts, table) for table in tables], axis=1)


def _names(table: pa.Table, by: str) -> pa.Array:
    """(n,) the series of each row."""
    if not by:
        return pa.nulls(len(table), pa.string())
    names = labels(table, by)
    if pa.types.is_dictionary(names.type):
        names = names.cast(pa.string())
    return pc.fill_null(names, NAMELESS)


def _largest(events: _Events, most: int) -> tuple[list[str], int]:
    """The names of the series with the most events, of equal ones those that came first; and how many series there are."""
    encoded = events.names.dictionary_encode()
    weights = None if events.parts is None else events.parts[0]
    counts = np.bincount(encoded.indices.to_numpy(zero_copy_only=False), weights, len(encoded.dictionary))
    order = np.argsort(-counts, kind="stable")[:most]
    return encoded.dictionary.take(pa.array(order)).to_pylist(), len(counts)


def _split(events: _Events, names: Sequence[str]) -> Iterator[_Events]:
    """The events of each of the series, then all others."""
    code = pc.index_in(events.names, value_set=pa.array(names, pa.string())).fill_null(len(names)).to_numpy()
    order = np.argsort(code, kind="stable")
    bounds = np.searchsorted(code[order], np.arange(len(names) + 2))
    for start, stop in pairwise(bounds):
        yield events.where(order[start:stop])


def _summary(events: _Events, seconds: float) -> Summary:
    """The figures of events over so many seconds."""
    value, parts = events.value, events.parts
    if not len(value):
        return Summary(0, 0.0 if seconds else math.nan)
    percentiles = {name: float(rank) for name, rank in zip(PERCENTILES, _ranked(value), strict=True)}
    with np.errstate(over="ignore", invalid="ignore"):  # huge numbers add up to infinity
        if parts is None:
            count, total, low, high, mean = len(value), value.sum(), value.min(), value.max(), _mean(value)
        else:
            count, total = round(parts[0].sum()), parts[1].sum()
            mean = total / parts[0].sum()
            low, high = np.fmin.reduce(parts[2]), np.fmax.reduce(parts[3])
    rate = count / seconds if seconds else math.nan
    return Summary(count, rate, float(mean), float(low), float(high), float(total), **percentiles)


def _ranked(value: Floats) -> Floats:
    """The percentiles, by nearest rank."""
    ranks = np.ceil(np.array(list(PERCENTILES.values())) * len(value) - 1e-9).astype(np.int64)
    places = np.maximum(ranks, 1) - 1
    return np.asarray(np.partition(value, places)[places])


def _mean(value: Floats) -> float:
    """The mean, also of numbers so large that their sum is none."""
    mean = float(value.mean())
    return mean if math.isfinite(mean) else float((value / len(value)).sum())
