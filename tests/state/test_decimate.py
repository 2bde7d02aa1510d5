import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.decimate import decimate, gap_breaks, slice_starts

TIMES = st.lists(st.integers(0, 300) | st.integers(0, 10**15), max_size=120).map(sorted)
NANS = st.floats(-10, 10) | st.just(np.nan)


@st.composite
def lines(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    times = draw(TIMES)
    values = draw(st.lists(NANS, min_size=len(times), max_size=len(times)))
    return np.array(times, np.int64), np.array(values, np.float64)


@given(lines(), st.integers(2, 60))
def test_at_most_so_many_positions_sorted_with_the_first_and_the_last(line: tuple, points: int) -> None:
    time, value = line
    kept = decimate(time, value, points)
    assert len(kept) == len(time) if len(time) <= points else len(kept) <= points
    assert (np.diff(kept) > 0).all()
    if len(time):
        assert (kept[0], kept[-1]) == (0, len(time) - 1)


@given(lines(), st.integers(2, 60))
def test_the_extremes_of_every_time_slice_are_kept(line: tuple, points: int) -> None:
    time, value = line
    if len(time) <= points:
        return
    kept = decimate(time, value, points)
    gaps = min(len(gap_breaks(time)), points // 8)
    slices = (points - 2 - 2 * gaps) // 2
    assert slices >= (points * 3 // 4 - 3) // 2
    for number in range(slices):
        width = (time[-1] - time[0]) // slices + 1
        inside = (time - time[0]) // width == number
        mine = value[inside & ~np.isnan(value)]
        if len(mine):
            drawn = value[kept[inside[kept]]]
            assert np.nanmin(drawn) == mine.min()
            assert np.nanmax(drawn) == mine.max()


def test_both_sides_of_the_widest_gaps_are_kept() -> None:
    time = np.concatenate([np.arange(100), np.arange(150, 250), np.arange(900, 1000)])
    kept = decimate(time, np.zeros(300), 40)
    assert {99, 100, 199, 200} <= set(kept.tolist())


def test_a_single_spike_among_a_million_survives() -> None:
    value = np.zeros(1_000_000)
    value[654_321] = 1.0
    assert 654_321 in decimate(np.arange(1_000_000), value, 100)


@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_few_events_are_all_kept(count: int) -> None:
    assert decimate(np.arange(count), np.zeros(count), 50).tolist() == list(range(count))


def test_events_of_one_instant_come_to_their_extremes() -> None:
    kept = decimate(np.full(100, 7), np.array([*range(50, 100), *range(50)], np.float64), 8)
    assert kept.tolist() == [0, 49, 50, 99]


def test_values_that_are_all_nan_leave_the_ends() -> None:
    assert decimate(np.arange(100), np.full(100, np.nan), 10).tolist() == [0, 99]


def test_fewer_than_two_points_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 2"):
        decimate(np.arange(3), np.zeros(3), 1)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_events_have_no_gap(count: int) -> None:
    assert gap_breaks(np.arange(count) * 1000).tolist() == []


def test_events_of_one_instant_have_no_gap() -> None:
    assert gap_breaks(np.full(10, 5)).tolist() == []


def test_a_silence_breaks_the_line_where_it_ends() -> None:
    """One event a second, a jitter, ten seconds of silence.

    .   x  x  x   x  x          x  x  x
    """
    assert gap_breaks(np.array([0, 10, 20, 31, 40, 140, 150, 160])).tolist() == [5]


def test_random_arrivals_are_hardly_ever_a_silence() -> None:
    rng = np.random.default_rng(7)
    time = np.cumsum(rng.exponential(1000, 20_000)).astype(np.int64)
    assert len(gap_breaks(time)) <= 10


def test_slices_are_of_equal_time_and_the_empty_ones_are_left_out() -> None:
    assert slice_starts(np.array([0, 1, 2, 30, 99]), 10).tolist() == [0, 3, 4]
