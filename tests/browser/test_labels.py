"""Where Streamlit reads Markdown, a feed's text is shown as it is."""

from playwright.sync_api import Browser

from tests.browser.labels_app import TEXTS
from tests.browser.running_app import running_app

READ_LABELS = """() => [...document.querySelectorAll('.st-key-labels [data-testid="stPopoverButton"], .st-key-labels [data-testid="stButtonGroup"] button')]
    .map(button => button.querySelector('[data-testid="stMarkdownContainer"]').textContent)"""


def test_no_text_means_anything_to_markdown(browser: Browser) -> None:
    expected = [" ".join(text.split()) for text in TEXTS] * 2
    with running_app(("-m", "streamlit", "run", "tests/browser/labels_app.py")) as app:
        page = browser.new_page()
        page.goto(app.link())
        page.wait_for_function(f"count => ({READ_LABELS})().length === count", arg=len(expected))
        shown = page.evaluate(READ_LABELS)
        page.close()
    assert [text.replace("\u2060", "") for text in shown] == expected
