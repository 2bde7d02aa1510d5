"""The statistics of a span are those that pandas computes from the same events."""

import math
from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.choice import Choice
from state.compact import compact
from state.measure import Measure, Parts
from state.series import NAMELESS
from state.statistics import Summary, statistics
from tests.state.lens_by_hand import US, at_second, table_of

RANGE = (at_second(60), at_second(120))
HELD = at_second(0)
CHOICE = Choice("load", "host")
NUMBERS = ("count", "rate", "mean", "min", "max", "sum", "p50", "p95", "p99")

values = st.one_of(st.none(), st.floats(-1e6, 1e6), st.just(math.nan), st.just(math.inf))
events = st.lists(st.tuples(st.integers(-10, 130), st.sampled_from(["a", "b", "c", "d", None]), values), max_size=60)


def approx(value):
    return pytest.approx(value, rel=1e-9, abs=1e-6, nan_ok=True)


def oracle(frame, seconds=60.0):
    """The summary of a frame with a column `load`."""
    load = frame["load"].replace([math.inf, -math.inf], math.nan).dropna()
    if load.empty:
        return Summary(0, 0.0)
    ordered = load.sort_values().tolist()
    ranked = {f"p{q}": ordered[max(1, -(-q * len(load) // 100)) - 1] for q in (50, 95, 99)}
    return Summary(
        len(load), len(load) / seconds, load.mean(), load.min(), load.max(), load.sum(), **ranked
    )  # fmt: skip


def assert_same(found, expected):
    for figure in NUMBERS:
        assert getattr(found, figure) == approx(getattr(expected, figure)), figure


def as_tables(rows, sizes, *, stored):
    """The rows in tables of these sizes, one after the other, as batches or as a full segment stores them."""
    tables, at = [], 0
    for size in [*sizes, len(rows)]:
        part = rows[at : at + size]
        at += size
        if part:
            second, host, load = zip(*part, strict=True)
            table = table_of(
                second, host=pa.array(host, pa.string()), load=pa.array(load, pa.float64(), from_pandas=False)
            )
            tables.append(compact(table) if stored else table)
    return tables


@given(events, st.lists(st.integers(1, 20), max_size=4), st.booleans(), st.integers(1, 4))
def test_they_are_those_of_pandas_in_any_batching(rows, sizes, stored, most):
    found = statistics(CHOICE, as_tables(rows, sizes, stored=stored), RANGE, held_us=HELD, most=most)
    frame = pd.DataFrame(rows, columns=["second", "host", "load"])
    frame["load"] = frame["load"].astype(float)
    frame["host"] = frame["host"].fillna(NAMELESS).astype(str)
    now = frame[(frame["second"] >= 60) & (frame["second"] < 120)]
    before = frame[(frame["second"] >= 0) & (frame["second"] < 60)]
    assert_same(found.every.now, oracle(now))
    assert_same(found.every.before, oracle(before))
    finite = now[np.isfinite(now["load"])]
    sizes_of = finite.groupby("host", sort=False).size().sort_values(ascending=False, kind="stable")
    top = sizes_of.index[:most].tolist()
    assert [line.name for line in found.series] == top
    for line in found.series:
        assert_same(line.now, oracle(now[now["host"] == line.name]))
        assert_same(line.before, oracle(before[before["host"] == line.name]))
    assert found.left == len(sizes_of) - len(top)
    assert (found.rest is None) == (found.left == 0)
    if found.rest is not None:
        assert_same(found.rest.now, oracle(now[~now["host"].isin(top)]))
        assert_same(found.rest.before, oracle(before[~before["host"].isin(top)]))


@given(events)
def test_no_event_is_lost_between_the_series_and_the_rest(rows):
    found = statistics(CHOICE, as_tables(rows, [], stored=False), RANGE, held_us=HELD, most=2)
    rest = found.rest.now.count if found.rest else 0
    assert sum(line.now.count for line in found.series) + rest == found.every.now.count


def test_filters_of_the_board_and_of_the_measure_apply():
    measure = Measure("load", "value", where=("name:eq:load",))
    choice = Choice("load", "host", measure=measure, where=("host:ne:b",))
    table = table_of(
        [70, 80, 90, 95], host=["a", "a", "b", "a"], name=["load", "else", "load", "load"], value=[1.0, 50.0, 9.0, 3.0]
    )
    found = statistics(choice, [table], RANGE, held_us=HELD)
    assert found.every.now == Summary(2, 2 / 60, 2.0, 1.0, 3.0, 4.0, 1.0, 3.0, 3.0)
    assert [line.name for line in found.series] == ["a"]


def test_a_span_before_that_is_not_wholly_held_is_not_compared_with():
    table = table_of([30, 70], host=["a", "a"], load=[1.0, 2.0])
    assert statistics(CHOICE, [table], RANGE, held_us=HELD).every.change("mean") == 1.0
    found = statistics(CHOICE, [table], RANGE, held_us=HELD + 1)
    assert found.every.before is None
    assert all(line.before is None for line in found.series)
    assert all(found.every.change(figure) is None for figure in NUMBERS)


def test_a_span_before_without_events_is_one_of_none():
    found = statistics(CHOICE, [table_of([70], host=["a"], load=[2.0])], RANGE, held_us=HELD)
    assert found.every.change("count") == 1
    assert found.every.change("mean") is None


def test_events_are_counted_where_there_is_no_measure():
    found = statistics(Choice("", "host", "count"), [table_of([70, 80], host=["a", None])], RANGE, held_us=HELD)
    assert (found.every.now.count, found.every.now.rate) == (2, 2 / 60)
    assert [line.name for line in found.series] == ["a", NAMELESS]


@pytest.mark.parametrize("tables", [[], [table_of([], host=[], load=[])], [table_of([500], host=["a"], load=[1.0])]])
def test_nothing_in_the_span_is_no_error(tables):
    found = statistics(CHOICE, tables, RANGE, held_us=HELD)
    assert (found.every.now.count, found.every.now.rate, found.series, found.rest) == (0, 0.0, (), None)
    assert math.isnan(found.every.now.p50)


def test_a_steady_feed_has_as_many_events_as_before():
    table = table_of(range(130), host=["a"] * 130, load=[1.0] * 130)
    every = statistics(CHOICE, [table], RANGE, held_us=HELD).every
    assert (every.now.count, every.before.count, every.change("rate")) == (60, 60, 0)


def test_a_rate_is_of_the_time_that_is_held():
    table = table_of(range(90, 120), host=["a"] * 30, load=[1.0] * 30)
    every = statistics(CHOICE, [table], RANGE, held_us=at_second(90)).every
    assert every.now.rate == pytest.approx(1.0)
    assert every.before is None


def test_huge_numbers_have_a_mean():
    table = table_of([70, 80], host=["a", "a"], load=[1.5e308, 1.7e308])
    assert statistics(CHOICE, [table], RANGE, held_us=HELD).every.now.mean == pytest.approx(1.6e308)


rolled = st.lists(
    st.tuples(
        st.integers(60, 119), st.sampled_from("ab"), st.integers(0, 9), st.floats(-100, 100), st.floats(-100, 100)
    ),
    min_size=1,
    max_size=30,
)


@given(rolled)
def test_rows_that_are_aggregates_are_merged_and_never_averaged_again(rows):
    second, host, count, mean, low = map(list, zip(*rows, strict=True))
    measure = Measure("latency", "", parts=Parts(count="n", mean="avg", min="low"))
    table = table_of(second, host=host, n=count, avg=mean, low=low)
    found = statistics(Choice("latency", "host", measure=measure), [table], RANGE, held_us=HELD).every.now
    told = pd.DataFrame({"n": count, "avg": mean, "low": low}).query("n > 0")
    assert found.count == told["n"].sum()
    if found.count:
        assert found.sum == approx((told["n"] * told["avg"]).sum())
        assert found.mean == approx((told["n"] * told["avg"]).sum() / told["n"].sum())
        assert found.min == told["low"].min()
        assert math.isnan(found.max)
        assert found.p50 == approx(told["avg"].sort_values().tolist()[-(-len(told) // 2) - 1])


BYTES = Measure("bytes", "bytes", kind="counter")
COUNTING = Choice("bytes", "host", "rate", measure=BYTES, identity=("host", "disk"))
steps = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 100)), min_size=1, max_size=40)


@given(steps, steps)
def test_of_counters_they_are_those_of_the_increases_between_samples(one, other):
    found, expected = [], []
    for disk, moves in (("x", one), ("y", other)):
        second, total = 50, 1000
        found.append((second, disk, total))
        for gap, growth in moves:
            second, total = second + gap, total + growth
            found.append((second, disk, total))
            expected.append((second, growth / gap))
    found.sort(key=lambda row: row[0])
    second, disk, total = map(list, zip(*found, strict=True))
    table = table_of(second, host=["a"] * len(found), disk=disk, bytes=total)
    summary = statistics(COUNTING, [table], RANGE, held_us=HELD).every.now
    assert_same(summary, oracle(pd.DataFrame({"load": [rate for at, rate in expected if 60 <= at < 120]})))


def test_a_counters_first_sample_in_the_span_counts_from_the_one_before_it():
    tables = [table_of([55], host=["a"], disk=["x"], bytes=[100]), table_of([65], host=["a"], disk=["x"], bytes=[300])]
    assert statistics(COUNTING, tables, RANGE, held_us=HELD).every.now.mean == pytest.approx(20.0)
    assert statistics(COUNTING, tables[1:], RANGE, held_us=HELD).every.now.count == 0


def test_the_range_says_its_length():
    assert statistics(CHOICE, [], RANGE, held_us=HELD).seconds == (RANGE[1] - RANGE[0]) / US


def test_every_figure_is_compared():
    assert {field.name for field in fields(Summary)} == set(NUMBERS)
    assert replace(Summary(1, 1.0), mean=2.0).mean == 2.0
