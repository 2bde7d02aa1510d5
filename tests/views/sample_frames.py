"""Frames to show: ordinary ones and every odd one."""

from dataclasses import replace

import numpy as np
import pyarrow as pa

from sources.batch import Malformed, Note, Reading
from sources.simulated import Simulated
from state.board import Board
from state.choice import Choice
from state.drift import Drift
from state.frame import SLOTS, Frame, Health
from state.measure import Measure
from state.schema import Offer
from views import PANELS
from views.reasons import Facts

NOW_US = 1_790_000_000_500_000
HOSTILE = (
    "<script>alert(1)</script>",
    '"];alert(1)//',
    "$x$",
    ":smile:",
    "**b**",
    "__proto__",
    "title",
    "'\\u0022\u2028",
)
BINS = 64
MEASURES = (
    Measure("latency_ms", "latency_ms", unit="ms"),
    Measure("sent_bytes_total", "sent_bytes_total", kind="counter", unit="B"),
    Measure("quantity", "quantity", kind="amount"),
)


def sample_frame(
    seed: int = 1, names: tuple[str, ...] = ("checkout", "search", "payments"), choice: Choice | None = None
) -> Frame:
    """A frame of a live feed, full of events; equal but for the data whatever the seed."""
    choice = choice or Choice("latency_ms", "service", overview=MEASURES)
    rng = np.random.default_rng(seed)
    buckets, width = choice.buckets, choice.bucket_us
    times = NOW_US // width * width - width * np.arange(buckets - 1, -1, -1)
    values = np.full((buckets, SLOTS), np.nan)
    values[:, : len(names)] = rng.gamma(9, 12, (buckets, len(names)))
    values[rng.random((buckets, SLOTS)) < 0.1] = np.nan
    raw_us = np.sort(rng.integers(times[0], NOW_US, 300))
    newest_us = NOW_US - 1000 * np.arange(20)
    return Frame(
        choice=choice,
        number=seed,
        now_us=NOW_US,
        times_us=times,
        slots=(*names, *[None] * (SLOTS - len(names))),
        values=values,
        totals={name: float(rng.gamma(9, 12)) for name in names},
        series=len(names),
        raw_us=raw_us,
        raw_values=rng.gamma(9, 12, len(raw_us)),
        raw_series=names[0],
        raw_events=12_345,
        counts=rng.poisson(0.5, (buckets, BINS)),
        edges=np.linspace(0, 400, BINS + 1),
        quantiles={"p50": 104.0, "p95": 170.0, "p99": 205.0},
        newest=pa.table(
            {
                "_time": pa.array(newest_us, pa.timestamp("us", "UTC")),
                "service": [names[row % len(names)] for row in range(20)],
                "latency_ms": rng.gamma(9, 12, 20),
                "ok": [row % 3 > 0 for row in range(20)],
                "_partition": pa.array(np.arange(20) % 4),
            }
        ),
        newest_us=NOW_US,
        seen=123_456,
        window_events=60_000,
        overview={each.name: rng.gamma(9, 12, buckets) for each in choice.overview},
        health=Health(
            state="live",
            rate=1234.5,
            age_s=0.084,
            lag={"0": 3, "1": 1520},
            malformed=2,
            samples=(Malformed("no JSON: <b>", "partition 3", b"<script>\xff"),),
            held=60_000,
            capacity=300_000,
        ),
    )


def facts(frame: Frame) -> Facts:
    """What the reasons of a board that shows the frame are made of."""
    return Facts(
        Simulated(),
        Board(Simulated(), tuple(PANELS)),
        frame.choice,
        Offer(dimensions=HOSTILE),
        Reading("json", HOSTILE[0]),
        "",
    )


def empty_frame(health: Health | None = None, choice: Choice | None = None) -> Frame:
    """A frame before the first event."""
    full = sample_frame(choice=choice)
    return replace(
        full,
        slots=(None,) * SLOTS,
        values=np.full_like(full.values, np.nan),
        totals={},
        series=0,
        raw_us=np.zeros(0, np.int64),
        raw_values=np.zeros(0),
        raw_series="",
        raw_events=0,
        counts=np.zeros((len(full.times_us), 0), np.int64),
        edges=np.zeros(1),
        quantiles={},
        newest=pa.table({}),
        newest_us=None,
        seen=0,
        window_events=0,
        health=health or Health(),
    )


def one_event_frame() -> Frame:
    """A frame of a single event, in the bucket that is still open."""
    none = empty_frame(Health(state="live", held=1))
    values, counts = none.values.copy(), np.zeros((len(none.times_us), BINS), np.int64)
    values[-1, 0], counts[-1, 7] = 42.0, 1
    return replace(
        none,
        slots=("only", *[None] * (SLOTS - 1)),
        values=values,
        totals={"only": 42.0},
        series=1,
        raw_us=np.array([NOW_US]),
        raw_values=np.array([42.0]),
        raw_series="only",
        raw_events=1,
        counts=counts,
        edges=np.linspace(0, 64, BINS + 1),
        quantiles={"p50": 42.0, "p95": 42.0, "p99": 42.0},
        newest=pa.table({"_time": pa.array([NOW_US], pa.timestamp("us", "UTC")), "v": [42.0]}),
        newest_us=NOW_US,
        seen=1,
        window_events=1,
    )


def valueless_frame() -> Frame:
    """A frame of events none of which holds a number."""
    full, none = sample_frame(), empty_frame()
    return replace(
        full,
        values=np.full_like(full.values, np.nan),
        totals=dict.fromkeys(full.totals, float("nan")),
        raw_us=none.raw_us,
        raw_values=none.raw_values,
        counts=none.counts,
        edges=none.edges,
        quantiles={},
    )


def huge_frame() -> Frame:
    """A frame of values and counts that 32 bits do not hold."""
    full = sample_frame()
    return replace(
        full,
        values=full.values * 1e300,
        totals={name: value * -1e300 for name, value in full.totals.items()},
        raw_values=full.raw_values * -1e300,
        counts=full.counts * 2**40,
        edges=full.edges * 1e300,
        quantiles={name: value * 1e300 for name, value in full.quantiles.items()},
    )


def crowded_frame() -> Frame:
    """A frame of more series than can be told apart, of a feed that has changed."""
    full = sample_frame(names=tuple(f"host-{number}" for number in range(SLOTS)))
    drifts = (
        Drift(full.start_us - 1, "before", "appeared", "outside of the window"),
        Drift(NOW_US - 90_000_000, "load", "changed type", "from numbers to text"),
        Drift(NOW_US - 90_000_000, "", "changed format", "from json to csv"),
    )
    return replace(
        full,
        other=full.values[:, 0] * 2,
        others=992,
        series=1000,
        distinct=1_015_144.2,
        unsure={"host-1": 12, "host-2": 3_456},
        health=replace(full.health, drifts=drifts),
    )


NOTES = (
    Note(NOW_US - 400_000_000, "before the window"),
    Note(NOW_US - 200_000_000, "deployed 4.2"),
    Note(NOW_US - 120_000_000, "a text that is much too long for the room that it has before the next one"),
    Note(NOW_US - 100_000_000, HOSTILE[0]),
    Note(NOW_US - 95_000_000, HOSTILE[1]),
    Note(NOW_US - 95_000_000, "at the same instant"),
    Note(NOW_US - 2_000_000, "just now"),
)


def noted_frame() -> Frame:
    """A frame beside whose instants viewers have written."""
    full = sample_frame()
    return replace(full, notes=tuple(note for note in NOTES if full.start_us <= note.at_us))


def hostile_frame() -> Frame:
    """A frame in which every name and text tries to be something else."""
    measures = tuple(Measure(name, name, unit=name) for name in HOSTILE)
    choice = Choice(value=HOSTILE[0], by=HOSTILE[1], where=(HOSTILE[2],), measure=measures[0], overview=measures)
    full = sample_frame(names=HOSTILE, choice=choice)
    drifts = tuple(Drift(NOW_US - 10_000_000, name, "appeared", name) for name in HOSTILE)
    health = replace(full.health, state="failed", message=HOSTILE[0], lag=dict.fromkeys(HOSTILE, 5), drifts=drifts)
    columns = {"_time": full.newest["_time"]} | {name: pa.array([name] * 20) for name in HOSTILE}
    return replace(full, newest=pa.table(columns), health=health)


FRAMES = {
    "full": sample_frame,
    "counting": lambda: sample_frame(choice=Choice("", "service", "count")),
    "empty": empty_frame,
    "one event": one_event_frame,
    "valueless": valueless_frame,
    "huge": huge_frame,
    "crowded": crowded_frame,
    "hostile": hostile_frame,
    "noted": noted_frame,
}
