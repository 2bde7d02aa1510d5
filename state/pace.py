"""Whether a board's frames come as often as they are due."""

from collections import deque
from statistics import median_low

SPAN_S, SPAN_STEPS = 5.0, 4
"""Told by the newest frames over so long, or over so many refreshes where that is longer: one slow frame is no news."""
LEAST_STEPS = 3
SLOW, STEADY = 1.5, 1.1
"""A board falls behind at so many refreshes a frame, and keeps up again below so many: between the two it stays what it was."""
FINENESS = 2
"""The interval is told in such parts of the refresh, so that it stands still."""


class Pace:
    """The pace of one viewer's frames: `update` with the instant at which each was due, ticks in between having been skipped.

    >>> pace = Pace()
    >>> for due in (0, 1, 3, 5, 7, 9):
    ...     pace.update(due, refresh_s=1)
    >>> pace.behind, pace.every_s
    (True, 2.0)
    """

    def __init__(self) -> None:
        self.refresh_s = 0.0
        self.behind = False
        """Whether it falls behind."""
        self._due: float | None = None
        self._steps: deque[int] = deque()

    @property
    def every_s(self) -> float:
        """How often frames come while it falls behind, in seconds."""
        return max(SLOW, round(self._mean * FINENESS) / FINENESS) * self.refresh_s

    def rest(self) -> None:
        """The page is laid out anew: the time until the next frame is no frame's fault."""
        self._due = None

    def update(self, due: float, refresh_s: float) -> None:
        """A frame was drawn that was due then, in seconds; another refresh than before begins anew."""
        if refresh_s != self.refresh_s:
            self.refresh_s, self.behind, self._due = refresh_s, False, None
            self._steps.clear()
        if self._due is not None:
            self._steps.append(max(1, round((due - self._due) / refresh_s)))
        self._due = due
        span = max(SPAN_STEPS, SPAN_S / refresh_s)
        while len(self._steps) > LEAST_STEPS and sum(self._steps) - self._steps[0] >= span:
            self._steps.popleft()
        if len(self._steps) >= LEAST_STEPS and sum(self._steps) >= span:
            # More than half of the frames came late: a pause, or the time between two runs of the loop, is one of many.
            late = self._mean >= SLOW and median_low(self._steps) > 1
            self.behind = late or (self.behind and self._mean > STEADY)

    @property
    def _mean(self) -> float:
        return sum(self._steps) / max(1, len(self._steps))
