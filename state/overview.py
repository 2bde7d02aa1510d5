"""Many measures side by side, each as one course of all series together."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from state.choice import Choice
from state.filters import Filter, apply, parse_filter
from state.frame import Floats
from state.measure import USUAL, Measure
from state.meters import Meters, update
from state.readings import rows, values
from state.rollup import Rollup
from state.tables import times


class Overview:
    """The usual aggregate of each measure of `choice.overview`, per bucket of the choice.

    `advance` moves the clock but for that of `meters`, where the counters are counted; `update` takes new events that have
    passed the choice's own filters and were coded by `meters`, `courses` reads.
    """

    def __init__(self, choice: Choice, meters: Meters) -> None:
        self._measures: Sequence[Measure] = choice.overview
        self._filters: list[list[Filter]] = [[parse_filter(text) for text in each.where] for each in choice.overview]
        self._rollup = Rollup(choice.bucket_us, choice.buckets)
        self._counters = {
            code: meters.add(self._filters[code])
            for code, measure in enumerate(choice.overview)
            if measure.kind == "counter" and measure.parts is None
        }

    @property
    def nbytes(self) -> int:
        """Bytes of its aggregates."""
        return self._rollup.nbytes + sum(counters.nbytes for counters in self._counters.values())

    def advance(self, now_us: int) -> None:
        """Move the right edge of the window to `now_us`; never backwards."""
        if self._measures:
            self._rollup.advance(now_us)

    def update(self, tables: Sequence[pa.Table]) -> None:
        """Take in the rows of published tables."""
        for code, (measure, filters) in enumerate(zip(self._measures, self._filters, strict=True)):
            kept = [table for table in (apply(filters, table) for table in tables) if len(table)]
            if not kept:
                continue
            at = np.concatenate([times(table) for table in kept])
            series = np.full(len(at), code, np.int32)
            if measure.parts is not None:
                self._rollup.update_rows(
                    at, series, np.concatenate([rows(measure.parts, table) for table in kept], axis=1)
                )
                continue
            value = np.concatenate([values(measure, table) for table in kept])
            if code in self._counters:
                update(self._counters[code], kept, at, np.zeros_like(series), value)
            else:
                self._rollup.update(at, series, value)

    def courses(self) -> dict[str, Floats]:
        """Each measure's name → (buckets,) its usual aggregate, oldest first; empty where nothing was asked for."""
        return {measure.name: self._course(code, measure) for code, measure in enumerate(self._measures)}

    def _course(self, code: int, measure: Measure) -> Floats:
        if code in self._counters:
            return self._counters[code].values([0])[:, 0]
        return self._rollup.values(USUAL[measure.kind], [code])[:, 0]
