"""The commands that the page invites with, run as they stand there."""

import subprocess

import pytest

from tests.browser.conftest import OpenBoard
from tests.browser.watching import message, set_up, wait_for_age, wait_for_events, wait_for_figures
from tests.push.senders import curl, url

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

NAMES = ("kpi", "series", "health")


def test_what_the_page_invites_to_send_is_on_the_board(open_board: OpenBoard, push_port: int) -> None:
    board = open_board({"views": ",".join(NAMES)})
    set_up(board, "Push (HTTP)", {"Name": "lab"})
    board.wait_for_query(source="push", name="lab")
    message(board, "Nothing has come yet").wait_for()
    wait_for_age(board, "no event yet · pushed")
    curl(url(push_port, ""))  # skips where there is no curl
    boxes = board.page.get_by_test_id("stMain").get_by_test_id("stCode")
    line = boxes.first.locator("code").inner_text().strip()
    assert line.startswith("curl ")
    assert "\n" not in line
    for _ in range(3):
        subprocess.run(["/bin/sh", "-c", line], check=True, timeout=20)
    board.wait_for_board(NAMES)
    wait_for_events(board, 3)
    wait_for_figures(board, {"cpu": "0.5"})
    wait_for_age(board, "old · pushed")
    board.wait("() => !document.querySelector('[data-testid=stMain] [data-testid=stCode]')")

    colleague = open_board(board.page.url.split("?", 1)[1])
    colleague.wait_for_board(NAMES)
    wait_for_events(colleague, 3)
    wait_for_figures(colleague, {"cpu": "0.5"})
    assert colleague.query() == board.query()
