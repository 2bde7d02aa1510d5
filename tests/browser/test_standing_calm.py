"""A paused board stays within a phone's width, and going to and fro leaves nothing behind."""

import pytest

from tests.browser import standing
from tests.browser.conftest import OpenBoard
from tests.browser.standing import play, stand
from views import PANELS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

QUERY = {"rate": "20", "seed": "18", "history": "10m"}
WIDTH = "() => document.documentElement.scrollWidth"
ROUNDS = 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_a_paused_board_with_range_filters_and_notes_within_its_width(
    scheme: str, open_board: OpenBoard
) -> None:
    board = open_board(
        {**QUERY, "where": ["service:in:login,catalog,search", f"region:ne:{'far-away-' * 6}"]},
        viewport={"width": 390, "height": 844},
        color_scheme=scheme,
        timezone_id="UTC",
    )
    board.wait_for_board()
    stand(board)
    for step in ("paused", "range", "note", "playing"):
        if step == "range":
            standing.look(board, 0.2, 0.8)
            assert len(standing.chips(board)) == 2
        if step == "note":
            board.page.mouse.click(*standing.spot(board, "series", 0.5, 0.02))
            box = board.page.get_by_role("textbox", name="What happened here?")
            box.fill("a note of many words, " * 8)
            box.press("Enter")
            board.page.locator(".st-key-pause [class*='st-key-note-']").first.wait_for()
            standing.wait_until_at_rest(board)
        if step == "playing":
            play(board, 1)
            board.wait_until_tidy()
        assert board.too_wide() == [], step
        assert board.page.evaluate(WIDTH) <= 390, step
        if step != "playing":
            standing.wait_until_at_rest(board)
            boxes = board.boxes()
            assert list(boxes) == list(PANELS)
            assert len({(x, width) for x, _, width, _ in boxes.values()}) == 1


def test_pausing_playing_and_going_on_again_and_again_leaves_nothing_behind(open_board: OpenBoard) -> None:
    board = open_board(QUERY, timezone_id="UTC")
    board.wait_for_board()
    standing.wait_until_now(board)
    counts = []
    for _ in range(ROUNDS):
        stand(board)
        assert board.ghosts() == []
        assert board.panels() == list(PANELS)
        standing.look(board, 0.3, 0.6)
        play(board, 60)
        board.page.keyboard.press("p")
        board.page.locator(".st-key-statistics .pb-stats").wait_for()
        standing.wait_until_at_rest(board)
        assert board.query()["mode"] == ["paused"]
        assert board.page.get_by_text("Playing at").count() == 0
        board.resume()
        board.wait_for_frames(2)
        board.wait_until_tidy()
        assert board.page.locator(".st-key-pause, .st-key-statistics").count() == 0
        assert board.panels() == list(PANELS)
        counts.append(board.page.evaluate("() => document.querySelectorAll('.stElementContainer').length"))
    assert len(set(counts)) == 1, counts


def test_other_views_and_measures_can_be_chosen_while_the_board_stands_still(open_board: OpenBoard) -> None:
    board = open_board(QUERY, timezone_id="UTC")
    board.wait_for_board()
    stand(board)
    at, seen = board.query()["at"], standing.shown(board)
    board.choose("Value", "cpu_pct")
    board.wait_for_query(value="cpu_pct")
    standing.wait_until_at_rest(board)
    assert "cpu_pct" in board.panel("breakdown").inner_text()
    board.press(PANELS["heatmap"].title)
    board.wait("() => !document.querySelector('.st-key-panel-heatmap')")
    standing.wait_until_at_rest(board)
    assert "heatmap" not in board.panels()
    assert (board.query()["at"], standing.shown(board)) == (at, seen)
    assert board.ghosts() == []
