"""The ends of the scripts: the numbers as a chart of Altair."""

from collections.abc import Callable

from state.frame import Frame
from views.breakdown import BARS
from views.exports.script_values import aggregate
from views.measured import quantity, single, total
from views.palette import NEUTRAL, SLOT_COLORS, slot_color
from views.panel import FILLING, settled


def _series(frame: Frame) -> list[str]:
    colors = [SLOT_COLORS[slot] for slot, name in enumerate(frame.slots) if name is not None]
    colors += [NEUTRAL] if frame.others else []
    kept = settled(frame)
    fills = [f"filled = table.iloc[:{kept}]  # what still fills is left out"] if kept < len(frame.values) else []
    return [
        *fills,
        f"long = {'filled' if fills else 'table'}.melt(ignore_index=False, var_name='series').reset_index(names='time').dropna()  # lines pass over gaps",
        "chart = alt.Chart(long, width=900, height=320).mark_line().encode(",
        "    x=alt.X('time:T').title(None),",
        f"    y=alt.Y('value:Q').title({quantity(frame.choice)!r}).scale(zero={frame.choice.agg in FILLING}),",
        f"    color=alt.Color('series:N').title(None).scale(domain=shown, range={colors!r}),",
        "    tooltip=[alt.Tooltip('time:T', format='%H:%M:%S.%L'), 'series:N', 'value:Q'],",
        ")",
    ]


def _breakdown(frame: Frame) -> list[str]:
    choice = frame.choice
    names = [name for name in frame.slots if name is not None]
    if choice.agg == "rate":
        totals = ["totals = table.mean()"]
    else:
        totals = ["grouped = rows.groupby('series')", f"totals = {aggregate(choice)}"]
    return [
        *totals,
        f"bars = totals.rename('value').rename_axis('series').reset_index().nlargest({BARS}, 'value')",
        f"colors = {dict(zip(names, (slot_color(name, frame.slots) for name in names), strict=True))!r}",
        f"bars['color'] = [colors.get(name, {NEUTRAL!r}) for name in bars['series']]",
        "chart = alt.Chart(bars, width=560).mark_bar().encode(",
        f"    x=alt.X('value:Q').title({total(choice)!r}),",
        "    y=alt.Y('series:N').title(None).sort(None),",
        "    color=alt.Color('color:N').scale(None),",
        "    tooltip=['series:N', 'value:Q'],",
        ")",
    ]


def _raw(frame: Frame) -> list[str]:
    return [
        f"points = rows[rows['series'] == {frame.raw_series!r}].tail(2000)  # the board thins them out by what the eye sees",
        "chart = alt.Chart(points[['time', 'value']], width=900, height=260).mark_line(point=True, strokeWidth=1).encode(",
        "    x=alt.X('time:T').title(None),",
        f"    y=alt.Y('value:Q').title({single(frame.choice)!r}).scale(zero=False),",
        "    tooltip=[alt.Tooltip('time:T', format='%H:%M:%S.%L'), 'value:Q'],",
        ")",
    ]


def _distribution(frame: Frame) -> list[str]:
    return [
        "counts, edges = np.histogram(rows['value'], bins=40)",
        "bars = pd.DataFrame({'from': edges[:-1], 'to': edges[1:], 'events': counts})",
        "table = rows['value'].quantile([0.5, 0.95, 0.99])",
        "chart = alt.Chart(bars, width=560, height=260).mark_rect().encode(",
        f"    x=alt.X('from:Q').title({single(frame.choice)!r}).scale(zero=False),",
        "    x2='to',",
        "    y=alt.Y('events:Q').scale(zero=True),",
        "    tooltip=['from:Q', 'to:Q', 'events:Q'],",
        ")",
        "rules = alt.Chart(pd.DataFrame({'at': table})).mark_rule(strokeDash=[4, 3]).encode(x='at:Q')",
        "chart = chart + rules",
    ]


def _heatmap(frame: Frame) -> list[str]:
    return [
        "seconds = (rows['time'] - start).dt.total_seconds()",
        "whole = len(buckets) * buckets.freq / pd.Timedelta('1s')",
        "ends = np.histogram_bin_edges(rows['value'], bins=24)",
        "counts, ticks, _ = np.histogram2d(seconds, rows['value'], bins=[np.linspace(0, whole, 61), ends])",
        "column, line = counts.nonzero()",
        "cells = pd.DataFrame(",
        "    {",
        "        'from': start + pd.to_timedelta(ticks[column], unit='s'),",
        "        'to': start + pd.to_timedelta(ticks[column + 1], unit='s'),",
        "        'low': ends[line],",
        "        'high': ends[line + 1],",
        "        'events': counts[column, line],",
        "    }",
        ")",
        "chart = alt.Chart(cells, width=560, height=260).mark_rect().encode(",
        "    x=alt.X('from:T').title(None),",
        "    x2='to',",
        f"    y=alt.Y('low:Q').title({single(frame.choice)!r}).scale(zero=False),",
        "    y2='high',",
        "    color=alt.Color('events:Q').scale(type='sqrt'),",
        "    tooltip=['from:T', 'low:Q', 'high:Q', 'events:Q'],",
        ")",
    ]


CHARTS: dict[str, Callable[[Frame], list[str]]] = {
    "series": _series,
    "raw": _raw,
    "distribution": _distribution,
    "heatmap": _heatmap,
    "breakdown": _breakdown,
}
"""By the panel's name."""
