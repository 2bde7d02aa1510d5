"""What is downloaded from a paused board, through the browser."""

import contextlib
import json
import struct
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Browser

from sources.simulated import Simulated
from tests.browser import standing
from tests.browser.board_page import BoardPage
from tests.browser.conftest import OpenBoard
from tests.browser.standing import shown, simulated_events, stand, take
from views.numbers import number

FEED = Simulated(rate=20, seed=17, history="10m")
QUERY = {"rate": "20", "seed": "17", "history": "10m"}
PNG = b"\x89PNG\r\n\x1a\n"
COLUMNS = {"time", "service", "region", "latency_ms", "cpu_pct", "requests"}
CHARTS = ("series", "raw", "distribution", "heatmap")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture
def board(open_board: OpenBoard) -> BoardPage:
    """A paused board that looks at a range and at one service."""
    board = open_board({**QUERY, "where": "service:eq:login"}, timezone_id="UTC", accept_downloads=True)
    board.wait_for_board()
    stand(board)
    standing.look(board, 0.2, 0.6)
    return board


def test_csv_and_parquet_hold_the_events_that_are_shown(board: BoardPage, tmp_path: Path) -> None:
    csv = pd.read_csv(take(board, "take", "CSV", tmp_path))
    parquet = pd.read_parquet(take(board, "take", "Parquet", tmp_path))
    expected = simulated_events(FEED, shown(board)).to_pandas()
    expected = expected[expected["service"] == "login"]
    assert standing.figures(board)["all series"]["events"] == number(len(expected))
    assert set(csv.columns) >= COLUMNS
    assert set(parquet.columns) >= COLUMNS
    for told in (csv, parquet):
        assert len(told) == len(expected)
        assert set(told["service"]) == {"login"}
        assert sorted(told["latency_ms"]) == sorted(expected["latency_ms"])
        assert sorted(pd.to_datetime(told["time"], utc=True)) == sorted(expected["time"])


def test_a_recording_is_downloaded_with_its_link_and_no_filter_hides_its_events(
    board: BoardPage, tmp_path: Path
) -> None:
    path = take(board, "record", "Download", tmp_path, first="Selection")
    metadata = pq.read_metadata(path).metadata[b"pulseboard"]
    link = json.loads(metadata)["link"]
    assert link["seed"] == ["17"]
    assert link["range"] == board.query()["range"]
    assert pq.read_metadata(path).num_rows == len(simulated_events(FEED, shown(board)))


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_downloaded_as_a_picture_and_as_a_spec_with_its_rows(
    name: str, board: BoardPage, tmp_path: Path
) -> None:
    picture = take(board, f"take-{name}", "PNG", tmp_path).read_bytes()
    assert picture.startswith(PNG)
    width, height = struct.unpack(">II", picture[16:24])
    assert 400 < width < 4000
    assert 200 < height < 3000
    assert len(picture) > 5_000
    spec = standing.spec(board, name, tmp_path)
    assert "vega-lite" in spec["$schema"]
    assert len(standing.rows(spec)) > 10


def test_the_whole_board_opens_offline_as_a_file_with_working_tooltips(
    board: BoardPage, browser: Browser, tmp_path: Path
) -> None:
    path = take(board, "take", "HTML", tmp_path)
    with contextlib.closing(browser.new_context(offline=True, timezone_id="UTC")) as context:
        page = context.new_page()
        troubles: list[str] = []
        asked: list[str] = []
        page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.as_uri())
        charts = page.locator(":is(svg, canvas).marks")
        page.wait_for_function("count => document.querySelectorAll(':is(svg, canvas).marks').length === count", arg=4)
        assert "login" in page.locator("body").inner_text()
        charts.first.scroll_into_view_if_needed()
        box = charts.first.bounding_box()
        assert box
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 3)
        page.mouse.move(box["x"] + box["width"] / 2 + 2, box["y"] + box["height"] / 3)
        page.wait_for_function("() => document.querySelector('#vg-tooltip-element')?.classList.contains('visible')")
        assert "login" in page.locator("#vg-tooltip-element").inner_text()
        assert troubles == []
        assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []


def test_the_pandas_script_is_shown_for_the_range_that_is_shown(board: BoardPage) -> None:
    board.page.locator(".st-key-take-series [data-testid=stPopoverButton]:visible").first.click()
    code = board.page.get_by_test_id("stPopoverBody").locator("code")
    code.wait_for()
    script = code.inner_text()
    compile(script, "script", "exec")
    assert "read_parquet" in script
    assert "login" in script
