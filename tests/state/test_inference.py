"""Whatever a feed holds, it is judged: nothing that a message can say stops the thread that reads it."""

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.batch import Batch
from state.drift import Drifts
from state.event_clock import EventClock
from state.inference import infer
from state.schema import Schema

NOW = 1_777_636_800.0
WORDS = (
    ".", "..", "_", "a", "T", "id", "value", "count", "sum", "min", "max", "metric", "name", "type", "unit", "ts", "time",
    "lat", "status", "bytes_total", "x.count", "x.sum", "x.min", "é", "日付", "metric:name", "quantile", "2026", "_key",
)  # fmt: skip
TEXTS = st.sampled_from(
    ["", " ", "a", "1", "1.5", "01", "18ms", "1m3s", "nan", "inf", "-", "2026-05-01T12:00:00Z", "2026-05-01 12:00:00",
     "01.05.2026 12:00:00", "2026-99-99T99:99:99Z", "1777636800000", "[1]", "{", "\0", "x" * 300]
)  # fmt: skip
CELLS = {
    pa.int64(): st.integers(-(2**63), 2**63 - 1) | st.integers(0, 3) | st.just(int(NOW * 1000)),
    pa.float64(): st.floats() | st.sampled_from([0.0, 1.0, NOW]),
    pa.bool_(): st.booleans(),
    pa.string(): st.text(max_size=5) | TEXTS,
    pa.timestamp("us", "UTC"): st.integers(-(2**60), 2**60),
}


@st.composite
def tables(draw):
    """A batch as a source may give it."""
    rows = draw(st.sampled_from([1, 2, 13, 40]))
    columns = {}
    for name in draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8, unique=True)):
        kind = draw(st.sampled_from(list(CELLS)))
        few = draw(st.lists(st.none() | CELLS[kind], min_size=1, max_size=4))
        columns[name] = pa.array([few[row % len(few)] for row in range(rows)], kind)
    return pa.table(columns)


@given(tables(), st.sampled_from(WORDS), st.none() | st.just(int(NOW * 1e6)))
@settings(max_examples=300)
def test_every_table_is_judged(table, time_field, near_us):
    inferred = infer(table, time_field, near_us)
    assert list(inferred.roles) == table.column_names
    assert all(found.why for found in inferred.roles.values())
    assert len({each.name for each in inferred.measures}) == len(inferred.measures)
    assert all(bool(each.field) != bool(each.parts) for each in inferred.measures)
    assert inferred.split == "" or inferred.split in inferred.dimensions


@given(st.lists(tables(), min_size=1, max_size=4), st.sampled_from(["", "time", "x"]), st.sampled_from(["", "UTC"]))
@settings(max_examples=150)
def test_every_feed_is_followed(given_tables, time_field, zone):
    clock, schema, drifts = EventClock(time_field, zone), Schema(), Drifts()
    for second, table in enumerate(given_tables):
        batch = Batch(table, NOW + second)
        instants = clock.read(batch)
        assert (instants > 0).all()
        schema.time_field, schema.near_us = clock.field.name, int(instants[-1])
        schema.update(table)
        drifts.update(batch, instants, schema.known(table.column_names))
    assert clock.why
    assert set(schema.offer.fields) <= {name for table in given_tables for name in table.column_names}


def test_numbers_without_end_are_no_numbers():
    inferred = infer(pa.table({"load": [math.inf, math.nan, -math.inf, 1.5] * 10}))
    assert [each.name for each in inferred.measures] == ["load"]


def test_a_measure_that_never_varies_is_not_the_first():
    inferred = infer(pa.table({"limit": [5.5] * 60, "load": np.linspace(0, 1, 60)}))
    assert inferred.measures[0].name == "load"


def test_seconds_that_a_machine_is_up_are_not_the_first():
    inferred = infer(pa.table({"uptime_seconds": np.arange(60) + 7.5, "queue": np.arange(60) % 7 / 3}))
    assert inferred.measures[0].name == "queue"


def first_of(**metrics):
    """Of metrics with their values, one a scrape, the first."""
    rows = [
        (name, type_, value) for at in range(20) for name, (type_, values) in metrics.items() for value in [values[at]]
    ]
    metric, type_, value = zip(*rows, strict=True)
    return infer(pa.table({"metric": metric, "type": type_, "value": value})).measures[0].name


RISING, FLAT = np.cumsum(np.random.default_rng(1).random(20)), [7.0] * 20


@pytest.mark.parametrize(
    "other",
    [
        {"queue_length": ("gauge", FLAT)},
        {"device_id": ("gauge", RISING)},
        {"build_info": ("gauge", RISING)},
        {"wait_seconds_total": ("counter", RISING)},
        {"heap_bytes": ("gauge", RISING)},
        {"jobs_total": ("counter", RISING)},
    ],
)
@pytest.mark.parametrize("watched", [{"load1": ("gauge", RISING)}, {"cpu_seconds_total": ("counter", RISING)}])
def test_how_busy_a_machine_is_comes_first_whatever_else_its_exporter_tells(watched, other):
    assert first_of(**watched, **other) == first_of(**other, **watched) == next(iter(watched))


def test_a_measure_that_is_mostly_one_value_is_not_the_first():
    rain = [0.0] * 40 + [n / 3 for n in range(20)]
    inferred = infer(pa.table({"rain_rate": rain, "dew": [n * 7 % 31 / 4 for n in range(60)]}))
    assert inferred.measures[0].name == "dew"


def test_amounts_come_before_scores():
    table = pa.table(
        {"trust_score": [7 * n % 90 for n in range(60)], "order.amount": [137 * n % 701 for n in range(60)]}
    )
    assert infer(table).measures[0].name == "order.amount"


def test_how_fast_something_goes_comes_before_how_it_turns():
    table = pa.table({"rateOfTurn": [7 * n % 90 for n in range(60)], "sog": [n * 5 % 37 / 2 for n in range(60)]})
    assert infer(table).measures[0].name == "sog"


@pytest.mark.parametrize("name", ["service.name", "log.logger", "log.severity", "host.id", "status"])
def test_a_board_is_split_by_what_wrote_a_line_rather_than_by_the_thread_that_did(name):
    threads = [f"exec-{n % 4}" for n in range(60)]
    table = pa.table({"process.thread.name": threads, name: ["a", "b", "c"] * 20})
    assert infer(table).split == name


def test_a_level_that_is_a_number_is_not_what_a_board_is_split_by_first():
    table = pa.table({"pump": [0.0, 1.0] * 30, "tank_level": [1.0, 0.0] * 30, "bar": np.linspace(0, 1, 60)})
    assert infer(table).split == "pump"


def test_a_board_is_split_by_what_people_call_things_by():
    table = pa.table(
        {
            "ok": [True, False] * 30,
            "env": ["prod", "test"] * 30,
            "host": ["a", "b", "c"] * 20,
            "trace": [f"{n:05}" for n in range(60)],
            "load": np.linspace(0, 1, 60),
        }
    )
    assert infer(table).split == "host"


@pytest.mark.parametrize(("depth", "split"), [(1, "level_2"), (2, "topic")])
def test_a_board_is_split_by_topic_unless_a_single_level_tells_as_much(depth: int, split: str):
    levels = {f"level_{at + 2}": [f"{'ab'[at]}{n // (2 - at % 2) % 3}" for n in range(60)] for at in range(depth)}
    topics = ["/".join(each) for each in zip(*levels.values(), strict=True)]
    assert infer(pa.table({"topic": topics, **levels, "load": np.linspace(0, 1, 60)})).split == split


def test_a_board_is_not_split_into_more_series_than_can_be_told_apart():
    names = [f"h{n % 30}" for n in range(120)]
    assert infer(pa.table({"host": names, "load": np.linspace(0, 1, 120)})).split == ""


def test_a_long_feeds_split_is_one_that_the_first_metrics_events_have():
    metrics = ["latency", "free"] * 40
    table = pa.table(
        {
            "metric": metrics,
            "value": [n / 7 if name == "latency" else 1e9 + n for n, name in enumerate(metrics)],
            "route": ["/a", None, "/b", None] * 20,
            "disk": [None, "sda", None, "sdb"] * 20,
        }
    )
    inferred = infer(table)
    assert (inferred.measures[0].name, inferred.split) == ("latency", "route")


def test_what_an_answer_to_a_subscription_says_is_nothing_to_split_by() -> None:
    prices = pa.table(
        {"type": ["ticker"] * 60, "product": ["BTC", "ETH", "SOL"] * 20, "price": [float(n) for n in range(60)]}
    )
    answer = pa.table({"type": ["subscriptions"]})
    sample = pa.concat_tables([answer, prices], promote_options="default")
    assert infer(sample).split == "product"
