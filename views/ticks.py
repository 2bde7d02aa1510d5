"""When frames are due: on the clock's own beat, so that all viewers of one refresh share each frame."""

import time
from collections.abc import Callable, Iterator

import streamlit as st

SHIFT_S, SHIFT_FRAMES = 30.0, 10
"""How long a run stays in the loop, or for how many frames where those take longer. Between two runs the page is tidied of what is no
longer drawn; its frame is redrawn then, which a board that is seldom drawn need not pay for each of its frames."""
TOUCH_S, TOUCH_SHARE = 1.0, 0.05
"""At most so long, or such a share of the refresh, between two calls into Streamlit, at which a run ends that is over: its tab is
closed, or a widget's change has started the next run beside it."""


def ticks(
    refresh_s: float,
    shift_s: float | None = None,
    *,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], object] = time.sleep,
) -> Iterator[float]:
    """The instants at which a frame is due, in seconds since the epoch: the latest one at once, then each as it comes.

    A frame that takes longer than the refresh lets ticks go by: they are skipped, not queued.
    """
    ends = time.monotonic() + (shift_s or max(SHIFT_S, SHIFT_FRAMES * refresh_s))
    due = clock() // refresh_s * refresh_s
    while True:
        yield due
        due = (clock() // refresh_s + 1) * refresh_s
        while (left := due - clock()) > 0:
            if time.monotonic() > ends:
                return
            sleep(min(left, max(TOUCH_S, TOUCH_SHARE * refresh_s)))
            _touch()  # after the wait: a run that is over must not draw once more


def _touch() -> None:
    """Let Streamlit end this run if it must: it checks whenever session state is looked at, and nothing is sent."""
    _ = "viewer" in st.session_state
