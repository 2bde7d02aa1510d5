"""A tab that is closed leaves nothing running."""

from collections.abc import Iterator

import pytest

from tests.browser.conftest import OpenBoard
from tests.browser.impatient_app import IDLE_S
from tests.browser.running_app import RunningApp, running_app
from tests.browser.threads import IMPATIENT, thread_names, wait_for_threads

SCRIPT = "ScriptRunner"


@pytest.fixture(scope="module")
def app() -> Iterator[RunningApp]:
    with running_app(IMPATIENT) as app:
        yield app


@pytest.mark.slow
def test_the_last_tab_to_close_ends_the_feed_and_leaves_no_thread(app: RunningApp, open_board: OpenBoard) -> None:
    live, paused = (open_board({"views": "series"} | mode) for mode in ({}, {"mode": "paused"}))
    for board in (live, paused):
        board.wait_for_board(("series",))
    wait_for_threads(app, "feed-", 1, timeout_s=1)
    live.page.close()
    paused.page.get_by_text("events since").wait_for()
    paused.page.evaluate("() => { window.opened = performance.now(); }")
    paused.wait("idle_ms => performance.now() > window.opened + idle_ms", 1000 * (IDLE_S + 1))
    wait_for_threads(app, "feed-", 1, timeout_s=1)  # a paused board watches, too
    paused.page.close()
    wait_for_threads(app, "feed-", 0, timeout_s=IDLE_S + 10)
    assert not [name for name in thread_names(app) if SCRIPT in name]
