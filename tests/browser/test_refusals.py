"""A download that is refused while the board is live says why, too."""

import pytest
from playwright.sync_api import Browser

from tests.browser.running_app import running_app


@pytest.mark.slow
def test_a_live_board_tells_why_what_is_held_can_not_be_taken_away(browser: Browser) -> None:
    with running_app(("-m", "streamlit", "run", "tests/browser/tight_app.py")) as app:
        page = browser.new_page()
        page.goto(app.link("source=simulated"))
        page.locator(".st-key-record button").first.click()
        page.locator(".st-key-record-download button").first.click()
        toast = page.get_by_test_id("stToast")
        toast.wait_for(timeout=15_000)
        assert "the file is over 0 MB: choose a shorter span" in toast.inner_text()
        assert "Traceback" not in app.log()
        page.close()
