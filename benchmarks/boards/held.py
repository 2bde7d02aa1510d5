"""The events that a process holds for all its visitors: what Dash's and Bokeh's documentation advise for shared data."""

import threading

import pandas as pd

from benchmarks.boards.feed import HELD, SERIES, Feed

_feed = Feed()
_lock = threading.Lock()
_types = {"time": "datetime64[ms]", "series": pd.CategoricalDtype(SERIES), "value": "float64"}
_events = pd.DataFrame(columns=list(_types)).astype(_types)


def latest() -> pd.DataFrame:
    """The newest HELD events, oldest first: `time` (UTC), `series` and `value`."""
    global _events  # noqa: PLW0603 - one table a process is the point
    with _lock:
        new = pd.DataFrame(_feed.poll(), columns=list(_types))
        new["time"] = pd.to_datetime(new["time"], unit="s")
        _events = pd.concat([_events, new.astype(_types)], ignore_index=True).iloc[-HELD:]
        return _events
