"""A paused board moved through the past: the scrubber, and what is played."""

import time

import pytest

from tests.browser import standing
from tests.browser.board_page import READ_PULSE, BoardPage
from tests.browser.conftest import OpenBoard
from tests.browser.standing import at_us, instant_us, play, stand

QUERY = {"rate": "10", "seed": "12", "history": "1h"}
SECOND = 1_000_000
HOUR_US = 3600 * SECOND
SPEED = 10
PANELS_HERE = ("kpi", "series", "heatmap", "breakdown")


@pytest.fixture
def board(open_board: OpenBoard) -> BoardPage:
    """A paused board with an hour behind it."""
    board = open_board({**QUERY, "views": ",".join(PANELS_HERE)}, timezone_id="UTC")
    board.wait_for_board(PANELS_HERE)
    stand(board)
    return board


def newest_us(board: BoardPage) -> int:
    return instant_us(board.pulse().newest)


def wait_for_another_instant(board: BoardPage, before: str | None) -> int:
    board.wait("before => new URLSearchParams(location.search).get('at') !== before", before)
    standing.wait_until_at_rest(board)
    return at_us(board)


def rewind(board: BoardPage, *keys: str) -> int:
    """Press keys on the scrubber, each when the board has followed the one before; gives the instant."""
    for key in keys:
        before = board.query()["at"][0]
        board.page.locator(".st-key-pause [data-testid=stSlider] input").focus()
        board.page.keyboard.press(key)
        wait_for_another_instant(board, before)
    return at_us(board)


def picture(board: BoardPage) -> dict[str, object]:
    """What the board shows, without what tells of the machine."""
    return {
        "marks": {name: board.marks(name) for name in ("series", "heatmap")},
        "figures": standing.figures(board),
        "bars": board.page.evaluate(standing.BARS),
        "kpi": board.panel("kpi").inner_text(),
        "newest": board.pulse().newest,
        "shown": standing.shown(board),
    }


@pytest.mark.slow
def test_the_scrubber_rewinds_and_its_link_opens_the_same_picture(board: BoardPage, open_board: OpenBoard) -> None:
    began, now = at_us(board), picture(board)
    back = rewind(board, "PageDown", "ArrowLeft")
    assert began - HOUR_US < back < began - 30 * SECOND
    assert back - SECOND < newest_us(board) <= back
    then = picture(board)
    assert then["marks"] != now["marks"]
    other = open_board(board.page.url.split("?", 1)[1], timezone_id="UTC")
    other.wait_for_board(PANELS_HERE)
    standing.wait_until_at_rest(other)
    assert picture(other) == then
    rewind(board, "End")
    assert abs(at_us(board) - began) <= 10 * SECOND


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_playing_moves_on_at_its_speed_and_the_pause_key_stands_where_it_is(board: BoardPage) -> None:
    rewind(board, "PageDown", "PageDown")
    from_us = at_us(board)
    play(board, SPEED)
    board.wait(f"before => Date.parse(({READ_PULSE})()?.[0]) > before + 5000", from_us / 1000)
    first, began = newest_us(board), time.monotonic()
    board.wait(f"before => Date.parse(({READ_PULSE})()?.[0]) > before + 60000", first / 1000)
    last, took_s = newest_us(board), time.monotonic() - began
    assert (last - first) / SECOND / took_s == pytest.approx(SPEED, rel=0.25)
    assert board.query()["mode"] == ["paused"]

    board.pause()
    board.page.locator(".st-key-statistics .pb-stats").wait_for()
    standing.wait_until_at_rest(board)
    assert last <= at_us(board) < last + 20 * SECOND
    assert at_us(board) - SECOND < newest_us(board) <= at_us(board)
    assert board.page.get_by_text("Playing at").count() == 0
    assert board.ghosts() == []


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_playing_to_the_end_comes_back_to_live(board: BoardPage) -> None:
    rewind(board, "PageDown")
    play(board, 60)
    board.wait("() => !new URLSearchParams(location.search).has('mode')", timeout_s=60)
    board.wait_for_query(mode=None, at=None, range=None)
    board.page.locator(".st-key-pause-button button").wait_for()
    standing.wait_until_now(board)
    board.wait_for_frames(3)
    board.wait_until_tidy()


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_a_range_is_played_from_its_start(board: BoardPage) -> None:
    span = standing.look(board, 0.2, 0.5)
    play(board, 1)
    board.wait(f"after => Date.parse(({READ_PULSE})()?.[0]) > after", span.from_us / 1000)
    assert newest_us(board) < span.from_us + 15 * SECOND
    board.resume()
    standing.wait_until_now(board)
    board.wait_until_tidy()
