"""The standard board in a real browser: Chromium, driven by Playwright."""

import contextlib
from collections.abc import Iterator

from playwright.sync_api import Page

from benchmarks.board import PANELS, STANDARD, WARM_UP_S
from tests.browser.board_page import BoardPage
from tests.browser.chromium import chromium
from tests.browser.running_app import RunningApp


@contextlib.contextmanager
def open_tab(app: RunningApp, settings: dict[str, str], script: str = "") -> Iterator[Page]:
    """A tab on the standard board with these settings in place of its own, warmed up.

    script  JavaScript that the page runs before any of its own

    Raises what the test of a panel would: pytest's Skipped without a browser, Playwright's TimeoutError without a board.
    """
    with chromium() as browser:
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.add_init_script(script)
        page.goto(app.link(STANDARD | settings))
        board = BoardPage(page, app.origin)
        board.wait_for_board(PANELS)
        board.wait_for_frames(1)
        page.wait_for_timeout(1000 * WARM_UP_S)
        yield page
