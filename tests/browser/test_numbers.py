"""The table of a paused board shows numbers as short as they are known, and sorts them as numbers."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.numbers_app import LOADS
from tests.browser.running_app import running_app

# A canvas can't be read: what is written on it is written down.
LISTEN = """
  window.written = new Set();
  const write = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
    window.written.add(text);
    return write.call(this, text, ...place);
  };
"""
HEAD = {"x": 560, "y": 17}


def loads(page: Page) -> list[float]:
    """Those of the table from top to bottom, as it tells people who can't see it."""
    rows = page.locator(".st-key-events canvas tr[role=row]").filter(has=page.locator("td"))
    return [float(row.locator("td").last.text_content() or "nan") for row in rows.all()]


@pytest.mark.slow
def test_a_number_is_shown_as_short_as_it_is_known_and_sorted_as_a_number(browser: Browser) -> None:
    with running_app(("-m", "streamlit", "run", "tests/browser/numbers_app.py")) as app:
        page = browser.new_page(viewport={"width": 900, "height": 700})
        page.add_init_script(LISTEN)
        page.goto(app.link())
        expect(page.locator(".st-key-events canvas td").last).to_be_attached(timeout=20_000)
        for text in ("48.1", "100", "9.5", "-3.25", "0.1"):
            page.wait_for_function("text => window.written.has(text)", arg=text, timeout=10_000)
        assert not page.evaluate("[...window.written].filter(text => text.includes('999'))")
        assert loads(page) == list(LOADS[::-1])
        page.locator(".st-key-events [data-testid=stDataFrame]").click(position=HEAD)
        expect(page.locator(".st-key-events canvas td").last).to_have_text(str(max(LOADS)).removesuffix(".0"))
        assert loads(page) == sorted(LOADS)
        page.close()
