"""Whether what the panels show is true."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pytest

from tests.truth import shown
from tests.truth.oracle import RANKS, Card, Truth, figures
from views.panel import Payload

SEATS, BARS, RAW_POINTS = 8, 12, 240
SKETCHED = 0.0026
"""What a percentile may be off by, as a share."""
ROUNDED = 5.1e-4
"""What a text of four digits leaves out, as a share."""
OTHER = "other"


def slack(agg: str) -> float:
    return SKETCHED if agg in RANKS else 1e-6


def close(value: float, share: float) -> object:
    return pytest.approx(value, rel=share, abs=1e-9, nan_ok=True)


def check_panels(truth: Truth, panels: Mapping[str, Payload]) -> None:
    """All that depends on the chosen settings: what is drawn, and the newest events."""
    check_drawn(truth, panels)
    check_events(truth.newest, panels["events"])


def check_drawn(truth: Truth, panels: Mapping[str, Payload]) -> None:
    """Lines, figures, bars, histograms and raw points."""
    seated = check_lines(truth, shown.lines(panels["series"]), shown.rows(panels["series"]))
    check_cards(truth, seated, shown.cards(panels["kpi"]))
    check_bars(truth, panels["breakdown"])
    check_distribution(truth, shown.rows(panels["distribution"]))
    check_heat_map(truth, shown.rows(panels["heatmap"]))
    check_raw(truth, seated, shown.rows(panels["raw"]))


def check_lines(truth: Truth, lines: shown.Columns, rows: shown.Columns) -> Sequence[str]:
    """The series that have a line of their own are as they should be, and so is the line of all others; gives their names."""
    if truth.rows.empty:
        assert not lines
        return ()
    assert rows["t0"].tolist() == [truth.left * truth.asked.width / 1000] * truth.asked.buckets
    seated = [name for name in lines if name != OTHER]
    rest = [name for name in truth.names if name not in seated]
    assert set(seated) <= set(truth.names)
    assert len(seated) == min(SEATS, len(truth.names))
    assert (OTHER in lines) == bool(rest)
    for name, line in lines.items():
        expected = truth.course(*(rest if name == OTHER else [name]))
        expected[truth.settled :] = math.nan
        if name == OTHER and truth.asked.agg == "last":  # of several series at one instant any may be the last
            at = truth.rows[truth.rows["name"].isin(rest)].groupby("bucket")
            tied = at["v"].agg(list).where(at["at"].nunique() < at.size()).dropna()
            expected[tied.index - truth.left] = line[tied.index - truth.left]
            assert all(line[bucket - truth.left] in np.float32(values) for bucket, values in tied.items())
        np.testing.assert_allclose(line, expected, rtol=slack(truth.asked.agg), atol=1e-6, err_msg=name)
    return seated


def check_cards(truth: Truth, seated: Sequence[str], cards: Mapping[str, shown.ShownCard]) -> None:
    """Each series that has a line has a key figure."""
    assert list(cards) == list(seated)
    for name, card in cards.items():
        check_card(truth.card(truth.course(name)), card, slack(truth.asked.agg))


def check_card(expected: Card | None, card: shown.ShownCard, share: float) -> None:
    if expected is None:
        assert math.isnan(card.figure)
        return
    assert card.figure == close(expected.figure, share + ROUNDED)
    assert card.silent_s == (pytest.approx(expected.silent_s, rel=0.05) if expected.silent_s else None)
    change, scale = expected.after - expected.before, max(abs(expected.after), abs(expected.before))
    if card.silent_s is not None or math.isnan(change):
        assert card.change is None
        return
    assert card.change == pytest.approx(change, abs=1e-9 + 2 * (share + ROUNDED) * scale)
    if card.share is not None:
        off = 2 * share * scale / abs(expected.before)
        assert card.share == pytest.approx(change / abs(expected.before), abs=0.00051 + off)


def check_bars(truth: Truth, payload: Payload) -> None:
    """The largest totals, the largest first, and of how many series they are."""
    bars, totals = shown.bars(payload), truth.totals()
    share = slack(truth.asked.agg) + ROUNDED
    assert len(bars) == min(BARS, len(totals))
    for name, value in bars.items():
        assert value == close(totals[name], share), name
    largest = sorted(totals.values(), reverse=True)
    assert list(bars.values()) == [close(value, share) for value in largest[: len(bars)]]
    assert shown.told_series(payload) == (len(truth.names) if bars and len(truth.names) > len(bars) else None)


def check_distribution(truth: Truth, rows: shown.Columns) -> None:
    """Every event is in one bar, and the percentiles are marked."""
    if truth.rows.empty:
        assert not rows
        return
    bars = rows["q"] == 0
    counted = [truth.between(low, high) for low, high in zip(rows["x0"][bars], rows["x1"][bars], strict=True)]
    assert rows["n"][bars].tolist() == counted
    assert sum(counted) == len(truth.rows)
    assert rows["x0"][~bars].tolist() == [close(value, SKETCHED) for value in truth.quantiles().values()]


def check_heat_map(truth: Truth, rows: shown.Columns) -> None:
    """Every event is in one cell."""
    if truth.rows.empty:
        assert not rows
        return
    cells = rows["n"] > 0
    low, high, at = rows["y0"][cells], rows["y1"][cells], np.rint(rows["t"][cells] * 1000).astype(np.int64)
    counted = [truth.between(*cell) for cell in zip(low, high, at.tolist(), strict=True)]
    assert rows["n"][cells].tolist() == counted
    assert sum(counted) == len(truth.rows)


def check_raw(truth: Truth, seated: Sequence[str], rows: shown.Columns) -> None:
    """The newest events of the first series; where there are many, at least some of them."""
    expected = truth.raw(seated[0]) if seated else truth.rows
    if expected.empty:
        assert not rows
        return
    drawn = np.isfinite(rows["v"])
    values = rows["v"][drawn]
    if len(expected) > min(truth.asked.buckets, RAW_POINTS):
        assert set(values.astype(np.float32)) <= set(expected["v"].astype(np.float32))
        assert (values.min(), values.max()) == (close(expected["v"].min(), 1e-6), close(expected["v"].max(), 1e-6))
        return
    np.testing.assert_allclose(values, expected["v"], rtol=1e-6)
    since = (rows["t0"] + rows["ms"])[drawn] * 1000
    np.testing.assert_allclose(since, expected["at"], rtol=0, atol=600)


def check_events(newest: pd.DataFrame, payload: Payload) -> None:
    """The newest events, as they came."""
    rows = shown.events(payload)
    assert [row["time"] for row in rows] == newest["at"].tolist()
    for field in ("host", "disk"):
        assert [row.get(field, "") for row in rows] == ["" if value is None else str(value) for value in newest[field]]
    loads = [float(row.get("load") or "nan") for row in rows]
    assert loads == [close(math.nan if value is None else value, 1e-9) for value in newest["load"]]


def check_statistics(
    truth: Truth, before: pd.DataFrame | None, told: shown.Figures, held_s: float, length_s: float
) -> None:
    """All together, the series with the most events, and the rest: their figures, and how far they are from the span before."""
    rows = truth.rows
    expected = {"all series" if truth.asked.by else "all events": [None]}
    if truth.asked.by:
        sizes = rows.groupby("name", sort=False).size().sort_values(ascending=False, kind="stable")
        expected |= {name: [name] for name in sizes.index[:SEATS]}
        if len(sizes) > SEATS:
            expected[f"{len(sizes) - SEATS} more"] = list(sizes.index[SEATS:])
    assert list(told) == list(expected)
    for place, (line, names) in enumerate(expected.items()):
        now = figures(rows if place == 0 else rows[rows["name"].isin(names)], held_s)
        then = None
        if before is not None:
            rest = ~before["name"].isin(sizes.index[:SEATS]) if line.endswith(" more") else before["name"].isin(names)
            then = figures(before if place == 0 else before[rest], length_s)
        for name, (value, change) in told[line].items():
            assert value == close(now[name], 0.051 if name == "rate" else ROUNDED), (line, name)
            if then is None or math.isnan(now[name] - then[name]):
                assert change is None
            elif change is not None:
                assert change == pytest.approx((now[name] - then[name]) / abs(then[name] or math.inf), abs=0.0051)
