"""Notes beside instants: written on a paused board, seen by all who watch the feed, kept with a recording. And what a drag does before that."""

from collections.abc import Iterator

import pytest

from tests.browser import standing
from tests.browser.board_page import BoardPage
from tests.browser.conftest import OpenBoard
from tests.browser.running_app import RunningApp, running_app
from tests.browser.standing import drag, stand

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

QUERY = {"rate": "50", "seed": "15", "views": "series,raw,heatmap"}
HERE = ("series", "raw", "heatmap")
TEXT = "valve 3 <b>closed</b> $x$"
FLAGS = (
    "() => [...document.querySelectorAll('.st-key-panel-series svg.marks .layer_5_layer_1_marks text')]"
    ".map(each => each.textContent)"
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    with running_app(PULSEBOARD_RECORDINGS=str(tmp_path_factory.mktemp("recordings"))) as app:
        yield app


def test_a_note_is_seen_live_by_others_and_kept_with_a_recording_and_can_be_removed(open_board: OpenBoard) -> None:
    board, other = (open_board(QUERY, timezone_id="UTC") for _ in range(2))
    other.wait_for_board(HERE)
    board.wait_for_board(HERE)
    stand(board)
    board.page.mouse.click(*standing.spot(board, "series", 0.6, 0.02))
    box = board.page.get_by_role("textbox", name="What happened here?")
    box.fill(TEXT)
    box.press("Enter")
    note = board.page.locator(".st-key-pause button").filter(has_text=TEXT)
    note.locator("visible=true").first.wait_for()
    standing.wait_until_at_rest(board)
    for each in (board, other):
        each.wait(f"text => ({FLAGS})().some(label => text.startsWith(label.replace('…', '')) && label)", TEXT)
    frame = other.pulse().frame
    assert other.query().get("mode") is None
    other.wait_for_frames(2)
    assert other.pulse().frame > frame

    standing.save(board, "noted")
    replay = open_board({"source": "replay", "recording": "noted", "speed": "max", "views": "series"})
    replay.wait(f"text => ({FLAGS})().some(label => text.startsWith(label.replace('…', '')) && label)", TEXT)

    note.locator("visible=true").first.click()
    for each in (board, other):
        each.wait(f"() => ({FLAGS})().every(label => !label)")
    assert note.locator("visible=true").count() == 0
    assert board.page.locator(".st-key-pause b").count() == 0


def test_a_note_of_nothing_is_none(open_board: OpenBoard) -> None:
    board = open_board({**QUERY, "seed": "16"}, timezone_id="UTC")
    board.wait_for_board(HERE)
    stand(board)
    board.page.mouse.click(*standing.spot(board, "series", 0.4, 0.02))
    box = board.page.get_by_role("textbox", name="What happened here?")
    box.fill("   ")
    box.press("Enter")
    board.page.get_by_text("a note has 1 to 200 characters").wait_for()
    box.press("Escape")
    box.wait_for(state="detached")
    standing.wait_until_at_rest(board)
    assert board.page.locator(".st-key-pause [class*='st-key-note-']").count() == 0
    board.page.locator(".st-key-resume button").locator("visible=true").first.click()
    board.wait_for_query(mode=None)
    board.wait_for_frames(2)


def test_a_drag_over_a_live_chart_pauses_unless_that_is_switched_off(open_board: OpenBoard) -> None:
    board = open_board(QUERY, timezone_id="UTC")
    board.wait_for_board(HERE)
    standing.wait_until_now(board)
    drag(board, "series", 0.3, 0.5)
    board.wait_for_query(mode="paused", range=None)
    standing.wait_until_at_rest(board)
    span = standing.look(board, 0.3, 0.5)
    assert span.from_us < span.to_us
    board.resume()
    board.wait_for_frames(1)

    switch = board.sidebar().get_by_text("Pause when I drag on a chart")
    switch.click()
    board.wait("() => !document.querySelector('[data-testid=stSidebar] .st-key-brushing input').checked")
    board.wait("() => !document.querySelector('.st-key-drag')")
    board.wait_for_frames(1)
    board.panel("series").scroll_into_view_if_needed()
    drag(board, "series", 0.3, 0.5)
    board.wait_for_frames(3)
    assert "mode" not in board.query()


def test_a_click_on_a_live_chart_pauses_nothing(open_board: OpenBoard) -> None:
    board: BoardPage = open_board(QUERY, timezone_id="UTC")
    board.wait_for_board(HERE)
    board.page.mouse.click(*standing.spot(board, "series", 0.5, 0.5))
    board.wait_for_frames(3)
    assert "mode" not in board.query()
