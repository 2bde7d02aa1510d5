"""The standard board as Dash's documentation writes a live one: an Interval, one callback, partial updates of the figures."""

from typing import Any

import dash_ag_grid as dag
import plotly.graph_objects as go
from dash import Dash, Input, Output, Patch, callback, dcc, html

from benchmarks.boards import held, summary
from benchmarks.boards.feed import SERIES

app = Dash(__name__)
server = app.server
app.layout = html.Div(
    [
        html.Div(id="metrics", style={"display": "flex", "gap": "2rem"}),
        dcc.Graph(id="lines", figure=go.Figure([go.Scatter(name=name, mode="lines") for name in SERIES])),
        dcc.Graph(id="points", figure=go.Figure([go.Scattergl(mode="markers")])),
        dcc.Graph(id="bars", figure=go.Figure([go.Bar()])),
        dag.AgGrid(id="table", columnDefs=[{"field": name} for name in ("time", "series", "value")]),
        dcc.Interval(id="interval", interval=1_000),
    ]
)


@callback(
    Output("metrics", "children"),
    Output("lines", "figure"),
    Output("points", "figure"),
    Output("bars", "figure"),
    Output("table", "rowData"),
    Input("interval", "n_intervals"),
)
def update(_: int | None) -> tuple[Any, ...]:
    """What changed on all panels."""
    events = held.latest()
    seconds, raw, histogram = summary.per_second(events), summary.raw_points(events), summary.histogram(events)

    metrics = [
        html.Div([html.H5(name), html.H2(f"{last:.1f}"), html.P(f"{last - first:+.1f}")])
        for name, last, first in zip(SERIES, seconds[list(SERIES)].iloc[-1], seconds[list(SERIES)].iloc[0], strict=True)
    ]
    lines, points, bars = Patch(), Patch(), Patch()
    for place, name in enumerate(SERIES):
        lines["data"][place]["x"], lines["data"][place]["y"] = seconds.index, seconds[name]
    points["data"][0]["x"], points["data"][0]["y"] = raw["time"], raw["value"]
    bars["data"][0]["x"] = (histogram["left"] + histogram["right"]) / 2
    bars["data"][0]["y"] = histogram["count"]
    return metrics, lines, points, bars, summary.newest(events).to_dict("records")
