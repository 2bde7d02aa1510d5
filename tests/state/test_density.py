import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from state.density import Density

BUCKET = 10
BUCKETS = 4
NOW = 1_000
BINS = 16

FINITE = st.floats(allow_nan=False, allow_infinity=False)
VALUES = FINITE | st.floats(-100, 100) | st.floats(20, 21) | st.integers(-5, 5).map(float)
EVENTS = st.lists(st.tuples(st.integers(NOW - 60, NOW + 30), VALUES), max_size=50)
Events = list[tuple[int, float]]


def columns(events: Events) -> tuple[np.ndarray, np.ndarray]:
    return np.array([at for at, _ in events], np.int64), np.array([value for _, value in events], np.float64)


def filled(batches: list[Events], now: int = NOW) -> Density:
    density = Density(BUCKET, BUCKETS, BINS)
    density.advance(now)
    for batch in batches:
        density.update(*columns(batch))
    return density


def histogram(events: Events, now: int, edges: np.ndarray) -> np.ndarray:
    rows = []
    for row in range(BUCKETS):
        number = now // BUCKET - BUCKETS + 1 + row
        rows.append(np.histogram([value for at, value in events if at // BUCKET == number], edges)[0])
    return np.array(rows)


@given(EVENTS, st.integers(0, 50))
@settings(max_examples=200)
def test_counts_equal_numpys_histogram_on_the_edges_in_any_batching(events: Events, cut: int) -> None:
    density = filled([events[:cut], events[cut:]])
    counts, edges = density.counts, density.edges
    inside = [value for at, value in events if -BUCKETS < at // BUCKET - NOW // BUCKET <= 0]
    assert counts.shape == (BUCKETS, len(edges) - 1)
    assert counts.sum() == len(inside)
    if inside:
        assert counts.shape[1] <= BINS
        assert (np.diff(edges) > 0).all()
        assert counts[:, [0, -1]].any(axis=0).all()
        np.testing.assert_array_equal(counts, histogram(events, NOW, edges))


@given(EVENTS, st.integers(2, 50))
def test_bins_for_display_are_exact_too_and_at_least_half_as_many_as_asked(events: Events, target: int) -> None:
    density = filled([events])
    counts, edges = density.display(target)
    bins = counts.shape[1]
    assert bins <= target
    if bins:
        assert bins >= min(target / 2, density.counts.shape[1])
        np.testing.assert_array_equal(counts, histogram(events, NOW, edges))


@given(EVENTS)
def test_every_event_is_counted_or_late_or_early(events: Events) -> None:
    density = filled([events])
    assert density._counts.sum() + density.ring.late + density.ring.early == len(events)


@given(EVENTS, st.lists(st.integers(0, 80), max_size=4))
def test_what_leaves_the_window_leaves_the_counts(events: Events, steps: list[int]) -> None:
    density = filled([events])
    now = NOW
    for step in steps:
        now = max(now, NOW + step)
        density.advance(NOW + step)
    known = [(at, value) for at, value in events if -BUCKETS < at // BUCKET - NOW // BUCKET <= 1]
    counts, edges = density.counts, density.edges
    if counts.size:
        np.testing.assert_array_equal(counts, histogram(known, now, edges))
    assert counts.sum() == sum(-BUCKETS < at // BUCKET - now // BUCKET <= 0 for at, _ in known)


def test_without_a_value_there_are_no_bins() -> None:
    for density in (filled([]), filled([[]]), filled([[(NOW, np.nan), (NOW, np.inf)]])):
        assert density.counts.shape == (BUCKETS, 0)
        assert len(density.edges) == 1
        assert not density.coarse


@pytest.mark.parametrize("value", [0.0, 21.0, -21.0, 1013.25, 1e-12, 1e300, -1.7976931348623157e308, 5e-324, 1.7e15])
def test_a_constant_feed_has_one_bin_of_visible_width(value: float) -> None:
    density = filled([[(NOW, value)] * 3])
    assert density.counts.sum(axis=0).tolist() == [3]
    low, high = density.edges
    assert low <= value < high or value == high == np.finfo(np.float64).max
    assert high - low >= abs(value) / 300
    assert not density.coarse


def test_the_widest_range_of_all_fits() -> None:
    huge = np.finfo(np.float64).max
    values = [huge, -huge, 1e-300, -1e-300, 0.0, 1e300]
    density = filled([[(NOW, value)] for value in values])
    assert density.counts.sum() == 6
    assert np.isfinite(density.edges).all()
    assert (density.edges[0], density.edges[-1]) == (-huge, huge)


def test_once_an_outlier_has_left_a_rebuild_is_asked_for_and_mends_it() -> None:
    events = [(NOW, float(value)) for value in range(20, 30)]
    density = filled([[(NOW - 30, 1e6)], events])
    assert not density.coarse
    density.advance(NOW + 10)
    assert density.coarse
    late = density.ring.late
    density.rebuild(*columns([(NOW - 30, 1e6), *events]))
    assert not density.coarse
    assert density.counts.shape[1] == 10
    assert density.counts.sum() == 10
    assert density.ring.late == late


@given(EVENTS, FINITE)
def test_after_a_rebuild_no_other_is_asked_for(events: Events, outlier: float) -> None:
    density = filled([[(NOW - 30, outlier)], events])
    known = [
        event for event, early in zip(events, density.ring.too_early(columns(events)[0]), strict=True) if not early
    ]
    density.advance(NOW + 10)
    density.rebuild(*columns(known))
    assert not density.coarse


def test_a_rebuild_from_other_events_than_are_counted_changes_nothing() -> None:
    density = filled([[(NOW, 1e9), (NOW, 1.0)]])
    before = density.counts.tolist()
    density.rebuild(*columns([(NOW, 1.0)]))
    assert density.counts.tolist() == before


@pytest.mark.parametrize("target", [-1, 0, 1])
def test_fewer_than_two_bins_are_refused(target: int) -> None:
    with pytest.raises(ValueError, match="at least 2"):
        filled([]).display(target)
    with pytest.raises(ValueError, match="at least 4"):
        Density(BUCKET, BUCKETS, bins=3)
