"""Producers whose clocks are hours off: the page says whose and by how much, and shows what there is."""

import json
import time
from collections.abc import Mapping

import pytest

from tests.browser.board_page import FULL_PANELS, BoardPage
from tests.browser.conftest import OpenBoard
from tests.browser.watching import AGE, message
from tests.push.senders import post

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

HOUR = 3600
NAMES = ("series", "health")
OPEN_S = SAID_S = 60.0


def send_until_said(board: BoardPage, port: int, name: str, leads: Mapping[str, float], words: str) -> None:
    """Post an event of each host by its own clock, again and again, until the words stand beside the title."""
    deadline = time.monotonic() + SAID_S
    while words not in board.page.evaluate(AGE):
        assert time.monotonic() < deadline, f"{words!r} is not said: {board.page.evaluate(AGE)!r}"
        events = [{"ts": time.time() + lead, "host": host, "load": 0.5} for host, lead in leads.items()]
        assert post(port, "".join(json.dumps(each) + "\n" for each in events).encode(), name=name) == 204
        board.page.wait_for_timeout(250)


@pytest.mark.parametrize(("lead", "side"), [(3 * HOUR, "ahead"), (-3 * HOUR, "behind")])
def test_one_producer_that_is_off_is_named_and_the_others_are_shown(
    open_board: OpenBoard, push_port: int, lead: float, side: str
) -> None:
    name = f"some-{side}"
    board = open_board({"source": "push", "name": name, "views": ",".join(NAMES)})
    message(board, "Nothing has come yet").wait_for(timeout=1000 * OPEN_S)
    send_until_said(board, push_port, name, {"db-1": lead, "web-1": 0, "web-2": 0}, f"db-1: clock 3 h {side}")
    board.wait(FULL_PANELS, list(NAMES), timeout_s=OPEN_S)
    board.panel("health").get_by_text(f"The clock of host db-1 is 3 h {side}").wait_for()
    legend = board.panel("series").locator("svg.marks")
    legend.get_by_text("web-1").first.wait_for()
    assert any(board.marks("series"))
    assert "old" in board.page.evaluate(AGE)


def test_a_feed_all_of_which_is_ahead_is_shown_by_its_own_clock(open_board: OpenBoard, push_port: int) -> None:
    board = open_board({"source": "push", "name": "all", "views": ",".join(NAMES)})
    message(board, "Nothing has come yet").wait_for(timeout=1000 * OPEN_S)
    send_until_said(board, push_port, "all", {"a": 3 * HOUR, "b": 3 * HOUR}, "clock 3 h ahead")
    board.wait(FULL_PANELS, list(NAMES), timeout_s=OPEN_S)
    board.panel("health").get_by_text("The producer's clock is 3 h ahead.").wait_for()
    assert any(board.marks("series"))
    assert board.panel("series").get_by_text("No event").count() == 0
