"""Boards of many settings on one feed, and what they must show by a brute-force count of the log."""

import time
from dataclasses import dataclass, field

import numpy as np

from sources.protocol import Source
from state.choice import MICROSECONDS, Choice
from state.feeds import Feeds
from state.frame import Frame
from tests.chaos.log import Ints
from tests.chaos.numbered import SERIES, VALUES

WHOLE_S = 1800.0
"""A window of more than all that is written."""
NARROW_S = 10.0
"""A window that events fall out of while the broker is away."""

WHOLE = tuple(
    Choice(value="value", by="series", agg=agg, window_s=WHOLE_S, where=where)
    for agg in ("count", "sum", "mean", "min", "max")
    for where in ((), ("series:in:s1,s3",), ("value:ge:500",))
)
"""Choices of which every figure is checked."""

LIVELY = (
    Choice(value="value", by="series", agg="p95", window_s=60.0),
    Choice(value="value", agg="rate", window_s=30.0),
    Choice(value="n", by="series", agg="last", window_s=300.0),
    Choice(agg="count", window_s=5.0),
)
"""Choices that are opened and left, so that there is something to disturb."""

NARROW = Choice(value="value", by="series", agg="count", window_s=NARROW_S)


@dataclass
class Board:
    """One choice on one feed, drawn now and then."""

    feeds: Feeds
    source: Source
    choice: Choice
    frames: list[tuple[int, int, int]] = field(default_factory=list)
    """Events seen, right edge and left edge in microseconds, of each frame."""

    def draw(self) -> Frame:
        """The frame of this instant."""
        frame = self.feeds.live(self.feeds.feed(self.source), self.choice).tick(time.time()).frame
        self.frames.append((frame.seen, frame.now_us, frame.start_us))
        return frame

    def late(self, times_us: Ints) -> int:
        """How many events, given by their times in order of arrival, were older than the window of the first frame after them.

        Not those of a first frame, and not after a jump of more than a window: they are history, and not late.
        """
        late, before, edge_us = 0, 0, 0
        for seen, now_us, start_us in self.frames:
            if before and now_us - edge_us <= self.choice.window_s * MICROSECONDS:
                late += int(np.count_nonzero(times_us[before:seen] < start_us))
            before, edge_us = seen, now_us
        return late


def kept(choice: Choice, events: Ints) -> tuple[Ints, Ints, Ints]:
    """(n,) series, times and values of those of the events, (m, 4) as `Log.events`, that the choice's filters keep."""
    series, value = events[:, 2] % SERIES, events[:, 2] % VALUES
    keeps = {"series:in:s1,s3": np.isin(series, (1, 3)), "value:ge:500": value >= 500}
    kept = np.ones(len(events), bool)
    for each in choice.where:
        kept &= keeps[each]
    return series[kept], events[kept, 3], value[kept]


def totals(choice: Choice, events: Ints) -> dict[str, float]:
    """What a board of these events must show of each series over the whole window."""
    aggregates = {"count": len, "sum": np.sum, "mean": np.mean, "min": np.min, "max": np.max}
    series, _, value = kept(choice, events)
    return {f"s{each}": float(aggregates[choice.agg](value[series == each])) for each in np.unique(series)}


def counts(frame: Frame, events: Ints) -> dict[str, list[int]]:
    """How many of these events a board must show of each series in each of its buckets."""
    series, times_us, _ = kept(frame.choice, events)
    edges = np.append(frame.times_us, frame.end_us)
    return {f"s{each}": np.histogram(times_us[series == each], edges)[0].tolist() for each in np.unique(series)}


def shown(frame: Frame) -> dict[str, list[float]]:
    """What it shows of each series in each of its buckets; 0 where there is nothing."""
    values = np.nan_to_num(frame.values)
    return {name: values[:, slot].tolist() for slot, name in enumerate(frame.slots) if name}
