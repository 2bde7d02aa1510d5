"""The standard board as Bokeh's documentation writes a live one: a periodic callback streams what is new into the sources.

Bokeh runs this for each session; what the sessions share is in a module.
"""

import pandas as pd
from bokeh.io import curdoc
from bokeh.layouts import column
from bokeh.models import ColumnDataSource
from bokeh.models.widgets import DataTable, DateFormatter, Div, NumberFormatter, StringFormatter, TableColumn
from bokeh.palettes import Category10
from bokeh.plotting import figure

from benchmarks.boards import held, summary
from benchmarks.boards.feed import HELD, RATE, SERIES

COLUMNS = ("time", "series", "value")


def metrics_text(seconds: pd.DataFrame) -> str:
    """The newest value of each series and its change."""
    cards = (
        f"<div><h5>{name}</h5><h2>{last:.1f}</h2>{last - first:+.1f}</div>"
        for name, last, first in zip(SERIES, seconds[list(SERIES)].iloc[-1], seconds[list(SERIES)].iloc[0], strict=True)
    )
    return f'<div style="display: flex; gap: 2rem">{"".join(cards)}</div>'


events = held.latest()
metrics = Div()
lines = ColumnDataSource(summary.per_second(events).iloc[:-1])
points = ColumnDataSource(summary.raw_points(events)[["time", "value"]])
bars = ColumnDataSource(summary.histogram(events))
newest = ColumnDataSource(summary.newest(events)[list(COLUMNS)], name="newest")


def update() -> None:
    """What is new: whole seconds and raw points are appended, the rest is replaced."""
    global events  # noqa: PLW0603 - of this session
    last_s, last_point = pd.Timestamp(lines.data["time"][-1]), events["time"].iloc[-1]
    events = held.latest()
    open_s = events["time"].iloc[-1].floor("1s")

    seconds = summary.per_second(events[events["time"].between(last_s + pd.Timedelta("1s"), open_s, inclusive="left")])
    if len(seconds):
        lines.stream(seconds, rollover=HELD // RATE)
    points.stream(
        summary.raw_points(events[events["time"] > last_point])[["time", "value"]], rollover=summary.RAW_POINTS
    )
    bars.data = ColumnDataSource.from_df(summary.histogram(events))
    metrics.text = metrics_text(lines.to_df().set_index("time"))
    newest.data = ColumnDataSource.from_df(summary.newest(events)[list(COLUMNS)])


line_chart = figure(x_axis_type="datetime", height=300, sizing_mode="stretch_width")
for name, color in zip(SERIES, Category10[len(SERIES)], strict=True):
    line_chart.line("time", name, source=lines, color=color, legend_label=name)
point_chart = figure(x_axis_type="datetime", height=300, sizing_mode="stretch_width", output_backend="webgl")
point_chart.scatter("time", "value", source=points, size=3)
bar_chart = figure(height=300, sizing_mode="stretch_width")
bar_chart.quad(left="left", right="right", top="count", bottom=0, source=bars)
formats = {"time": DateFormatter(format="%T.%3N"), "series": StringFormatter(), "value": NumberFormatter(format="0.00")}
table = DataTable(
    source=newest, columns=[TableColumn(field=name, title=name, formatter=each) for name, each in formats.items()]
)

curdoc().add_root(column(metrics, line_chart, point_chart, bar_chart, table, sizing_mode="stretch_width"))
curdoc().add_periodic_callback(update, 1_000)
