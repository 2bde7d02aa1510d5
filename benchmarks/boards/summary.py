"""What the peers' boards show, worked out with pandas as its user guide does."""

import numpy as np
import pandas as pd

RAW_SERIES = "checkout"
RAW_POINTS = 2_000
BINS = 40
NEWEST = 20


def per_second(events: pd.DataFrame) -> pd.DataFrame:
    """(seconds, series): the mean of each series in each second, by time."""
    means = events.groupby([events["time"].dt.floor("1s"), "series"])["value"].mean()
    return means.unstack()  # noqa: PD010 - pivot_table would group anew


def raw_points(events: pd.DataFrame) -> pd.DataFrame:
    """The newest points of one series."""
    return events[events["series"] == RAW_SERIES].tail(RAW_POINTS)


def histogram(events: pd.DataFrame) -> pd.DataFrame:
    """One row a bar: `left`, `right` and `count`."""
    counts, edges = np.histogram(events["value"], bins=BINS)
    return pd.DataFrame({"left": edges[:-1], "right": edges[1:], "count": counts})


def newest(events: pd.DataFrame) -> pd.DataFrame:
    """The newest events, the last one first."""
    return events.tail(NEWEST).iloc[::-1]
