"""When a board says that it falls behind, and when it says so no more."""

from itertools import accumulate, pairwise

import pytest

from state.pace import Pace


def pace_of(*steps: float, refresh_s: float = 1.0, pace: Pace | None = None) -> Pace:
    """The pace of frames with so many seconds from each to the next."""
    pace = pace or Pace()
    for due in accumulate(steps, initial=1000.0):
        pace.update(due, refresh_s)
    return pace


@pytest.mark.parametrize(
    ("refresh_s", "steps"),
    [
        (1.0, [1] * 20),
        (1.0, [1, 1, 1, 8, 1, 1, 1, 1]),  # a full collection, a laptop that slept
        (1.0, [1, 2, 1, 1, 2, 1, 1, 2, 1]),
        (0.1, [0.1] * 30 + [0.6] + [0.1] * 30),  # between two runs of the loop
        (1.0, [9, 9]),  # two are too few to tell
        (60.0, [60, 120, 60]),
    ],
)
def test_a_board_that_keeps_up_or_is_late_once_in_a_while_says_nothing(refresh_s, steps):
    pace = Pace()
    for due in accumulate(steps, initial=0.0):
        pace.update(due, refresh_s)
        assert not pace.behind


@pytest.mark.parametrize(
    ("refresh_s", "steps", "every_s"),
    [(1.0, [2] * 6, 2.0), (0.1, [0.5] * 20, 0.5), (5.0, [20] * 4, 20.0), (1.0, [1, 2, 2, 1, 2, 2], 1.5)],
)
def test_a_board_whose_frames_come_late_says_how_often_they_come(refresh_s, steps, every_s):
    pace = pace_of(*steps, refresh_s=refresh_s)
    assert pace.behind
    assert pace.every_s == pytest.approx(every_s)


def test_one_that_keeps_up_again_says_so_no_more_and_does_not_flicker():
    pace = pace_of(*[2] * 6)
    said = []
    for due in accumulate([1, 2, 1, 2, 1, 1, 1, 1, 1, 1, 1, 1], initial=1012.0):
        pace.update(due, 1.0)
        said.append(pace.behind)
    assert said[0]
    assert not said[-1]
    assert sum(one != other for one, other in pairwise(said)) == 1


def test_a_page_that_is_laid_out_again_and_again_is_not_behind_for_that():
    pace = Pace()
    for due in range(0, 60, 3):  # a feed whose fields are still being found
        pace.rest()
        pace.update(due, 1.0)
        pace.update(due + 1, 1.0)
        assert not pace.behind


def test_another_refresh_begins_anew():
    pace = pace_of(*[2] * 6)
    pace.update(1013.0, 5.0)
    assert not pace.behind
