"""Everything that is computed for one choice of what to show, kept running as events come."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from state.choice import MICROSECONDS, Choice
from state.density import Density
from state.filters import apply, parse_filter
from state.frame import Floats, Frame, Health, Ints
from state.meters import Meters, increases, plain, update
from state.newest import Newest
from state.overview import Overview
from state.raw import RAW_EVENTS, RAW_POINTS, Raw
from state.readings import means, rows, values
from state.rest import Rest
from state.rollup import ADDITIVE, PERCENTILES, Rollup
from state.roster import Roster
from state.seats import Seats
from state.segment import Span
from state.series import NAMELESS
from state.tables import labels, named, times
from state.window import Window

MOST_TOTALS = 50
LATE_BUCKETS = 2
VALUE_BINS = 128
FINER_SHARE = 1 / 8
"""Of the window: at most so often is the histogram counted anew, which goes through all that is held."""
MOST_AHEAD = 10_000
"""Of so many events that came too early it is known that no chart may show them, although they are held when their time comes."""
PIECE_EVENTS = 16_384
"""History is taken in pieces of about so many events: a million at once would take 100 MB while it lasts, and keep them."""


class Lens:
    """Running aggregates of one choice. `advance` moves the clock, `update` takes new events, `frame` reads.

    The cost of `update` follows the new events, that of `frame` the points shown; neither the events held. Not thread-safe.

    Where the choice shows how fast counters grow, the value of an event is, in all panels, the increase a second since the
    sample before of the same counter. Where rows are aggregates already, it is the row's mean, and only `values`, `totals`
    and `other` know what is behind it: the rest of the frame counts rows.
    """

    def __init__(self, choice: Choice, seats: Sequence[str] = ()) -> None:
        self.choice = choice
        # All that the buckets hold, which may begin a little before the window does: see `_samples`.
        self.window = Window(choice.buckets * choice.bucket_us / MICROSECONDS)
        self.now_us = 0
        self._measure = choice.read
        self._only = choice.value or "events"
        self._filters = [parse_filter(text) for text in choice.where]
        self._own = [parse_filter(text) for text in self._measure.where]
        self._roster = Roster(choice.buckets * choice.bucket_us)
        self._seats = Seats(kept=seats)
        # The distribution's quantiles, of all series together, are wanted whatever the aggregate.
        quantiles: Literal["each", "all"] = "each" if choice.agg in PERCENTILES else "all"
        self._rollup = Rollup(choice.bucket_us, choice.buckets, quantiles=quantiles)
        self._rest = Rest(self._rollup, choice.agg)
        self._meters = Meters(choice)
        self._counters = self._meters.add(self._own) if choice.counts_up and self._measure.parts is None else None
        self._density = Density(choice.bucket_us, choice.buckets)
        self._overview = Overview(choice, self._meters)
        self._raw_code: int | None = None
        self._raw = Raw()
        self._newest = Newest()
        self._ahead = np.empty(0, np.int64)
        self._finer_us = 0
        self._frames = 0

    @property
    def late(self) -> int:
        """Events that came too old for the window, or as samples of a counter after a newer one."""
        if self._counters is None:
            return self._rollup.late
        return self._counters.ring.late + self._counters.outdated

    @property
    def early(self) -> int:
        """Events too far ahead of the clock to be kept."""
        return (self._rollup if self._counters is None else self._counters.ring).early

    @property
    def valueless(self) -> int:
        """Events without a finite number in the chosen measure, and samples of counters past the limit."""
        return (self._rollup if self._counters is None else self._counters).skipped

    @property
    def nbytes(self) -> int:
        """Bytes of its aggregates, which grow with the series told apart."""
        counters = 0 if self._counters is None else self._counters.nbytes
        return self._rollup.nbytes + self._density.nbytes + self._overview.nbytes + counters

    def advance(self, now_us: int) -> None:
        """Move the right edge of the window to `now_us`; never backwards."""
        if now_us <= self.now_us:
            return
        self.now_us = now_us
        for each in (self._rollup, self._density, self._overview, self._meters):
            each.advance(now_us)
        oldest = int(self._rollup.times_us[0])
        self._roster.expire(oldest)
        self._ahead = self._ahead[self._ahead >= oldest]
        self.window.expire(now_us)

    def update(self, spans: Iterable[Span], *, history: bool = False) -> None:
        """Take new events. `history`: what is older than the window was never to be shown, so it is not late."""
        spans = list(spans)
        self.window.extend(spans)
        piece: list[pa.Table] = []
        for span in spans:
            piece += span.tables()
            if sum(map(len, piece)) >= PIECE_EVENTS:
                self._take(piece, history=history)
                piece = []
        self._take(piece, history=history)

    def remember(self, spans: Iterable[Span]) -> None:
        """Learn from events before the window since when its series are known: from there on they count 0 where nothing happened.

        A board that has watched them come knows it, one that is made from what is held must be told: both show the same.
        """
        if self.choice.agg not in ADDITIVE or self._counters is not None:
            return
        oldest = int(self._rollup.times_us[0])
        earliest = oldest - self.choice.buckets * self.choice.bucket_us
        for table in (table for span in spans for table in span.tables()):
            at = times(table)
            before = (at >= earliest) & (at < oldest)
            if before.any():
                kept = apply(self._filters + self._own, table.filter(pa.array(before)))
                code = self._roster.find(self._names(kept))
                known = (code >= 0) & np.isfinite(values(self._measure, kept))
                self._rollup.remember(times(kept)[known], code[known])

    def frame(
        self, *, seen: int, newest_us: int | None, health: Health, time_field: str = "", moves: bool = True
    ) -> Frame:
        """What the board shows now.

        time_field  where event time was read from: newest events need not say it twice
        moves       whether the right edge moves on, or events still come: else the newest bucket is as full as it will be
        """
        present = self._rollup.active()
        told = np.flatnonzero(present)
        if self._roster.pool is not None:
            told = told[told != self._roster.pool]
        events = self._rollup.totals("count")
        self._release(present)
        self._seats.update(self.now_us, told, np.nan_to_num(events), self._roster.names)
        self._look_raw()
        slots = self._seats.slots
        codes = np.array([0 if code is None else code for code in slots], np.int64)
        shown = self._rollup.values(self.choice.agg, codes) if self._counters is None else self._counters.values(codes)
        shown[:, [code is None for code in slots]] = np.nan
        raw_us, raw_values, raw_events = self._raw.points(
            int(self._rollup.times_us[0]), self.now_us, min(self.choice.points, RAW_POINTS)
        )
        window_events = self._density.events if self._measure.parts else int(np.nansum(events))
        if self._density.coarse and len(self.window) >= window_events and self.now_us >= self._finer_us:
            self._density.rebuild(*self._samples(list(self.window.tables())))
            self._finer_us = self.now_us + int(self.choice.window_s * MICROSECONDS * FINER_SHARE)
        counts, edges = self._density.display(VALUE_BINS)
        distinct = self._roster.distinct(len(told))
        others = round(distinct) - sum(code is not None for code in slots)
        self._frames += 1
        return Frame(
            choice=self.choice,
            number=self._frames,
            now_us=self.now_us,
            times_us=self._rollup.times_us,
            slots=tuple(None if code is None else self._roster.names[code] for code in slots),
            values=shown,
            totals=self._totals(told),
            series=len(told),
            raw_us=raw_us,
            raw_values=raw_values,
            raw_series="" if self._raw_code is None else self._roster.names[self._raw_code],
            raw_events=raw_events,
            counts=counts,
            edges=edges,
            quantiles=dict(zip(PERCENTILES, self._rollup.quantile(list(PERCENTILES.values())).tolist(), strict=True))
            if present.any()
            else {},
            newest=self._newest.rows(time_field),
            newest_us=newest_us,
            seen=seen,
            window_events=window_events,
            open=_open(counts.sum(axis=1)) if moves else 0,
            health=health,
            other=self._other() if others > 0 else np.empty(0),
            others=max(0, others),
            distinct=distinct,
            unsure=self._roster.unsure(),
            overview=self._overview.courses(),
        )

    def _take(self, tables: list[pa.Table], *, history: bool) -> None:
        """Update all aggregates with a piece of what is new."""
        tables = [apply(self._filters, table) for table in tables]
        if history:
            oldest = int(self._rollup.times_us[0])
            tables = [table.filter(pa.array(times(table) >= oldest)) for table in tables]
        tables = [self._meters.coded(table) for table in tables if len(table)]
        self._overview.update(tables)
        tables = [table for table in (apply(self._own, table) for table in tables) if len(table)]
        if not tables:
            return
        at = np.concatenate([times(table) for table in tables])
        if self._measure.parts is None:
            value = np.concatenate([values(self._measure, table) for table in tables])
            code = self._codes(tables, at)
            if self._counters is None:
                self._rollup.update(at, code, value)
            else:
                update(self._counters, tables, at, code, value)
                value = self._counters.rates
                told = np.isfinite(value)
                self._rollup.update(at[told], code[told], value[told])
        else:
            parts = np.concatenate([rows(self._measure.parts, table) for table in tables], axis=1)
            value = means(parts)
            code = self._codes(tables, at, np.nan_to_num(parts[0], posinf=0).astype(np.int64))
            self._rollup.update_rows(at, code, parts)
        self._density.update(at, value)
        early = self._rollup.ring.too_early(at)
        self._ahead = np.concatenate((self._ahead, at[early]))[-MOST_AHEAD:]
        mine = (code == self._raw_code) & ~early
        self._raw.update(at[mine], value[mine])
        self._make_room()
        self._newest.update([plain(table) for table in tables])

    def _codes(self, tables: Sequence[pa.Table], at: Ints, weight: Ints | None = None) -> npt.NDArray[np.int32]:
        """(n,) the series of each row."""
        if not self.choice.by:
            return self._roster.constant(self._only, len(at))
        upto = np.cumsum([len(table) for table in tables])[:-1]
        weights = [None] * len(tables) if weight is None else np.split(weight, upto)
        return np.concatenate(
            [
                self._roster.encode(labels(table, self.choice.by), time, each)
                for table, time, each in zip(tables, np.split(at, upto), weights, strict=True)
            ]
        )

    def _names(self, table: pa.Table) -> pa.Array:
        """(n,) the name of each row's series."""
        return labels(table, self.choice.by) if self.choice.by else pa.repeat(self._only, len(table))

    def _samples(self, tables: Sequence[pa.Table]) -> tuple[Ints, Floats]:
        """(n,) times and values of all rows of the measure in what the window holds, as `_take` saw them, but those that came too early."""
        tables = [table for table in (apply(self._filters + self._own, table) for table in tables) if len(table)]
        if not tables:
            return np.empty(0, np.int64), np.empty(0)
        at = np.concatenate([times(table) for table in tables])
        if self._counters is not None:
            value = increases(self.choice, self._own, tables, self.now_us)
        else:
            value = np.concatenate([values(self._measure, table) for table in tables])
        kept = ~np.isin(at, self._ahead)
        return at[kept], value[kept]

    # Series

    def _release(self, present: npt.NDArray[np.bool_]) -> None:
        """Let go of the codes to which nothing refers."""
        names = len(self._roster.names)
        idle = np.ones(names, np.bool_)
        idle[: len(present)] = ~present[:names]
        if self._counters is not None:
            idle[self._counters.series()] = False
        self._roster.release(np.flatnonzero(idle))

    def _make_room(self) -> None:
        """Let frequent names of the pool take the places of series that are hardly there."""
        pool = self._roster.pool
        if pool is None:
            return
        held = np.pad(self._rollup.held, (0, max(0, len(self._roster.names) - len(self._rollup.held))))
        swaps = self._roster.swaps(held, {*self._seats.slots})
        if not swaps:
            return
        codes = np.array([code for code, _ in swaps])
        self._rollup.pour(codes, pool)
        if self._counters is not None:
            self._counters.pour(codes, pool)
        for code, name in swaps:
            self._roster.swap(code, name, int(held[code]))

    def _other(self) -> Floats:
        seated = np.array(sorted(code for code in self._seats.slots if code is not None), np.int64)
        if self._counters is None:
            return self._rest.values(seated)
        return self._counters.together(np.setdiff1d(np.flatnonzero(self._rollup.active()), seated))

    def _totals(self, told: npt.NDArray[np.int64]) -> Mapping[str, float]:
        totals = (self._rollup.totals(self.choice.agg) if self._counters is None else self._counters.totals())[told]
        told, totals = told[~np.isnan(totals)], totals[~np.isnan(totals)]  # some wait ahead of the clock
        order = np.argsort(-totals, kind="stable")[:MOST_TOTALS]
        return {self._roster.names[told[i]]: float(totals[i]) for i in order}

    # The newest events of one series

    def _look_raw(self) -> None:
        """Show the events of who sits first; another's are fetched from the window, newest slice first, until there are enough."""
        first = next((code for code in self._seats.slots if code is not None), None)
        if first == self._raw_code:
            return
        self._raw_code = first
        self._raw.clear()
        if first is None:
            return
        name = self._roster.names[first]
        found: list[pa.Table] = []
        for table in self.window.newest_first():
            mine = named(table, self.choice.by, None if name == NAMELESS else name) if self.choice.by else table
            found.append(apply(self._filters + self._own, mine))
            if sum(map(len, found)) >= 2 * RAW_EVENTS:
                break
        self._raw.update(*self._samples(found[::-1]))


def _open(events: Ints) -> int:
    """How many of the newest buckets may still fill, by the events in each.

    Beside the newest these are empty ones right before it, up to LATE_BUCKETS: what happened there may still be on its way, or
    come in packets. A silence that is longer is one.
    """
    busy = np.flatnonzero(events[:-1])
    empty = len(events) - 2 - int(busy[-1]) if len(busy) and not events[-1] else 0
    return 1 + empty if empty <= LATE_BUCKETS else 1
