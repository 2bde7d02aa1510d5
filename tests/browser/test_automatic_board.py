"""A board that nobody configured says why, is mended with a click, and is kept under a name."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.board_page import BoardPage
from tests.browser.conftest import OpenBoard
from tests.browser.running_app import RunningApp, running_app

VIEWS = {"views": "kpi,series,health"}
WHY = "panel => document.querySelector(`.st-key-why-${panel}`)?.innerText.split('\\n')[0]"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    with running_app(PULSEBOARD_BOARDS=str(tmp_path_factory.mktemp("boards") / "saved")) as app:
        yield app


def open_why(board: BoardPage, panel: str) -> None:
    board.page.locator(f".st-key-why-{panel} button").click()
    board.page.get_by_test_id("stPopoverBody").wait_for()


def pick(board: BoardPage, option: str) -> None:
    board.page.get_by_test_id("stPopoverBody").get_by_text(option, exact=True).click()


def test_each_panel_says_why_in_one_line_that_nothing_clips_on_a_phone(open_board: OpenBoard) -> None:
    board = open_board(viewport={"width": 390, "height": 844})
    board.wait_for_board()
    for panel in board.panels():
        assert board.page.evaluate(WHY, panel), panel
    assert board.too_wide() == []


@pytest.mark.slow
def test_an_alternative_that_is_picked_shows_at_once_and_goes_into_the_link(open_board: OpenBoard) -> None:
    board = open_board(VIEWS)
    board.wait_for_board(("kpi", "series", "health"))
    assert "so averaged" in board.page.evaluate(WHY, "series")
    open_why(board, "series")
    pick(board, "p95")
    board.wait_for_query(agg="p95", **VIEWS)
    board.wait("() => document.querySelector('.st-key-panel-series').textContent.includes('p95 latency_ms')")
    assert board.setting("Aggregate") == "p95"
    pick(board, "No split")
    board.wait_for_query(by="none")
    pick(board, "p95")  # again: the feed decides
    board.wait_for_query(agg=None)
    board.wait_for_frames(2)
    board.wait_until_tidy()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_board_is_saved_under_a_name_and_opened_by_it_elsewhere(open_board: OpenBoard, app: RunningApp) -> None:
    board = open_board(VIEWS | {"agg": "max", "where": "region:eq:eu-west"})
    board.wait_for_board(("kpi", "series", "health"))
    board.sidebar().get_by_text("Save this board").click()
    board.page.get_by_label("Name").fill("../plant")
    board.page.get_by_role("button", name="Save", exact=True).click()
    board.page.get_by_text(re.compile("is no board's name")).first.wait_for()
    board.page.get_by_label("Name").fill("plant")
    board.page.get_by_label("Name").press("Enter")
    board.page.get_by_role("button", name="Save", exact=True).click()
    board.wait_for_query(board="plant", agg=None)
    folder = Path(app.process.environ()["PULSEBOARD_BOARDS"])
    assert [path.name for path in folder.iterdir()] == ["plant.toml"]
    other = open_board({"board": "plant"})
    other.wait_for_board(("kpi", "series", "health"))
    assert other.setting("Aggregate") == "max"
    assert other.query() == {"board": ["plant"]}
    other.choose("Aggregate", "min")
    other.wait_for_query(board=None, agg="min", where="region:eq:eu-west")


@pytest.mark.slow
def test_a_board_that_is_not_there_is_said_and_the_link_goes_on(open_board: OpenBoard) -> None:
    board = open_board(VIEWS | {"board": "nowhere", "agg": "max"})
    board.wait_for_board(("kpi", "series", "health"))
    board.page.get_by_text("Settings that could not be used: 1").click()
    board.page.get_by_text(re.compile("no board 'nowhere' is saved here")).first.wait_for()
    assert board.setting("Aggregate") == "max"
