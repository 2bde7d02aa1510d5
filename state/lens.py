"""Everything that is computed for one choice of what to show, kept running as events come."""

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from state.choice import Choice
from state.decimate import decimate
from state.density import Density
from state.filters import apply, parse_filter
from state.frame import SLOTS, Floats, Frame, Health, Ints
from state.rollup import PERCENTILES, Rollup
from state.segment import Span
from state.series import SeriesIndex
from state.tables import concat, labels, numbers, times
from state.window import Window

RAW_EVENTS = 2000
"""The newest so many events of one series are shown raw."""
RAW_POINTS = 240
"""Drawn at half the page's width, at most one point per 2 px."""
NEWEST_EVENTS = 20
MOST_TOTALS = 50
VALUE_BINS = 128
PIECE_EVENTS = 16_384
"""History is taken in pieces of about so many events: a million at once would take 100 MB while it lasts, and keep them."""


class Lens:
    """Running aggregates of one choice. `advance` moves the clock, `update` takes new events, `frame` reads.

    The cost of `update` follows the new events, that of `frame` the points shown; neither the events held. Not thread-safe.
    """

    def __init__(self, choice: Choice) -> None:
        self.choice = choice
        self.window = Window(choice.window_s)
        self.now_us = 0
        self._filters = [parse_filter(text) for text in choice.where]
        self._series = SeriesIndex()
        # The distribution's quantiles, of all series together, are wanted whatever the aggregate.
        quantiles: Literal["each", "all"] = "each" if choice.agg in PERCENTILES else "all"
        self._rollup = Rollup(choice.bucket_us, choice.buckets, quantiles=quantiles)
        self._density = Density(choice.bucket_us, choice.buckets)
        self._slots: list[int | None] = [None] * SLOTS
        self._raw_code: int | None = None
        self._raw: deque[tuple[Ints, Floats]] = deque()
        self._newest: deque[pa.Table] = deque()
        self._frames = 0

    @property
    def late(self) -> int:
        """Events that came too old for the window."""
        return self._rollup.late

    @property
    def early(self) -> int:
        """Events too far ahead of the clock to be kept."""
        return self._rollup.early

    @property
    def valueless(self) -> int:
        """Events without a finite number in the chosen measure."""
        return self._rollup.skipped

    def advance(self, now_us: int) -> None:
        """Move the right edge of the window to `now_us`; never backwards."""
        if now_us <= self.now_us:
            return
        self.now_us = now_us
        for each in (self._rollup, self._density):
            each.advance(now_us)
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

    def frame(self, *, seen: int, newest_us: int | None, health: Health, time_field: str = "") -> Frame:
        """What the board shows now. `time_field` is where event time was read from: newest events need not say it twice."""
        active = np.flatnonzero(self._rollup.active())
        events = self._rollup.totals("count")
        self._seat(active, events)
        codes = np.array([0 if code is None else code for code in self._slots], np.int64)
        values = self._rollup.values(self.choice.agg, codes)
        values[:, [code is None for code in self._slots]] = np.nan
        raw_us, raw_values, raw_events = self._raw_points()
        window_events = int(np.nansum(events))
        if self._density.coarse and len(self.window) >= window_events:  # else it would forget what the window let go
            self._rebuild_density()
        counts, edges = self._density.display(VALUE_BINS)
        self._frames += 1
        return Frame(
            choice=self.choice,
            number=self._frames,
            now_us=self.now_us,
            times_us=self._rollup.times_us,
            slots=tuple(None if code is None else self._series.names[code] for code in self._slots),
            values=values,
            totals=self._totals(active),
            series=len(active),
            raw_us=raw_us,
            raw_values=raw_values,
            raw_series="" if self._raw_code is None else self._series.names[self._raw_code],
            raw_events=raw_events,
            counts=counts,
            edges=edges,
            quantiles=dict(zip(PERCENTILES, self._rollup.quantile(list(PERCENTILES.values())).tolist(), strict=True))
            if len(active)
            else {},
            newest=self._newest_rows(time_field),
            newest_us=newest_us,
            seen=seen,
            window_events=window_events,
            health=health,
        )

    def _take(self, tables: list[pa.Table], *, history: bool) -> None:
        """Update all aggregates with a piece of what is new."""
        tables = [apply(self._filters, table) for table in tables]
        if history:
            oldest = int(self._rollup.times_us[0])
            tables = [table.filter(pa.array(times(table) >= oldest)) for table in tables]
        tables = [table for table in tables if len(table)]
        if not tables:
            return
        at = np.concatenate([times(table) for table in tables])
        value = np.concatenate([self._values(table) for table in tables])
        code = np.concatenate([self._codes(table) for table in tables])
        self._rollup.update(at, code, value)
        self._density.update(at, value)
        self._keep_raw(at, value, code)
        for table in tables:
            self._newest.append(table.slice(max(0, len(table) - NEWEST_EVENTS)))
        while sum(map(len, self._newest)) - len(self._newest[0]) >= NEWEST_EVENTS:
            self._newest.popleft()

    def _values(self, table: pa.Table) -> Floats:
        return numbers(table, self.choice.value) if self.choice.value else np.ones(len(table))

    def _codes(self, table: pa.Table) -> npt.NDArray[np.int32]:
        if self.choice.by:
            return self._series.encode(labels(table, self.choice.by))
        return self._series.encode(pa.repeat(self.choice.value or "events", len(table)))

    def _seat(self, active: npt.NDArray[np.int64], events: Floats) -> None:
        """Give each slot a series: who sits there stays while it has events; a free slot goes to the busiest unseated."""
        self._slots = [code if code is not None and code in active else None for code in self._slots]
        waiting = [code for code in active[np.argsort(-events[active], kind="stable")] if code not in self._slots]
        waiting = sorted(waiting[: self._slots.count(None)], key=lambda code: self._series.names[code])
        for slot, holder in enumerate(self._slots):
            if holder is None and waiting:
                self._slots[slot] = int(waiting.pop(0))
        self._series.release(np.setdiff1d(np.arange(len(self._series.names)), active))
        first = next((code for code in self._slots if code is not None), None)
        if first != self._raw_code:
            self._raw_code = first
            self._refill_raw()

    def _totals(self, active: npt.NDArray[np.int64]) -> Mapping[str, float]:
        totals = self._rollup.totals(self.choice.agg)[active]
        active, totals = active[~np.isnan(totals)], totals[~np.isnan(totals)]  # some wait ahead of the clock
        order = np.argsort(-totals, kind="stable")[:MOST_TOTALS]
        return {self._series.names[active[i]]: float(totals[i]) for i in order}

    # The newest raw events of one series

    def _keep_raw(self, at: Ints, value: Floats, code: npt.NDArray[np.int32]) -> None:
        mine = (code == self._raw_code) & np.isfinite(value)
        if mine.any():
            self._raw.append((at[mine][-RAW_EVENTS:], value[mine][-RAW_EVENTS:]))
        while len(self._raw) > 1 and sum(len(a) for a, _ in self._raw) - len(self._raw[0][0]) >= RAW_EVENTS:
            self._raw.popleft()

    def _refill_raw(self) -> None:
        """Fetch another series' newest events from the window, newest slice first, until there are enough."""
        self._raw.clear()
        found = 0
        for table in self.window.newest_first():
            kept = apply(self._filters, table)
            value = self._values(kept)
            mine = (self._codes(kept) == self._raw_code) & np.isfinite(value)
            if mine.any():
                self._raw.appendleft((times(kept)[mine], value[mine]))
                found += int(np.count_nonzero(mine))
            if found >= RAW_EVENTS:
                return

    def _raw_points(self) -> tuple[Ints, Floats, int]:
        """Times, values, and how many events they stand for; sorted by event time and decimated for drawing."""
        if not self._raw:
            return np.empty(0, np.int64), np.empty(0), 0
        at = np.concatenate([at for at, _ in self._raw])[-RAW_EVENTS:]
        value = np.concatenate([value for _, value in self._raw])[-RAW_EVENTS:]
        young = (at >= self._rollup.times_us[0]) & (at <= self.now_us)
        at, value = at[young], value[young]
        order = np.argsort(at, kind="stable")
        at, value = at[order], value[order]
        kept = decimate(at, value, min(self.choice.points, RAW_POINTS))
        return at[kept], value[kept], len(at)

    def _rebuild_density(self) -> None:
        tables = [apply(self._filters, table) for table in self.window.tables()]
        self._density.rebuild(
            np.concatenate([times(table) for table in tables] or [np.empty(0, np.int64)]),
            np.concatenate([self._values(table) for table in tables] or [np.empty(0)]),
        )

    def _newest_rows(self, time_field: str) -> pa.Table:
        if not self._newest:
            return pa.table({})
        rows = concat(list(self._newest))
        rows = rows.slice(max(0, len(rows) - NEWEST_EVENTS))
        # A field that none of these events has would be an empty column.
        shown = [name for name in rows.column_names if name != time_field and rows[name].null_count < len(rows)]
        return rows.select(shown).take(pa.array(np.arange(len(rows))[::-1]))
