import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from state.bins import ACCURACY
from state.ring import Ring
from state.rollup import Rollup
from state.sketch import Sketch

BUCKETS = 4
SERIES = 3
QUANTILES = (0.0, 0.5, 0.95, 0.99, 1.0)

Array = npt.NDArray[np.float64]
Events = list[tuple[int, int, float]]

VALUES = (
    st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False)
    | st.floats(-100, 100, allow_subnormal=False)
    | st.sampled_from([0.0, -0.0, 1.0, -1.0, 1.7e308, -1.7e308, 1e-300, 2.3e-308])
)
EVENTS = st.lists(st.tuples(st.integers(96, 101), st.integers(0, SERIES - 1), VALUES), max_size=80)
"""Bucket numbers, series and values; the window is 97 to 100, the headroom 101."""


def sketched(events: Events, right: int = 100, max_bins: int = 1 << 22) -> Sketch:
    sketch = Sketch(Ring(1, BUCKETS), max_bins)
    sketch.slide(sketch._ring.advance(right))
    add(sketch, events)
    return sketch


def add(sketch: Sketch, events: Events) -> None:
    bucket = np.array([event[0] for event in events], np.int64)
    place, held = sketch._ring.place(bucket)
    series = np.array([event[1] for event in events], np.int32)[held]
    sketch.add(place, series, np.array([event[2] for event in events], np.float64)[held])


def windowed(sketch: Sketch, q: float) -> Array:
    return sketch.cells(q, SERIES)[sketch._ring.positions]


def exact(values: list[float], q: float) -> float:
    return float(np.quantile(values, q, method="inverted_cdf")) if values else np.nan


@given(EVENTS, st.integers(0, 80))
def test_quantiles_are_within_one_percent_of_the_exact_order_statistic(events: Events, cut: int) -> None:
    sketch = sketched(events[:cut])
    windowed(sketch, 0.5)
    add(sketch, events[cut:])
    for q in QUANTILES:
        shown, totals = windowed(sketch, q), sketch.totals(q, SERIES)
        for series in range(SERIES):
            for row, bucket in enumerate(range(97, 101)):
                mine = [value for at, of, value in events if (at, of) == (bucket, series)]
                np.testing.assert_allclose(shown[row, series], exact(mine, q), rtol=ACCURACY * 1.0001)
            mine = [value for at, of, value in events if of == series and 97 <= at <= 100]
            np.testing.assert_allclose(totals[series], exact(mine, q), rtol=ACCURACY * 1.0001)
        everything = [value for at, _, value in events if 97 <= at <= 100]
        np.testing.assert_allclose(sketch.overall(q), exact(everything, q), rtol=ACCURACY * 1.0001)


@given(EVENTS, st.lists(st.integers(100, 108), max_size=4))
def test_after_expiry_a_sketch_equals_a_fresh_one_of_what_is_left(events: Events, steps: list[int]) -> None:
    slid = sketched(events)
    for step in steps:
        windowed(slid, 0.5)
        slid.slide(slid._ring.advance(step))
    right = max([100, *steps])
    fresh = sketched([event for event in events if 97 <= event[0] <= 101], right)
    for q in QUANTILES:
        np.testing.assert_array_equal(windowed(slid, q), windowed(fresh, q))
        np.testing.assert_array_equal(slid.totals(q, SERIES), fresh.totals(q, SERIES))
    for kept, expected in zip(slid._whole(), fresh._whole(), strict=True):
        np.testing.assert_array_equal(kept, expected)


def test_a_value_ahead_of_the_clock_counts_when_the_window_reaches_it() -> None:
    sketch = sketched([(100, 0, 1.0), (101, 0, 50.0)])
    assert sketch.overall(1.0) == pytest.approx(1.0, rel=ACCURACY * 1.0001)
    sketch.slide(sketch._ring.advance(101))
    assert sketch.overall(1.0) == pytest.approx(50.0, rel=ACCURACY * 1.0001)


def test_of_no_values_every_quantile_is_nan() -> None:
    sketch = sketched([])
    assert np.isnan(windowed(sketch, 0.5)).all()
    assert np.isnan(sketch.totals(0.5, SERIES)).all()
    assert np.isnan(sketch.overall(0.5))


@pytest.mark.parametrize("q", [-0.1, 1.1, np.nan])
def test_a_quantile_outside_0_and_1_is_refused(q: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        sketched([(100, 0, 1.0)]).overall(q)


def test_memory_stays_bounded_and_the_error_that_costs_is_told() -> None:
    rng = np.random.default_rng(1)
    value = np.exp(rng.normal(0, 3, 20_000)) * rng.choice([-1.0, 1.0], 20_000)
    sketch = sketched([], max_bins=800)
    for part in np.array_split(value, 20):
        sketch.add(rng.integers(97, 101, len(part)), np.zeros(len(part), np.int32), part)
        sketch.overall(0.5)
    assert sum(len(cell.keys) for cell in sketch.held()[1]) <= 800
    assert ACCURACY < sketch.relative_error < 0.2
    for q in (0.01, 0.3, 0.7, 0.99):
        truth = exact(value.tolist(), q)
        assert sketch.overall(q) == pytest.approx(truth, rel=sketch.relative_error * 1.0001)


@given(EVENTS, EVENTS, st.sampled_from([5, 1 << 22]))
@settings(max_examples=60)
def test_merging_equals_one_sketch_of_both_even_if_one_is_coarser(mine: Events, theirs: Events, max_bins: int) -> None:
    merged, other = sketched(mine), sketched(theirs, max_bins=max_bins)
    before = other.overall(0.5)
    merged.merge(other, np.arange(merged._ring.capacity))
    both = sketched(mine + theirs)
    error = merged.relative_error + both.relative_error
    for q in QUANTILES:
        np.testing.assert_allclose(windowed(merged, q), windowed(both, q), rtol=error * 1.5)
        np.testing.assert_allclose(merged.overall(q), both.overall(q), rtol=error * 1.5)
    np.testing.assert_array_equal(other.overall(0.5), before)


def test_a_rollup_keeps_percentiles_within_the_extremes_so_equal_values_are_exact() -> None:
    rollup = Rollup(10, 3, quantiles="each")
    rollup.advance(29)
    rollup.update(np.array([0, 1, 25]), np.zeros(3, np.int32), np.array([21.0, 21.0, 40.0]))
    np.testing.assert_array_equal(rollup.values("p50", [0])[:, 0], [21.0, np.nan, 40.0])
    for newest in (rollup.totals("p99")[0], rollup.overall("p99"), rollup.quantile(1.0, series=0)):
        assert newest == pytest.approx(40.0, rel=ACCURACY * 1.0001)
    assert rollup.quantile(0.5) == pytest.approx(21.0, rel=ACCURACY * 1.0001)
    assert np.isnan(rollup.quantile(0.5, series=900))


def test_a_rollup_merges_its_percentiles_too() -> None:
    one, two = Rollup(10, 3, quantiles="each"), Rollup(10, 3, quantiles="each")
    for rollup, value in ((one, 1.0), (two, 3.0)):
        rollup.advance(29)
        rollup.update(np.array([25]), np.zeros(1, np.int32), np.array([value]))
    one.merge(two)
    assert one.values("p99", [0])[-1, 0] == pytest.approx(3.0, rel=ACCURACY * 1.0001)
    assert one.overall("p50") == pytest.approx(1.0, rel=ACCURACY * 1.0001)


def test_a_rollup_without_quantiles_says_so() -> None:
    with pytest.raises(ValueError, match="does not keep"):
        Rollup(10, 3).values("p50", [0])
    with pytest.raises(ValueError, match="does not keep"):
        Rollup(10, 3, quantiles="all").values("p50", [0])
    with pytest.raises(ValueError, match="cannot be merged"):
        Rollup(10, 3).merge(Rollup(10, 3, quantiles="each"))


@given(st.lists(st.tuples(st.integers(0, 59), st.integers(0, 3), st.floats(0.001, 1e6)), min_size=1))
def test_quantiles_of_all_series_together_are_the_same_whether_each_has_its_own(
    rows: list[tuple[int, int, float]],
) -> None:
    at, series, values = (np.array(column) for column in zip(*rows, strict=True))
    each, together = Rollup(10, 6, quantiles="each"), Rollup(10, 6, quantiles="all")
    for rollup in (each, together):
        rollup.advance(59)
        rollup.update(at, series.astype(np.int32), values)
    np.testing.assert_array_equal(each.quantile([0.0, 0.5, 1.0]), together.quantile([0.0, 0.5, 1.0]))
