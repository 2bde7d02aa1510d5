"""The rest as one line equals a rollup in which the rest is one series."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from state.bins import ACCURACY
from state.choice import AGGREGATES
from state.rest import Rest
from state.rollup import ADDITIVE, PERCENTILES, Rollup

BUCKET = 10
BUCKETS = 4
NOW = 1_000
SERIES = 6
CODES = st.lists(st.integers(0, SERIES - 1), unique=True, max_size=SERIES).map(lambda codes: np.array(codes, np.int64))
BATCHES = st.lists(
    st.lists(st.tuples(st.integers(NOW - 45, NOW + 40), st.integers(0, SERIES - 1), st.floats(-1e6, 1e6)), max_size=20),
    max_size=5,
)


def fed(rollup, rows, code=lambda series: series):
    at, series, value = (np.array(column) for column in zip(*rows, strict=True)) if rows else (np.empty(0),) * 3
    rollup.update(at.astype(np.int64), code(series.astype(np.int32)), value.astype(np.float64))


@pytest.mark.parametrize("agg", AGGREGATES)
@settings(max_examples=30, deadline=None)
@given(batches=BATCHES, without=CODES, later=CODES, step=st.integers(0, 30))
def test_the_rest_is_what_one_series_of_the_same_events_is(agg, batches, without, later, step):
    if agg == "last":  # of equal times, which arrived later is known within a series only
        batches = [[(at, series, float(at)) for at, series, _ in rows] for rows in batches]
    rollup, alone = Rollup(BUCKET, BUCKETS, quantiles="each"), Rollup(BUCKET, BUCKETS, quantiles="each")
    rest = Rest(rollup, agg)
    for turn, left_out in enumerate((without, later, later)):
        for each in (rollup, alone):
            each.advance(NOW + turn * step)
        for rows in batches:
            fed(rollup, rows)
            fed(alone, [row for row in rows if row[1] not in later], np.zeros_like)
            rest.values(left_out)
    tolerance = 2.1 * ACCURACY if agg in PERCENTILES else 1e-9
    shown, expected = rest.values(later), alone.values(agg, [0])[:, 0]
    if agg in ADDITIVE:  # a series that has expired is no longer known, though another of the rest is
        shown, expected = np.nan_to_num(shown), np.nan_to_num(expected)
    np.testing.assert_allclose(shown, expected, rtol=tolerance, atol=1e-5)


@given(batches=BATCHES, moved=CODES)
def test_what_was_poured_counts_to_its_new_series_alone(batches, moved):
    into = SERIES
    rollup, oracle = Rollup(BUCKET, BUCKETS, quantiles="each"), Rollup(BUCKET, BUCKETS, quantiles="each")
    for each in (rollup, oracle):
        each.advance(NOW)
    for rows in batches:
        fed(rollup, rows)
        fed(oracle, rows, lambda series: np.where(np.isin(series, moved), into, series).astype(np.int32))
    rollup.pour(moved, into)
    codes = np.arange(SERIES + 1)
    for agg in (*AGGREGATES, "std"):
        if agg == "last":
            continue  # of equal times, which arrived later is no longer known
        np.testing.assert_allclose(rollup.values(agg, codes), oracle.values(agg, codes), rtol=1e-6, atol=1e-3)
        np.testing.assert_allclose(
            rollup.totals(agg)[: SERIES + 1], oracle.totals(agg)[: SERIES + 1], rtol=1e-6, atol=1e-3
        )
