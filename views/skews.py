"""Clocks that are off, in words."""

from collections.abc import Sequence

from state.skew import Skew
from views.numbers import duration

_NAME_CHARS = 40
_STEPS = ((600, 60), (60, 10))
"""From so many seconds on they are told in steps of so many: a figure that jumps to and fro is no news."""


def by_words(seconds: float) -> str:
    """By how much, without its sign.

    >>> by_words(-10_803.2), by_words(318), by_words(7.4)
    ('3 h', '5 min 20 s', '7 s')
    """
    step = next((step for least, step in _STEPS if abs(seconds) >= least), 1)
    return duration(round(abs(seconds) / step) * step)


def short_words(skew: Skew) -> str:
    """As few words as say it.

    >>> short_words(Skew(10_800)), short_words(Skew(-300, "host", "db-1", part=True)), short_words(Skew(60, part=True))
    ('clock 3 h ahead', 'db-1: clock 5 min behind', 'a clock 1 min ahead')
    """
    name = skew.name if len(skew.name) <= _NAME_CHARS else f"{skew.name[: _NAME_CHARS - 1]}…"
    whose = f"{name}: clock" if skew.field else "a clock" if skew.part else "clock"
    return f"{whose} {by_words(skew.ahead_s)} {'ahead' if skew.ahead_s > 0 else 'behind'}"


def sentences(skews: Sequence[Skew]) -> str:
    """What is off, and what follows from it.

    >>> sentences([Skew(10_800)])
    "The producer's clock is 3 h ahead."
    >>> sentences([Skew(10_800, "host", "db-1", part=True)])
    'The clock of host db-1 is 3 h ahead: its events are beyond the right edge of the charts.'
    >>> sentences([Skew(-300, "host", "db-1", part=True), Skew(60, part=True)])
    "The clock of host db-1 is 5 min behind, or its events are held up. A producer's clock is 1 min ahead: its events are beyond the right edge of the charts."
    """
    return " ".join(map(_sentence, skews))


def _sentence(skew: Skew) -> str:
    by = by_words(skew.ahead_s)
    whose = (
        f"The clock of {skew.field} {skew.name}" if skew.field else f"{'A' if skew.part else 'The'} producer's clock"
    )
    if skew.ahead_s < 0:
        return f"{whose} is {by} behind, or its events are held up."
    beyond = ": its events are beyond the right edge of the charts" if skew.part else ""
    return f"{whose} is {by} ahead{beyond}."
