"""A paused board stands still, for whoever opens it; the feed goes on."""

import re

import pytest

from tests.browser.board_page import BoardPage
from tests.browser.conftest import OpenBoard

EVENTS_SINCE = """() => Number(document.body.innerText.match(/([\\d.,]+)( k)? events since/)?.[1].replace(',', ''))"""


@pytest.mark.slow
def test_pausing_holds_the_frame_while_events_come_and_live_resumes(open_board: OpenBoard) -> None:
    board = open_board({"refresh": "0.5s", "views": "kpi,series"})
    board.wait_for_frames(2)
    pause(board)
    held, points = board.pulse(), drawn_points(board)
    since = events_since(board)
    board.wait(f"since => ({EVENTS_SINCE})() > since", since)
    board.wait(f"since => ({EVENTS_SINCE})() > since", events_since(board))
    assert board.pulse() == held
    assert drawn_points(board) == points
    assert board.ghosts() == []
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", board.query()["at"][0])
    board.resume()
    board.wait_for_query(mode=None, at=None)
    board.wait_for_frames(3)
    assert board.pulse().events > held.events
    board.wait_until_tidy()


@pytest.mark.slow
def test_the_link_of_a_paused_board_shows_the_same_instant_to_others(open_board: OpenBoard) -> None:
    board = open_board({"views": "series"})
    board.wait_for_board(("series",))
    pause(board)
    colleague = open_board(board.page.url.split("?", 1)[1])
    colleague.wait_for_board(("series",))
    assert colleague.query() == board.query()
    assert colleague.pulse().newest == board.pulse().newest
    assert paused_at(colleague) == paused_at(board)
    ours, theirs = drawn_points(board), drawn_points(colleague)
    assert len(ours) == len(theirs)
    assert sum(map(str.__ne__, ours, theirs)) <= len(ours) // 100, "more differs than what came late"


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_the_buttons_do_what_the_keys_do_and_keys_typed_into_a_field_do_nothing(open_board: OpenBoard) -> None:
    board = open_board({"views": "kpi,series"})
    board.wait_for_board(("kpi", "series"))
    field = board.sidebar().get_by_label("Seed", exact=True)
    field.focus()
    board.page.keyboard.press("p")
    board.wait_for_frames(2)
    assert "mode" not in board.query()
    board.page.get_by_role("button", name="Pause").locator("visible=true").click()
    board.wait_for_query(mode="paused")
    assert events_since(board) >= 0
    at = board.query()["at"]
    board.page.locator(".st-key-pause-button button").locator("visible=true").wait_for(state="hidden")
    field.focus()
    board.page.keyboard.press("l")
    board.wait(f"since => ({EVENTS_SINCE})() > since", events_since(board))
    assert board.query()["at"] == at
    board.page.get_by_role("button", name="Back to live").locator("visible=true").click()
    board.wait_for_query(mode=None, at=None)
    board.wait_for_frames(2)
    board.wait_until_tidy()


def pause(board: BoardPage) -> None:
    """Have it paused, and wait until it says what came since."""
    board.pause()
    events_since(board)


def drawn_points(board: BoardPage) -> list[str]:
    """The corners of all lines of the time series."""
    points = [point for outline in board.marks("series") for point in outline.split("L")]
    assert len(points) > 500
    return points


def events_since(board: BoardPage) -> int:
    board.wait(f"() => ({EVENTS_SINCE})() >= 0")
    return int(board.page.evaluate(EVENTS_SINCE))


def paused_at(board: BoardPage) -> str:
    text = board.page.get_by_text("Paused at").last.inner_text()
    match = re.search(r"Paused at (\S+)", text)
    assert match, text
    return match[1]
