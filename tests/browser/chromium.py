"""The browser: whichever Chromium or Chrome is installed, driven by Playwright."""

import contextlib
import shutil
from collections.abc import Iterator

from playwright.sync_api import Browser, sync_playwright

from tests.servers.or_skip import skip

NAMES = ("chromium", "google-chrome", "chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A running browser; the test that asks for it is skipped where there is none, or fails with REQUIRE_ALL=1."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        skip(f"no browser on the PATH ({', '.join(NAMES)})")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()
