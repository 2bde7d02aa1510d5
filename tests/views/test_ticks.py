"""When frames are due, on a clock that the test moves."""

import itertools
from collections.abc import Iterator

import pytest

from views.ticks import ticks


class Clock:
    """Moves by what is slept, and by what the test says a frame takes."""

    def __init__(self, now: float) -> None:
        self.now = now
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    monkeypatch.setattr("views.ticks._touch", lambda: None)
    return Clock(100.25)


def dues(clock: Clock, refresh_s: float, frames_s: list[float]) -> list[float]:
    """The instants at which frames are due that take so long each."""
    found = []
    beat = ticks(refresh_s, clock=clock, sleep=clock.sleep)
    for took_s in frames_s:
        found.append(next(beat))
        clock.now += took_s
    return found


def test_frames_are_due_on_the_clocks_own_beat(clock: Clock) -> None:
    assert dues(clock, 0.5, [0.01] * 4) == [100.0, 100.5, 101.0, 101.5]


def test_a_frame_that_takes_longer_lets_ticks_go_by_and_the_next_is_due_now_not_then(clock: Clock) -> None:
    #   100    101    102    103    104    105    106
    #    ├──────┼──────┼──────┼──────┼──────┼──────┤
    #     ▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒    ░      ░      ░
    assert dues(clock, 1.0, [2.4, 0.1, 0.1, 0.1]) == [100.0, 103.0, 104.0, 105.0]


def test_frames_that_always_take_longer_never_fall_further_behind(clock: Clock) -> None:
    due = dues(clock, 1.0, [1.3] * 50)
    assert {later - earlier for earlier, later in itertools.pairwise(due)} == {2.0}
    assert clock.now - due[-1] == pytest.approx(1.3)


def test_no_wait_is_longer_than_a_run_may_go_without_being_asked_to_end(clock: Clock) -> None:
    dues(clock, 10.0, [0.1] * 3)
    assert max(clock.slept) <= 1.0
    dues(clock, 60.0, [0.1] * 3)
    assert max(clock.slept) <= 3.0
