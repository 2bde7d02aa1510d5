"""Feeds to be true about: late, early, out of order, twice the same, with gaps, with fields that are missing or of another type."""

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import pyarrow as pa
from hypothesis import settings
from hypothesis import strategies as st

from sources.batch import TIME_TYPE, Batch, Gap, Malformed
from tests.state.feeds_by_hand import START
from tests.truth.oracle import SECOND, Asked

THOROUGH = settings().max_examples > 100
BOARDS = settings(max_examples=500 if THOROUGH else 25, derandomize=not THOROUGH)
"""Each example is a whole board. A plain run looks at the same ones every time, a thorough one at others each time."""

FIELDS = ("host", "disk", "load", "size")
HOURS = 3600.0
WHERE = (
    ("host", "ne", "b"),
    ("host", "in", "a,c,host-3"),
    ("host", "contains", "ost"),
    ("disk", "eq", "2"),
    ("load", "ge", "0.5"),
    ("size", "lt", "5"),
)


@dataclass(frozen=True)
class Row:
    delay_us: int
    host: str | None
    disk: int | None
    load: float | None
    size: int | None


@dataclass(frozen=True)
class Step:
    """What comes together: so long after what came before; then the board looks, or it does not."""

    after_us: int
    rows: list[Row]
    looks: bool
    malformed: int
    lost: int | None
    as_text: bool


NEAR = st.sampled_from([0, 0, 0, SECOND, SECOND, 1, 499_999, 500_000, 999_999, SECOND + 1, 2_345_678])
"""Few, so that several events are of one instant."""
LATE = st.sampled_from([5 * SECOND, 10 * SECOND, 55 * SECOND, 70 * SECOND]) | st.integers(0, 150 * SECOND)
AHEAD = st.sampled_from([-SECOND, -2 * SECOND, -5 * SECOND, -10 * SECOND, -20 * SECOND]) | st.integers(-25 * SECOND, 0)
LOAD = st.integers(-4000, 4000).map(lambda eighths: eighths / 8) | st.sampled_from(
    [0.0, 0.1, -0.3, 1e6, 1e-3, float("nan"), None]
)
FEW = st.sampled_from(["a", "b", "c", None])
MANY = st.sampled_from([f"host-{number}" for number in range(14)])


def row_of(delays: st.SearchStrategy[int], hosts: st.SearchStrategy[str | None]) -> st.SearchStrategy[Row]:
    return st.builds(Row, delays, hosts, st.sampled_from([1, 2, None]), LOAD, st.sampled_from([0, 1, 7, None]))


def crowd(row: Row) -> list[Row]:
    """One event of each of more series than have a line of their own."""
    return [replace(row, host=f"host-{number}", load=float(number)) for number in range(14)]


def steps(hosts: st.SearchStrategy[str | None]) -> st.SearchStrategy[list[Step]]:
    """Some rows come twice: they are two events."""
    row = row_of(NEAR | NEAR | NEAR | LATE | AHEAD, hosts)
    rows = st.lists(row, min_size=1, max_size=12) | st.builds(crowd, row)
    again = st.builds(lambda some, times: some * times, rows, st.sampled_from([1, 1, 2]))
    after = NEAR | st.sampled_from([5 * SECOND, 10 * SECOND, 20 * SECOND, 200 * SECOND]) | st.integers(0, 40 * SECOND)
    step = st.builds(
        Step,
        after,
        again,
        st.booleans(),
        st.sampled_from([0, 0, 3]),
        st.sampled_from([0, 0, 5, None]),
        st.sampled_from([False, False, False, True]),
    )
    return st.lists(step, min_size=1, max_size=8)


FEEDS = steps(FEW) | steps(FEW | MANY)
ASKED = st.builds(
    lambda value, by, agg, where, window: Asked(value, by, agg, tuple(where), *window),
    st.sampled_from(["load", "load", "load", "size", ""]),
    st.sampled_from(["host", "host", "disk", ""]),
    st.sampled_from(["mean", "sum", "count", "min", "max", "last", "p50", "p95", "p99", "rate"]),
    st.lists(st.sampled_from(WHERE), max_size=2, unique=True),
    st.sampled_from([(60, 1), (10, 1), (9, 0.2), (7, 2), (5, 0.5)]),
).map(lambda asked: asked if asked.value else Asked("", asked.by, "count", asked.where, asked.window_s, asked.bucket_s))


@dataclass(frozen=True)
class Arrival:
    """A batch as a source gives it, and whether the board looks once it has come, with its clock at that time (µs)."""

    batch: Batch
    looks: bool
    clock_us: int


def arrivals(feed: list[Step], *, present: bool) -> tuple[list[Arrival], pd.DataFrame]:
    """The batches of a feed, and its events as the oracle takes them.

    present  whether its events arrive when they happen; else an hour later
    """
    clock, look = START * SECOND, 0
    found: list[Arrival] = []
    told: list[dict[str, Any]] = []
    for place, step in enumerate(feed):
        clock += step.after_us
        at = [clock - row.delay_us for row in step.rows]
        looks = step.looks or place == len(feed) - 1
        found.append(Arrival(batch_of(step, at, 0.0 if present else HOURS), looks, clock))
        told += [
            {"at": time, "look": look, **{name: getattr(row, name) for name in FIELDS}}
            for time, row in zip(at, step.rows, strict=True)
        ]
        look += looks
    cells = {name: pd.Series([row[name] for row in told], dtype=object) for name in FIELDS}
    return found, pd.DataFrame({"at": [row["at"] for row in told], "look": [row["look"] for row in told], **cells})


def batch_of(step: Step, at: list[int], behind_s: float) -> Batch:
    """The rows as columns. A field that none of them has makes no column."""
    columns: dict[str, list[Any]] = {name: [getattr(row, name) for row in step.rows] for name in FIELDS}
    if step.as_text:
        columns["load"] = [None if load is None else str(load) for load in columns["load"]]
    arrays = {name: pa.array(cells, from_pandas=False) for name, cells in columns.items()}
    table = {name: array for name, array in arrays.items() if array.null_count < len(array)}
    arrived = sorted(at)[len(at) // 2] / SECOND + behind_s
    gaps = () if step.lost == 0 else (Gap(at[0], at[0] + 2 * SECOND, step.lost, "too fast"),)
    return Batch(
        pa.table({"time": pa.array(at, TIME_TYPE), **table}),
        arrived,
        malformed=step.malformed,
        samples=(Malformed("no JSON"),) * bool(step.malformed),
        gaps=gaps,
    )
