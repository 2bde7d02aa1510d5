"""What a feed has lost, or may have, while it ran."""

from collections.abc import Sequence
from dataclasses import replace

from sources.batch import Gap
from state.choice import MICROSECONDS
from state.drift import Drift

TOGETHER_US = 60_000_000
"""Gaps of one reason that are so near to each other are one entry."""
MOST_ENTRIES = 50


class Gaps:
    """The gaps of one feed. `log` is replaced as a whole, so any thread may read it.

    >>> gaps = Gaps()
    >>> gaps.update([Gap(0, 2_000_000, 5, "too fast"), Gap(2_000_000, 3_000_000, 1, "too fast")])
    >>> gaps.log, gaps.lost, gaps.seconds
    ((Gap(from_us=0, until_us=3000000, lost=6, why='too fast'),), 6, 0.0)
    """

    def __init__(self) -> None:
        self.log: tuple[Gap, ...] = ()
        """Oldest first; the newest of many."""
        self.lost = 0
        """Events known to be lost."""
        self.seconds = 0.0
        """How long nobody can know what was sent."""

    def update(self, gaps: Sequence[Gap]) -> None:
        """Take note of gaps, oldest first."""
        for gap in gaps:
            self.lost += gap.lost or 0
            if gap.lost is None:
                self.seconds += (gap.until_us - gap.from_us) / MICROSECONDS
            last = self.log[-1] if self.log else None
            if last is not None and _belong_together(last, gap):
                lost = None if gap.lost is None or last.lost is None else last.lost + gap.lost
                self.log = (*self.log[:-1], replace(last, until_us=max(last.until_us, gap.until_us), lost=lost))
            else:
                self.log = (*self.log, gap)[-MOST_ENTRIES:]

    def drifts(self, behind_s: float) -> tuple[Drift, ...]:
        """The same as changes of the feed; event time runs so far behind the clock."""
        shift = int(behind_s * MICROSECONDS)
        return tuple(Drift(gap.from_us - shift, "", "interrupted", _words(gap)) for gap in self.log)


def _belong_together(last: Gap, gap: Gap) -> bool:
    same = (last.why, last.lost is None) == (gap.why, gap.lost is None)
    return same and gap.from_us - last.until_us <= TOGETHER_US


def _words(gap: Gap) -> str:
    seconds = max(0.1, (gap.until_us - gap.from_us) / MICROSECONDS)
    if gap.lost is None:
        return f"{gap.why}; what was sent in {seconds:,.1f} s may be lost"
    return f"{gap.why}; {gap.lost:,} event{'' if gap.lost == 1 else 's'} lost"
