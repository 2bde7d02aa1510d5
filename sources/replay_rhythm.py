"""When the events of a recording are due, and which time they show: the line from its clock to ours."""

from dataclasses import dataclass

import numpy as np

from sources.fields.instants import Instants

AT_ONCE = float("inf")
"""The speed of what is read as fast as it can be."""
ODD_US = 60_000_000
"""An event so much further ahead than all that follow it in its piece does not move the play on: its clock is wrong."""
FIRST, LEAP_US = 10, 365 * 86_400 * 1_000_000
"""Of the first few events, those a year and more before the next do not say when it begins: a clock that was not set yet."""
BACKWARDS = 0.9
"""Where so many of the steps that move at all go back, the newest event stands first."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How a recording is played. Instants are microseconds since the epoch.

    from_us    the recorded instant up to which it is played at once
    opened_us  when that was
    speed      recorded seconds in one of ours, or AT_ONCE
    shifted    whether events show the time at which they are played, so that distances shrink with the speed; if played at once,
               the time at which `from_us` is now
    """

    from_us: int
    opened_us: int
    speed: float
    shifted: bool

    def due(self, at: Instants) -> Instants:
        """When to hand over what happened then.

        >>> Rhythm(from_us=100, opened_us=5_000, speed=2.0, shifted=False).due(np.array([0, 100, 140])).tolist()
        [4950, 5000, 5020]
        """
        if self.speed == AT_ONCE:
            return np.full(len(at), self.opened_us)
        return self.opened_us + ((at - self.from_us) / self.speed).astype(np.int64)

    def shown(self, at: Instants) -> Instants:
        """The times that the board shows.

        >>> Rhythm(from_us=100, opened_us=5_000, speed=2.0, shifted=True).shown(np.array([0, 100, 140])).tolist()
        [4950, 5000, 5020]
        """
        if not self.shifted:
            return at
        return at + (self.opened_us - self.from_us) if self.speed == AT_ONCE else self.due(at)

    def reached_us(self, clock_us: int) -> float:
        """The recorded instant up to which it is to be played by then."""
        return AT_ONCE if self.speed == AT_ONCE else self.from_us + (clock_us - self.opened_us) * self.speed


def pace(at: Instants, before: int | None) -> Instants:
    """(n,) how far the play has to be for each event: the running maximum of their times, so that a late event stays late.

    before  where the pace of the piece before ended

    >>> pace(np.array([10, 20, 15, 30]), None).tolist()
    [10, 20, 20, 30]
    """
    behind = np.maximum.accumulate(at[::-1])[::-1]  # (n,) the newest of each event and all that follow it
    odd = np.zeros(len(at), np.bool_)
    odd[:-1] = at[:-1] > behind[1:] + ODD_US
    steady = np.where(odd, at[~odd].min(), at) if odd.any() else at
    if before is not None:
        steady = np.maximum(steady, before)
    return np.maximum.accumulate(steady)


def beginning(at: Instants) -> int:
    """The instant at which a recording of these first events, at least one, begins.

    >>> beginning(np.array([5_000_000, 1_700_000_000_000_000, 1_700_000_001_000_000]))
    1700000000000000
    """
    first = pace(at, None)[: FIRST + 1]
    leaps = np.flatnonzero(np.diff(first) > LEAP_US)
    return int(first[leaps[-1] + 1] if len(leaps) else first[0])


def runs_backwards(at: Instants) -> bool:
    """Whether the events stand newest first, as exports often do: then there is no rhythm to play them in.

    >>> runs_backwards(np.array([30, 20, 20, 10])), runs_backwards(np.array([10, 20, 15, 30])), runs_backwards(np.array([1]))
    (True, False, False)
    """
    steps = np.diff(at)
    steps = steps[steps != 0]
    return len(steps) > 0 and float((steps < 0).mean()) >= BACKWARDS
