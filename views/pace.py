"""Why a board is drawn less often than it should be, in words."""

from collections.abc import Callable

from state.frame import Health
from state.pace import Pace
from views.numbers import duration

LONG = 0.5
"""A frame that takes this share of the refresh to compute is the reason by itself."""


def pace_words(pace: Pace, viewers: Callable[[], int], health: Health) -> str:
    """As Markdown; nothing while it keeps up. `viewers` counts those of this process, which takes a while.

    >>> pace = Pace()
    >>> for due in (0, 2, 4, 6):
    ...     pace.update(due, refresh_s=1)
    >>> pace_words(pace, lambda: 1, Health(frame_ms=1400))
    ':orange-badge[:material/hourglass_top: every 2 s instead of 1 s: a frame takes 1.4 s]'
    >>> pace_words(pace, lambda: 2, Health(frame_ms=80))
    ':orange-badge[:material/hourglass_top: every 2 s instead of 1 s: 2 viewers]'
    >>> pace_words(Pace(), lambda: 2, Health())
    ''
    """
    if not pace.behind:
        return ""
    frame_s = health.frame_ms / 1000
    if frame_s >= LONG * pace.refresh_s:
        why = f"a frame takes {duration(frame_s)}"
    else:
        count = viewers()
        why = f"{count} viewers" if count > 1 else "the server is busy"
    steps = f"every {duration(pace.every_s)} instead of {duration(pace.refresh_s)}"
    return f":orange-badge[:material/hourglass_top: {steps}: {why}]"
