"""The rate is of what arrived lately, and of nothing else."""

import pytest

from state.arrivals import OVER_S, Arrivals


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def test_a_steady_feed_has_its_rate_and_a_feed_that_stops_loses_it():
    clock = Clock()
    arrivals = Arrivals(clock=clock)
    for _ in range(100):
        arrivals.update(25)
        clock.now += 0.25
    assert arrivals.rate() == pytest.approx(100, rel=0.06)
    clock.now += OVER_S
    assert arrivals.rate() == 0


def test_history_that_was_read_is_forgotten():
    clock = Clock()
    arrivals = Arrivals(clock=clock)
    arrivals.update(1_000_000)
    arrivals.clear()
    clock.now += 1
    assert arrivals.rate() == 0
