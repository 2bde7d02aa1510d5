"""The numbers on the page, live and paused, are those that plain pandas finds in the file that is replayed."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import pytest

from tests.browser import standing
from tests.browser.board_page import FULL_PANELS, BoardPage
from tests.browser.conftest import OpenBoard
from tests.browser.sent_charts import SentCharts
from tests.truth import shown
from tests.truth.agree import (
    check_bars,
    check_cards,
    check_distribution,
    check_drawn,
    check_heat_map,
    check_lines,
    check_raw,
    check_statistics,
    close,
)
from tests.truth.oracle import SECOND, Asked, Truth
from views.panel import Html

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

START_US = 1_777_636_800 * SECOND
MINUTES = 14
PATIENCE_S = 60
PANELS = ("kpi", "series", "raw", "distribution", "heatmap", "breakdown", "events", "health")
STILL = "() => document.querySelector('.st-key-panel-health')?.innerText.match(/ended[^]*arriving\\s+0\\/s/)"
BOARDS = [
    Asked("load", "host", "mean", (), 300, 1),
    Asked("load", "host", "p95", (("size", "lt", "5"),), 300, 1),
    Asked("load", "zone", "rate", (("host", "ne", "host-01"),), 60, 0.2),
    Asked("load", "host", "sum", (("zone", "in", "north,south"), ("load", "ge", "20.5")), 600, 2),
    Asked("load", "zone", "last", (("host", "contains", "-0"),), 120, 0.5),
    Asked("size", "host", "count", (), 840, 5),
]


@pytest.fixture(scope="module")
def events() -> pd.DataFrame:
    """Eleven hosts over a quarter of an hour: out of order, some very late, some twice, some without a number, one long silence."""
    rng = np.random.default_rng(22)
    count = 6_000
    at = np.sort(rng.integers(0, MINUTES * 60_000, count))
    at = at[(at < 500_000) | (at > 545_000)]
    late = np.where(rng.random(len(at)) < 0.2, rng.exponential(4_000, len(at)), 0) + np.where(
        rng.random(len(at)) < 0.01, 90_000, 0
    )
    at = np.maximum(at - late.astype(np.int64), 0)
    busy = np.minimum(rng.exponential(2.5, len(at)).astype(int), 10)
    load = np.round(rng.gamma(4, 12, len(at)) + busy, 2)
    found = pd.DataFrame(
        {
            "at": START_US + at * 1000,
            "look": 0,
            "host": [f"host-{number:02}" for number in busy],
            "zone": rng.choice(["north", "south", None], len(at), p=[0.6, 0.3, 0.1]),
            "load": np.where(rng.random(len(at)) < 0.03, np.nan, load),
            "size": rng.integers(0, 10, len(at)),
        }
    )
    twice = found.iloc[np.sort(np.append(np.arange(len(found)), rng.integers(0, len(found), 200)))]
    return twice.reset_index(drop=True)


@pytest.fixture(scope="module")
def recording(events: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The events as a file, in the order of their arrival."""
    path = tmp_path_factory.mktemp("truth") / "loads.csv"
    table = events.drop(columns=["at", "look"])
    table.insert(0, "time", pd.to_datetime(events["at"], unit="us", utc=True).dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
    table.to_csv(path, index=False)
    return path


def link(asked: Asked, recording: Path) -> str:
    query: Mapping[str, object] = {
        "source": "replay",
        "path": str(recording),
        "speed": "max",
        "value": asked.value,
        "by": asked.by,
        "agg": asked.agg,
        "where": [":".join(each) for each in asked.where],
        "window": f"{asked.window_s}s",
        "views": ",".join(PANELS),
    }
    return urlencode(query, doseq=True)


@pytest.mark.parametrize("asked", BOARDS, ids=lambda asked: f"{asked.agg}-by-{asked.by}")
def test_the_numbers_on_the_page_are_those_of_the_file(
    asked: Asked, recording: Path, events: pd.DataFrame, open_board: OpenBoard, tmp_path: Path
) -> None:
    board = open_board(
        "source=kafka", timezone_id="UTC"
    )  # which waits for a topic: the page is there, and nothing moves
    sent = SentCharts(board.page)
    board.page.goto(board.page.url.split("?")[0] + "?" + link(asked, recording))
    board.wait(STILL, timeout_s=PATIENCE_S)
    board.wait(FULL_PANELS, list(PANELS), PATIENCE_S)
    board.wait_for_frames(3, PATIENCE_S)  # panels that rest between frames have followed, too

    truth = Truth(asked, events, [int(events["at"].max())], fills=False)
    panels = {**sent.newest, **{name: text_of(board, name) for name in ("kpi", "breakdown")}}
    check_drawn(truth, panels)
    check_table(truth, board)
    tiles = shown.tiles(text_of(board, "health"))
    counted = {"read so far": len(events), "malformed": 0, "without time": 0, "late": 0, "missed": 0}
    assert {name: shown.number(tiles[name]) for name in counted} == counted
    assert board.pulse().events == len(events)

    # It stands still, a little before its end.
    at_us = int(events["at"].max()) - 20 * SECOND
    instant = pd.Timestamp(at_us, unit="us").isoformat(timespec="milliseconds") + "Z"
    board.page.goto(
        board.page.url.split("?")[0] + "?" + link(asked, recording) + "&" + urlencode({"mode": "paused", "at": instant})
    )
    board.page.locator(".st-key-statistics .pb-stats").wait_for(timeout=1000 * PATIENCE_S)
    board.wait(standing.AT_REST, timeout_s=PATIENCE_S)
    board.wait_until_tidy()
    check_standing(asked, events, at_us // 1000 * 1000, board, tmp_path)


def check_standing(asked: Asked, events: pd.DataFrame, at_us: int, board: BoardPage, folder: Path) -> None:
    """Of a paused board: its figures, its statistics, and the rows of its charts as it gives them away."""
    truth = Truth(asked, events[events["at"] <= at_us], [at_us])
    rows = {
        name: columns(standing.rows(standing.spec(board, name, folder)))
        for name in ("series", "distribution", "heatmap", "raw")
    }
    names = shown.legend(standing.spec(board, "series", folder))
    lines = {name: rows["series"].get(slot, np.full(asked.buckets, np.nan)) for slot, name in names.items()}
    seated = check_lines(truth, lines, rows["series"])
    check_cards(truth, seated, shown.cards(text_of(board, "kpi")))
    check_bars(truth, text_of(board, "breakdown"))
    check_distribution(truth, rows["distribution"])
    check_heat_map(truth, rows["heatmap"])
    check_raw(truth, seated, rows["raw"])

    from_us = truth.left * asked.width
    length_us = at_us + 1 - from_us
    held_s = (at_us + 1 - max(from_us, int(events["at"].min()))) / SECOND
    before = None
    if events["at"].min() <= from_us - length_us:
        earlier = events[(events["at"] < from_us) & (events["at"] >= from_us - length_us)]
        before = Truth(Asked(asked.value, asked.by, asked.agg, asked.where, 10_000, 10_000), earlier, [from_us]).rows
    told = shown.statistics(board.page.locator(".st-key-statistics .stHtml").inner_html())
    check_statistics(truth, before, told, held_s, length_us / SECOND)


def text_of(board: BoardPage, name: str) -> Html:
    """What a panel of text says, as it stands on the page."""
    return Html(board.panel(name).locator(".stHtml").first.inner_html())


def columns(rows: list[dict[str, float | None]]) -> dict[str, np.ndarray]:
    """Rows as columns. A number that is none is left out of its row."""
    names = {name for row in rows for name in row} - {"drift"}
    return {name: np.array([row.get(name) for row in rows], float) for name in names}


def check_table(truth: Truth, board: BoardPage) -> None:
    """The newest events, newest first."""
    heads = board.panel("events").locator("th").all_inner_texts()
    cells = [row.locator("td").all_inner_texts() for row in board.panel("events").locator("tbody tr").all()]
    told = [dict(zip(heads, row, strict=True)) for row in cells]
    assert [row["time (UTC)"] for row in told] == [
        pd.Timestamp(at, unit="us").strftime("%H:%M:%S.%f")[:-3] for at in truth.newest["at"]
    ]
    assert [row["host"] for row in told] == truth.newest["host"].tolist()
    assert [float(row["load"] or "nan") for row in told] == [close(load, 1e-9) for load in truth.newest["load"]]
