"""How far back a board looks that nobody told."""

import numpy as np
import pytest

from state.span import LADDER, usual_window

SECOND, DAY = 1_000_000, 86_400_000_000


def every(step_us: int, events: int, series: int = 1) -> str:
    """The window of so many events of each of several series, which take turns."""
    at = np.arange(events * series) * (step_us // series)
    return usual_window(at, np.arange(events * series) % series)


@pytest.mark.parametrize(
    ("step_us", "events", "window"),
    [
        (SECOND // 100, 1000, "5m"),
        (15 * SECOND, 100, "5m"),
        (60 * SECOND, 100, "1h"),
        (3600 * SECOND, 100, "1d"),
        (DAY, 100, "30d"),
        (30 * DAY, 100, "1095d"),
        (365 * DAY, 100, "7300d"),
        (30 * DAY, 5, "365d"),  # all there is
    ],
)
def test_a_usual_series_shows_a_course(step_us: int, events: int, window: str) -> None:
    assert every(step_us, events) == window
    assert every(step_us, events, series=10) == window


def test_the_order_in_which_events_come_does_not_matter() -> None:
    rng = np.random.default_rng(3)
    at, series = np.arange(500) * 60 * SECOND, np.arange(500) % 5
    order = rng.permutation(500)
    assert usual_window(at[order], series[order]) == usual_window(at, series)


@pytest.mark.parametrize("at", [[], [7], [7, 7, 7]])
def test_without_a_distance_it_is_the_shortest(at: list[int]) -> None:
    assert usual_window(np.array(at, np.int64), np.zeros(len(at), np.int64)) == LADDER[0]


def test_an_odd_gap_does_not_move_it() -> None:
    at = np.concatenate([np.arange(100) * SECOND, [400 * DAY]])
    assert usual_window(at, np.zeros(101, np.int64)) == "5m"
