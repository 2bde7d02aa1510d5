"""The link of a paused board, opened by others: what is held shows the same, and what is gone is told."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from tests.browser import standing
from tests.browser.board_page import BoardPage
from tests.browser.conftest import OpenBoard
from tests.browser.impatient_app import IDLE_S
from tests.browser.running_app import RunningApp, running_app
from tests.browser.standing import look, stand
from tests.browser.threads import IMPATIENT, wait_for_threads
from views.numbers import DASH

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

QUERY = {"rate": "50", "seed": "13", "history": "10m"}
SHORT = {"rate": "200", "seed": "14", "history": "0s", "window": "30s", "views": "series,heatmap,breakdown"}
SHORT_PANELS = ("series", "heatmap", "breakdown")


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("recordings")


@pytest.fixture(scope="module")
def app(recordings: Path) -> Iterator[RunningApp]:
    """With recordings of its own, and feeds that end soon after their last viewer has gone."""
    with running_app(IMPATIENT, PULSEBOARD_RECORDINGS=str(recordings)) as app:
        yield app


def link(board: BoardPage) -> str:
    return board.page.url.split("?", 1)[1]


def opened(open_board: OpenBoard, query: str) -> BoardPage:
    board = open_board(query, timezone_id="UTC")
    board.page.locator(".st-key-statistics .pb-stats").wait_for()
    standing.wait_until_at_rest(board)
    return board


def test_a_colleague_sees_the_same_range_filters_and_figures_while_the_first_goes_on(
    open_board: OpenBoard, tmp_path: Path
) -> None:
    board = open_board(QUERY, timezone_id="UTC")
    board.wait_for_board()
    stand(board)
    look(board, 0.2, 0.7)
    board.panel("breakdown").locator("[data-pick]", has=board.page.get_by_title("login", exact=True)).click()
    board.wait("() => new URLSearchParams(location.search).has('where')")
    standing.wait_until_at_rest(board)
    moment, pulse, told, marks = link(board), board.pulse(), standing.figures(board), board.marks("series")
    chips, seen, bars = standing.chips(board), standing.shown(board), board.page.evaluate(standing.BARS)
    points = standing.rows(standing.spec(board, "series", tmp_path))
    board.resume()
    board.wait_for_frames(2)

    colleague = opened(open_board, moment)
    board.wait_for_frames(1)
    assert link(colleague) == moment
    assert colleague.pulse().newest == pulse.newest
    assert standing.shown(colleague) == seen
    assert standing.figures(colleague) == told
    assert standing.chips(colleague) == chips == ["service = login"]
    assert colleague.page.evaluate(standing.BARS) == bars
    assert standing.rows(standing.spec(colleague, "series", tmp_path)) == points
    assert colleague.marks("series") == marks
    assert standing.figures(colleague)["all series"]["events"] not in {"0", DASH}


def test_what_is_gone_is_told_and_its_recording_opens_the_same_picture(
    app: RunningApp, open_board: OpenBoard, recordings: Path, tmp_path: Path
) -> None:
    board = open_board(SHORT, timezone_id="UTC")
    board.wait_for_board(SHORT_PANELS)
    board.wait("() => Number(document.querySelector('.st-key-pulse').innerText.match(/events (\\d+)/)[1]) > 2000")
    stand(board)
    moment, told = link(board), standing.figures(board)
    points = standing.rows(standing.spec(board, "series", tmp_path))
    bars = board.page.evaluate(standing.BARS)
    standing.save(board, "before-the-storm")
    assert [path.name for path in recordings.iterdir()] == ["before-the-storm.parquet"]
    board.page.context.close()
    wait_for_threads(app, "feed-", 0, timeout_s=IDLE_S + 20)

    later = open_board(moment, timezone_id="UTC")
    later.page.get_by_text("Nothing of what this board would show is held").wait_for()
    standing.wait_until_at_rest(later)
    with later.page.context.expect_page() as tab:
        later.page.locator(".st-key-pause").get_by_role("link", name="before-the-storm").click()
    recorded = BoardPage(tab.value, app.origin)
    recorded.page.locator(".st-key-statistics .pb-stats").wait_for()
    standing.wait_until_at_rest(recorded)
    assert recorded.query()["source"] == ["replay"]
    assert recorded.query()["recording"] == ["before-the-storm"]
    assert recorded.query()["at"] == parse_qs(moment)["at"]
    assert standing.rows(standing.spec(recorded, "series", tmp_path)) == points
    assert standing.figures(recorded) == told
    assert recorded.page.evaluate(standing.BARS) == bars


def test_a_range_that_reaches_beyond_the_instant_is_the_same_for_a_colleague_who_comes_later(
    open_board: OpenBoard,
) -> None:
    board = open_board({**QUERY, "seed": "19", "window": "30s", "views": "series"}, timezone_id="UTC")
    board.wait_for_board(("series",))
    stand(board)
    standing.press(board, "Zoom out")
    span = standing.wait_for_another_range(board, None)
    told = standing.figures(board)
    board.wait("end => Date.now() > end", max(span.to_us, standing.at_us(board)) / 1000 + 1000, timeout_s=40)
    theirs = standing.figures(opened(open_board, link(board)))
    # What comes late is in the later one's picture alone: one event in a thousand does, by up to 15 s.
    ours, theirs = (int(each["all series"]["events"].replace(",", "")) for each in (told, theirs))
    assert ours <= theirs <= ours + 5
