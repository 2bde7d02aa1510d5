from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from state.rollup import ADDITIVE, Rollup

BUCKET = 10
BUCKETS = 4
HEADROOM = 1
NOW = 1_000
EXACT = ("mean", "sum", "count", "min", "max", "last", "std", "rate")


class Event(NamedTuple):
    time: int
    series: int
    value: float


VALUES = st.floats(-1e6, 1e6) | st.sampled_from([np.nan, np.inf, -np.inf, 0.0, 1e9])
EVENTS = st.lists(
    st.builds(Event, st.integers(NOW - 70, NOW + 40), st.integers(0, 11), VALUES),
    max_size=40,
)


def feed(rollup: Rollup, events: list[Event]) -> None:
    rollup.update(
        np.array([event.time for event in events], np.int64),
        np.array([event.series for event in events], np.int32),
        np.array([event.value for event in events], np.float64),
    )


def filled(batches: list[list[Event]], now: int = NOW, **options: bool) -> Rollup:
    rollup = Rollup(BUCKET, BUCKETS, **options)
    rollup.advance(now)
    for batch in batches:
        feed(rollup, batch)
    return rollup


def in_window(events: list[Event], now: int) -> pd.DataFrame:
    """The finite events of the window that ends with the bucket of `now`, as a plain table."""
    table = pd.DataFrame(events, columns=["time", "series", "value"]).astype({"time": "int64", "value": "float64"})
    table["bucket"] = table.time // BUCKET - now // BUCKET + BUCKETS - 1
    return table[np.isfinite(table.value) & table.bucket.between(0, BUCKETS - 1)]


def expected(table: pd.DataFrame, agg: str) -> float:
    """What pandas says of all events of `table` together."""
    if agg == "last":
        return float(table.sort_values("time", kind="stable").value.iloc[-1]) if len(table) else np.nan
    value = table.value
    return float(value.agg(agg)) if len(value) else np.nan


def batched(events: list[Event], cuts: list[int]) -> list[list[Event]]:
    edges = [0, *sorted(min(cut, len(events)) for cut in cuts), len(events)]
    return [events[start:end] for start, end in pairwise(edges)]


@given(EVENTS, st.lists(st.integers(0, 40), max_size=4))
@settings(max_examples=40, deadline=None)
def test_every_aggregate_equals_pandas_in_any_order_and_any_batching(events: list[Event], cuts: list[int]) -> None:
    rollup = filled(batched(events, cuts))
    table = in_window(events, NOW)
    codes = list(range(12))
    for agg in EXACT:
        shown = rollup.values(agg, codes)
        assert shown.shape == (BUCKETS, 12)
        for code in codes:
            mine = table[table.series == code]
            if mine.empty:
                assert np.isnan(shown[:, code]).all()
                continue
            first = mine.bucket.min()
            for bucket in range(BUCKETS):
                cell = expected(mine[mine.bucket == bucket], "count" if agg == "rate" else agg)
                if agg in ADDITIVE and np.isnan(cell) and bucket >= first:
                    cell = 0.0
                cell *= 1e6 / BUCKET if agg == "rate" else 1
                np.testing.assert_allclose(shown[bucket, code], cell, rtol=1e-9, atol=1e-6, err_msg=agg)


@given(EVENTS)
@settings(max_examples=40, deadline=None)
def test_totals_and_overall_equal_pandas_over_the_whole_window(events: list[Event]) -> None:
    rollup = filled([events])
    table = in_window(events, NOW)
    for agg in ("mean", "sum", "count", "min", "max", "last", "std"):
        totals = rollup.totals(agg)
        for code in range(len(totals)):
            one = expected(table[table.series == code], agg)
            np.testing.assert_allclose(totals[code], one, rtol=1e-9, atol=1e-6, err_msg=agg)
        if agg != "last":
            np.testing.assert_allclose(rollup.overall(agg), expected(table, agg), rtol=1e-9, atol=1e-6, err_msg=agg)
    if len(table):
        assert rollup.overall("last") in table[table.time == table.time.max()].value.to_numpy()


@given(EVENTS)
def test_a_total_rate_is_the_mean_of_the_rates_shown(events: list[Event]) -> None:
    rollup = filled([events])
    totals = rollup.totals("rate")
    rates = rollup.values("rate", range(len(totals)))
    for code, total in enumerate(totals):
        shown = rates[:, code][~np.isnan(rates[:, code])]
        np.testing.assert_allclose(total, shown.mean() if len(shown) else np.nan)


@given(EVENTS)
def test_every_event_is_held_late_early_or_skipped(events: list[Event]) -> None:
    rollup = filled([events])
    _, _, part = rollup.partials()
    assert part[0].sum() + rollup.late + rollup.early + rollup.skipped == len(events)


@given(EVENTS, st.lists(st.integers(-20, 120), max_size=5))
def test_a_window_that_slid_holds_what_a_window_that_began_there_holds(events: list[Event], steps: list[int]) -> None:
    slid = filled([events])
    now = NOW
    for step in steps:
        now = max(now, NOW + step)
        slid.advance(NOW + step)
    known = [event for event in events if event.time < (NOW // BUCKET + 1 + HEADROOM) * BUCKET]
    fresh = filled([known], now)
    assert slid.times_us.tolist() == fresh.times_us.tolist()
    for agg in EXACT:
        if agg not in ADDITIVE:
            np.testing.assert_allclose(slid.values(agg, range(12)), fresh.values(agg, range(12)), rtol=1e-9, atol=1e-6)
    np.testing.assert_array_equal(slid.totals("count")[:8], fresh.totals("count")[:8])


def test_events_land_in_their_bucket_and_the_others_are_counted() -> None:
    """The clock stands at 45, the window is three buckets of 10, the headroom one.

    .       late │    window    │headroom│ early
        ─────────┼────┬────┬────┼────────┼──────
                20   30   40    50      60
    """
    rollup = Rollup(10, 3)
    rollup.advance(45)
    feed(rollup, [Event(time, 0, time) for time in (19, 20, 29, 31, 49, 50, 59, 60, 61)])
    assert rollup.times_us.tolist() == [20, 30, 40]
    assert rollup.values("sum", [0])[:, 0].tolist() == [49, 31, 49]
    assert (rollup.late, rollup.early) == (1, 2)


def test_an_event_ahead_of_the_clock_is_shown_when_the_window_reaches_it_and_not_before() -> None:
    rollup = Rollup(10, 3)
    rollup.advance(45)
    feed(rollup, [Event(55, 0, 7.0)])
    assert rollup.active()[0]
    assert np.isnan(rollup.values("last", [0])).all()
    assert np.isnan(rollup.values("count", [0])).all()
    assert np.isnan(rollup.totals("count")[0])
    rollup.advance(50)
    np.testing.assert_array_equal(rollup.values("last", [0])[:, 0], [np.nan, np.nan, 7.0])


def test_the_window_never_moves_backwards() -> None:
    rollup = filled([[Event(NOW, 0, 1.0)]])
    rollup.advance(NOW - 500)
    assert rollup.times_us[-1] == NOW
    assert rollup.overall("count") == 1


def test_before_the_first_advance_every_event_is_early() -> None:
    rollup = Rollup(BUCKET, BUCKETS)
    feed(rollup, [Event(0, 0, 1.0), Event(2**62, 0, 1.0)])
    assert rollup.early == 2
    assert len(rollup.times_us) == BUCKETS


def test_times_at_the_ends_of_the_scale_are_late_or_early_and_the_clock_may_be_a_numpy_integer() -> None:
    rollup = Rollup(1, BUCKETS, quantiles="each")
    rollup.advance(np.int64(1_700_000_000_000_000))  # type: ignore[arg-type]
    ends = np.iinfo(np.int64)
    feed(
        rollup, [Event(time, 0, 1.0) for time in (ends.min, -62_135_596_800_000_000, 253_402_300_799_999_999, ends.max)]
    )
    assert (rollup.late, rollup.early) == (2, 2)


def test_a_window_before_1970_holds_its_events() -> None:
    rollup = Rollup(10, 3)
    rollup.advance(-5)
    feed(rollup, [Event(-1, 0, 1.0), Event(-11, 0, 2.0)])
    np.testing.assert_array_equal(rollup.values("last", [0])[:, 0], [np.nan, 2.0, 1.0])


def test_counts_are_zero_while_a_series_is_silent_and_nothing_before_its_first_event() -> None:
    """One event in the second bucket, then silence.

    .   ┬─────┬──x──┬─────┬─────┐
          NaN    1     0     0
    """
    rollup = filled([[Event(NOW - 20, 0, 5.0)]])
    for agg, alive in (("count", 1.0), ("sum", 5.0), ("rate", 1e5)):
        np.testing.assert_allclose(rollup.values(agg, [0])[:, 0], [np.nan, alive, 0.0, 0.0])
    np.testing.assert_array_equal(rollup.values("mean", [0])[:, 0], [np.nan, 5.0, np.nan, np.nan])


def test_a_series_known_since_before_the_window_counts_zero_from_its_left_edge() -> None:
    rollup = filled([[Event(NOW - 30, 0, 1.0), Event(NOW, 0, 1.0)]])
    rollup.advance(NOW + 10)
    assert rollup.values("count", [0])[:, 0].tolist() == [0.0, 0.0, 1.0, 0.0]


def test_a_code_whose_series_has_expired_starts_anew() -> None:
    rollup = filled([[Event(NOW, 0, 1.0)]])
    rollup.advance(NOW + 100)
    assert not rollup.active().any()
    assert np.isnan(rollup.values("count", [0])).all()
    feed(rollup, [Event(NOW + 100, 0, 2.0)])
    np.testing.assert_array_equal(rollup.values("count", [0])[:, 0], [np.nan, np.nan, np.nan, 1.0])


@pytest.mark.parametrize("agg", EXACT)
def test_of_no_events_every_aggregate_is_nan(agg: str) -> None:
    rollup = filled([[]])
    assert np.isnan(rollup.values(agg, [0, 700])).all()
    assert rollup.values(agg, []).shape == (BUCKETS, 0)
    assert np.isnan(rollup.totals(agg)).all()
    assert np.isnan(rollup.overall(agg))


@pytest.mark.parametrize(
    ("agg", "one", "two"),
    [
        ("mean", 3.0, 4.0),
        ("sum", 3.0, 8.0),
        ("count", 1.0, 2.0),
        ("min", 3.0, 3.0),
        ("max", 3.0, 5.0),
        ("last", 3.0, 5.0),
        ("std", np.nan, np.sqrt(2.0)),
    ],
)
def test_one_event_then_another_of_the_same_time(agg: str, one: float, two: float) -> None:
    rollup = filled([[Event(NOW, 0, 3.0), Event(NOW, 0, np.nan)]])
    np.testing.assert_allclose(rollup.values(agg, [0])[-1, 0], one)
    feed(rollup, [Event(NOW, 0, 5.0)])
    np.testing.assert_allclose(rollup.values(agg, [0])[-1, 0], two)
    np.testing.assert_allclose(rollup.overall(agg), two)
    assert rollup.skipped == 1


def test_the_last_value_is_by_event_time_whenever_it_arrives() -> None:
    rollup = filled([[Event(NOW + 5, 0, 1.0)], [Event(NOW + 3, 0, 2.0), Event(NOW - 20, 0, 3.0)]])
    assert rollup.values("last", [0])[-1, 0] == 1.0
    assert rollup.overall("last") == 1.0


def test_the_spread_survives_a_mean_a_billion_times_larger() -> None:
    values = 1e9 + np.array([4.0, 7.0, 13.0, 16.0])
    rollup = filled([[Event(NOW, 0, value)] for value in values])
    np.testing.assert_allclose(rollup.values("std", [0])[-1, 0], np.std(values - 1e9, ddof=1), rtol=1e-9)


def test_huge_values_overflow_their_sum_and_nothing_else() -> None:
    rollup = filled([[Event(NOW, 0, 1.7e308)], [Event(NOW, 0, 1.7e308), Event(NOW, 0, -1.7e308)]])
    assert rollup.overall("max") == 1.7e308
    assert rollup.overall("count") == 3


def test_codes_far_apart_in_one_batch_do_not_disturb_each_other() -> None:
    events = [Event(NOW - 10 * (code % 3), code, code) for code in range(0, 30_000, 1_000)]
    rollup = filled([events])
    assert np.flatnonzero(rollup.active()).tolist() == [event.series for event in events]
    assert rollup.totals("last")[5_000] == 5_000


@given(EVENTS, EVENTS, st.integers(-40, 40))
def test_merging_two_rollups_equals_one_that_saw_both(mine: list[Event], theirs: list[Event], skew: int) -> None:
    merged, other = filled([mine], NOW), filled([theirs], NOW + skew)
    given_events = len(mine) + len(theirs)
    merged.merge(other)
    _, _, part = merged.partials()
    gone = filled([mine], NOW)
    gone.advance(NOW + skew)
    expired = filled([mine], NOW).partials()[2][0].sum() - gone.partials()[2][0].sum()
    assert part[0].sum() + merged.late + merged.early + merged.skipped + expired == given_events
    if skew == 0:
        single = filled([mine, theirs])
        for agg in EXACT:
            np.testing.assert_allclose(
                merged.values(agg, range(12)), single.values(agg, range(12)), rtol=1e-9, atol=1e-6, err_msg=agg
            )


ROWS = st.lists(
    st.lists(
        st.tuples(
            st.integers(NOW - 70, NOW + 40),  # time
            st.integers(0, 3),  # series
            st.lists(st.floats(-1e6, 1e6), max_size=5),  # what the row stands for
        ),
        max_size=12,
    ),
    max_size=4,
)


def rows_of(events: list[list[float]]) -> np.ndarray:
    return np.array([[len(each), sum(each), min(each, default=np.nan), max(each, default=np.nan)] for each in events]).T


@given(ROWS)
@settings(max_examples=60, deadline=None)
def test_rows_that_are_aggregates_add_up_to_what_pandas_says_of_the_events_behind_them(batches: list) -> None:
    rollup = Rollup(BUCKET, BUCKETS, quantiles="all")
    rollup.advance(NOW)
    for batch in batches:
        if batch:
            at, series, behind = zip(*batch, strict=True)
            rollup.update_rows(np.array(at), np.array(series, np.int32), rows_of(behind))
    rows = [row for batch in batches for row in batch]
    table = in_window([Event(at, series, value) for at, series, behind in rows for value in behind], NOW)
    means = in_window([Event(at, series, sum(each) / len(each)) for at, series, each in rows if each], NOW)
    for agg in ("mean", "sum", "count", "min", "max", "rate", "last"):
        shown = rollup.values(agg, range(4))
        for code in range(4):
            mine = (means if agg == "last" else table).query("series == @code")
            for bucket in range(BUCKETS):
                cell = expected(mine[mine.bucket == bucket], "count" if agg == "rate" else agg)
                if agg in ADDITIVE and np.isnan(cell) and bucket >= mine.bucket.min():
                    cell = 0.0
                cell *= 1e6 / BUCKET if agg == "rate" else 1
                np.testing.assert_allclose(shown[bucket, code], cell, rtol=1e-9, atol=1e-5, err_msg=agg)
    assert rollup.skipped == 0


def test_a_row_that_stands_for_nothing_counts_nothing_and_one_that_does_not_say_is_skipped() -> None:
    rollup = Rollup(BUCKET, BUCKETS, quantiles="each")
    rollup.advance(NOW)
    nan = np.nan
    rows = np.array([[0, nan, 5, 4, -1], [0, 1, nan, 8, 1], [nan, 1, 1, nan, 1], [nan, 1, 1, nan, 1]])
    rollup.update_rows(np.full(5, NOW), np.zeros(5, np.int32), rows)
    assert rollup.overall("count") == 4
    assert rollup.overall("mean") == rollup.overall("last") == 2
    assert np.isnan(rollup.overall("min"))
    assert rollup.overall("p95") == pytest.approx(2, rel=0.003)
    assert rollup.skipped == 3


def test_rollups_of_different_buckets_refuse_to_merge() -> None:
    with pytest.raises(ValueError, match="different buckets"):
        Rollup(10, 3).merge(Rollup(20, 3))
