"""The events that a process holds for all its visitors: what Dash's and Bokeh's documentation advise for shared data."""

import threading

import pandas as pd

from benchmarks.boards.feed import HELD, Feed

_feed = Feed()
_lock = threading.Lock()
_events = pd.DataFrame(
    {"time": pd.Series(dtype="datetime64[ms]"), "series": pd.Series(dtype="str"), "value": pd.Series(dtype="float")}
)


def latest() -> pd.DataFrame:
    """The newest HELD events, oldest first: `time` (UTC, in milliseconds), `series` and `value`."""
    global _events  # noqa: PLW0603 - one table a process is the point
    with _lock:
        new = pd.DataFrame(_feed.poll(), columns=_events.columns)
        new["time"] = pd.to_datetime(new["time"], unit="s").dt.as_unit("ms")
        _events = pd.concat([_events, new], ignore_index=True).tail(HELD)
        return _events
