"""What a board should show, worked out anew from all of its events: plain pandas, slow and short, and nothing of the product.

Times are microseconds since the epoch. The events are a frame with one row each, in order of arrival: `at`, when it happened;
`look`, the number of the look at the feed that brought it; and the fields of the message.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

SECOND = 1_000_000
NAMELESS = "—"
ADDS_UP = ("count", "sum", "rate")
"""Of nothing these are nothing; and what still fills would draw a dip that is none."""
RANKS = {"p50": 50, "p95": 95, "p99": 99}
NEWEST = 20
RAW = 2000
COLUMNS = 60
"""So many columns the heat map has at the most."""

Where = tuple[str, str, str]


@dataclass(frozen=True)
class Asked:
    """A board's settings: value and split by their fields ("" for none), the window and its buckets' width in seconds."""

    value: str = "load"
    by: str = "host"
    agg: str = "mean"
    where: tuple[Where, ...] = ()
    window_s: float = 60
    bucket_s: float = 1

    @property
    def width(self) -> int:
        return round(self.bucket_s * SECOND)

    @property
    def buckets(self) -> int:
        return math.ceil(self.window_s / self.bucket_s)


@dataclass(frozen=True)
class Card:
    """A key figure: its newest value, the means of its course's first tenth and its last, and how long it has been silent."""

    figure: float
    before: float
    after: float
    silent_s: float = 0.0


class Truth:
    """A board that looked at its feed when its right edge stood at each of `edges`; `fills` says whether the newest bucket still does."""

    def __init__(self, asked: Asked, events: pd.DataFrame, edges: Sequence[int], *, fills: bool = True) -> None:
        self.asked = asked
        width, count = asked.width, asked.buckets
        now = np.maximum.accumulate(np.asarray(edges, np.int64))
        self.now, self.fills = int(now[-1]), fills
        self._lefts = now // width - count + 1
        self.left, self.right = int(self._lefts[-1]), int(now[-1]) // width
        # What is read to catch up, and what a jump passes over, may be older than the window: it never was to be shown.
        leaps = np.diff(now, prepend=0) > asked.window_s * SECOND
        leaps[: int(events["look"].min() + 1) if len(events) else None] = True
        self._leaps = leaps

        kept = events[passes(events, asked.where)].assign(bucket=lambda rows: rows["at"] // width, name=self._names)
        kept["v"] = 1.0 if not asked.value else kept[asked.value].astype(float)
        old = kept["bucket"] < self._lefts[kept["look"]]
        leapt = old & leaps[kept["look"]]
        counts = np.isfinite(kept["v"]) & ~leapt
        ahead = kept["bucket"] > (now // width + max(1, count // 4))[kept["look"]]
        self.valueless = int((~np.isfinite(kept["v"]) & ~leapt).sum())
        self.late, self.early = int((counts & old).sum()), int((counts & ahead).sum())
        self.newest = kept[~leapt][: -NEWEST - 1 : -1]
        self._known = kept[counts & ~old & ~ahead]
        self._past = kept[np.isfinite(kept["v"])]
        self.rows = self._known[self._known["bucket"].between(self.left, self.right)]
        self.names = self._known.loc[self._known["bucket"] >= self.left, "name"].unique().tolist()
        """Series of the window, and of what waits just ahead of the clock."""

    def _names(self, events: pd.DataFrame) -> pd.Series:
        if not self.asked.by:
            return pd.Series(self.asked.value or "events", events.index)
        return events[self.asked.by].map(lambda label: NAMELESS if pd.isna(label) else str(label))

    # Charts over time

    def course(self, *names: str, agg: str = "") -> np.ndarray:
        """(buckets,) an aggregate of these series together, oldest first."""
        agg = agg or self.asked.agg
        mine = self.rows[self.rows["name"].isin(names)]
        since = min((self._since(name) for name in names), default=math.inf)
        found = np.full(self.asked.buckets, math.nan)
        if agg in ADDS_UP:
            found[np.arange(self.left, self.right + 1) >= since] = 0.0
        for bucket, rows in mine.groupby("bucket"):
            found[bucket - self.left] = aggregate(rows, agg, self.asked.bucket_s)
        return found

    def _since(self, name: str) -> float:
        """The bucket from which on a series is known: of its first event since a whole window held none of it."""
        first, count = math.inf, self.asked.buckets
        bucket, brought = self._of(self._known, name)
        past, told = self._of(self._past, name)
        for look, left in enumerate(self._lefts):
            if not (bucket[brought < look] >= left).any():
                first = math.inf
            first = min([first, *bucket[brought == look]])
            if self._leaps[look]:  # what is read to catch up tells too of what was right before the window
                last = max(past[(told <= look) & (past < left) & (past >= left - count)], default=-math.inf)
                first = last if first - last < count else first
        return first

    def _of(self, rows: pd.DataFrame, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Buckets and looks of a series' rows."""
        mine = rows[rows["name"] == name]
        return mine["bucket"].to_numpy(), mine["look"].to_numpy()

    @property
    def open(self) -> int:
        """So many of the newest buckets may still fill: the newest, and one or two right before it that are empty as it is."""
        if not self.fills:
            return 0
        busy = set(self.rows["bucket"])
        before = [bucket for bucket in busy if bucket < self.right]
        empty = self.right - 1 - max(before) if before and self.right not in busy else 0
        return 1 + empty if empty <= 2 else 1

    @property
    def settled(self) -> int:
        """So many buckets are drawn."""
        return max(1, self.asked.buckets - (self.open if self.asked.agg in ADDS_UP else 0))

    # Figures

    def card(self, course: np.ndarray) -> Card | None:
        """The key figure of a course; None where it has no value."""
        told, width = self.settled, self.asked.width
        young = self.now - self.right * width < width / 2  # an event or two would speak for all
        if young and self.fills and told == len(course) and self.asked.agg != "last":
            told = max(1, told - 1)
        course = course[:told]
        known = np.flatnonzero(np.isfinite(course))
        if not len(known):
            return None
        tenth = max(1, told // 10)
        steps = sorted(np.diff(known))
        usual = 3 * steps[int(0.95 * (len(steps) - 1))] if len(steps) > 1 else 1
        silence = told - 1 - known[-1]
        silent_s = silence * self.asked.bucket_s if silence > max(usual, 2) else 0.0
        return Card(course[known[-1]], mean(course[:tenth]), mean(course[-tenth:]), silent_s)

    def totals(self) -> dict[str, float]:
        """Each series' aggregate over the window, or, for a rate, over what of it the series is known."""
        found = {}
        for name, rows in self.rows.groupby("name"):
            known = self.right + 1 - max(self.left, self._since(name))
            found[name] = aggregate(rows, self.asked.agg, known * self.asked.bucket_s)
        return found

    def quantiles(self) -> dict[str, float]:
        return {name: aggregate(self.rows, name, 0) for name in RANKS}

    # Histograms

    def between(self, low: float, high: float, from_us: int | None = None) -> int:
        """Events of `low <= value < high`; of one of the heat map's columns, where it begins at `from_us`."""
        found = self.rows[(self.rows["v"] >= low) & (self.rows["v"] < high)]
        if from_us is not None:
            found = found[(found["at"] >= from_us) & (found["at"] < from_us + self.column)]
        return len(found)

    @property
    def column(self) -> int:
        """How much time a column of the heat map is."""
        return math.ceil(self.asked.buckets / COLUMNS) * self.asked.width

    # Events

    def raw(self, name: str) -> pd.DataFrame:
        """The newest events of a series by event time, up to the clock."""
        mine = self._known[self._known["name"] == name][-RAW:]
        return mine[mine["at"].between(self.left * self.asked.width, self.now)].sort_values("at", kind="stable")


FIGURES = ("count", "rate", "mean", "min", "p50", "p95", "p99", "max", "sum")


def figures(rows: pd.DataFrame, seconds: float) -> dict[str, float]:
    """The statistics of rows over so many seconds."""
    if not len(rows):
        return dict.fromkeys(FIGURES, math.nan) | {"count": 0, "rate": 0.0 if seconds else math.nan}
    return {agg: aggregate(rows, agg, seconds) if seconds or agg != "rate" else math.nan for agg in FIGURES}


LADDER = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000)
"""Widths of buckets, in milliseconds."""


def rounded(asked: Asked, from_us: int, to_us: int, at_us: int) -> tuple[int, int, Asked]:
    """A range as whole buckets of the finest width that makes no more of them than the board's window has; up to an instant."""
    to_us = min(to_us, at_us + 1)
    from_us = min(from_us, to_us - 10_000)
    start, stop = from_us, to_us
    for width in (1000 * width for width in LADDER):
        start, stop = start // width * width, -(-stop // width) * width
        if (stop - start) // width <= asked.buckets:
            return (
                start,
                min(stop, at_us + 1),
                replace(asked, window_s=(stop - start) / SECOND, bucket_s=width / SECOND),
            )
    raise ValueError("the range is longer than a test's should be")


def passes(events: pd.DataFrame, where: Sequence[Where]) -> np.ndarray:
    """Which events all filters keep. One without the field passes `ne` alone."""
    kept = np.full(len(events), fill_value=True)
    for field, op, text in where:
        cells = events[field].map(plain)
        if op == "contains":
            found = cells.str.contains(text, regex=False, na=False)
        elif op in ("eq", "ne", "in"):
            found = cells.isin(text.split(",")) != (op == "ne")
        else:
            found = getattr(events[field].astype(float), op)(float(text))
        kept &= found.to_numpy(bool)
    return kept


def plain(cell: object) -> str | None:
    return None if pd.isna(cell) else str(cell)


def aggregate(rows: pd.DataFrame, agg: str, seconds: float) -> float:
    """One aggregate of the column `v`; of none, NaN."""
    values = rows["v"]
    if not len(rows):
        return math.nan
    if agg in RANKS:  # by nearest rank
        return float(values.sort_values().iloc[-(-RANKS[agg] * len(rows) // 100) - 1])
    if agg == "last":  # of equal times, the later arrival
        return float(rows.sort_values("at", kind="stable")["v"].iloc[-1])
    return len(rows) / seconds if agg == "rate" else float(values.agg(agg))


def mean(values: np.ndarray) -> float:
    """Of the numbers among them; NaN where there is none."""
    found = values[np.isfinite(values)]
    return float(found.mean()) if len(found) else math.nan
