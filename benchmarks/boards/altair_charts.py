"""The three charts of the Streamlit peers."""

import altair as alt
import pandas as pd


def lines(seconds: pd.DataFrame) -> alt.Chart:
    """The series, from `summary.per_second`."""
    rows = seconds.reset_index().melt("time", var_name="series", value_name="value")
    chart: alt.Chart = alt.Chart(rows).mark_line().encode(x="time:T", y="value:Q", color="series:N")
    return chart


def points(raw: pd.DataFrame) -> alt.Chart:
    """One series as it came, from `summary.raw_points`."""
    chart: alt.Chart = alt.Chart(raw[["time", "value"]]).mark_circle(size=12).encode(x="time:T", y="value:Q")
    return chart


def bars(histogram: pd.DataFrame) -> alt.Chart:
    """How often each value occurred, from `summary.histogram`."""
    value = alt.X("left:Q").bin("binned").title("value")
    chart: alt.Chart = alt.Chart(histogram).mark_bar().encode(x=value, x2="right", y="count:Q")
    return chart
