"""What a viewer picks on a panel of a board that stands still."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pick:
    """One pick; what it does not say stays as it is.

    range_us  look at this span alone: from and to, microseconds since the epoch
    where     keep only what these filters keep, too: `field:op:value`
    at_us     an instant on a time axis, to write a note beside it
    """

    range_us: tuple[int, int] | None = None
    where: tuple[str, ...] = ()
    at_us: int | None = None


Act = Callable[[Pick], None]
"""Takes a pick to the board: called as a widget's callback, before the run that shows it."""
