"""What can be taken away is made when its button is pressed, in the viewer's zone and look, and runs nothing of the page."""

import io
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Browser, Page

from tests.browser.downloads_app import ASKED
from tests.browser.running_app import RunningApp, running_app
from tests.views.pictures import pixels

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

CHARTS = ("series", "raw", "distribution", "heatmap")


@pytest.fixture(scope="module")
def downloads_app():
    with running_app(("-m", "streamlit", "run", "tests/browser/downloads_app.py")) as app:
        yield app


@pytest.fixture
def page(downloads_app: RunningApp, browser: Browser):
    context = browser.new_context(
        timezone_id="Asia/Tokyo", color_scheme="dark", viewport={"width": 1280, "height": 900}
    )
    page = context.new_page()
    page.goto(downloads_app.link())
    page.locator(".st-key-head-health").wait_for()
    yield page
    context.close()


def press(page: Page, name: str) -> tuple[str, bytes]:
    """The name and the content of what a button gives."""
    with page.expect_download() as coming:
        page.get_by_role("button", name=name, exact=False).click()
    return coming.value.suggested_filename, Path(coming.value.path()).read_bytes()


def open_head(page: Page, panel: str) -> None:
    page.locator(f".st-key-take-{panel} button").first.click()
    page.locator("[data-testid=stPopoverBody]").wait_for()


def test_a_board_gives_its_rows_and_its_page(page: Page, downloads_app: RunningApp) -> None:
    runs = page.locator(".st-key-runs").inner_text()
    assert ASKED not in downloads_app.log()
    name, csv = press(page, "CSV")
    assert name == "pulseboard-2026-09-21T141320Z.csv"
    assert len(csv.decode("utf-8-sig").splitlines()) == 41
    name, parquet = press(page, "Parquet")
    assert name == "pulseboard-2026-09-21T141320Z.parquet"
    assert pq.read_table(io.BytesIO(parquet)).num_rows == 40
    name, html = press(page, "HTML")
    assert name == "pulseboard-2026-09-21T141320Z.html"
    assert b"Asia/Tokyo" in html
    assert f'href="{downloads_app.origin}'.encode() in html
    assert page.locator(".st-key-runs").inner_text() == runs
    assert "Traceback" not in downloads_app.log()


def test_a_chart_gives_its_picture_its_spec_and_its_script(page: Page, downloads_app: RunningApp) -> None:
    open_head(page, "series")
    name, picture = press(page, "PNG")
    assert name == "pulseboard-2026-09-21T141320Z-series.png"
    assert pixels(picture)[0, 0].tolist() == [18, 22, 27]  # dark, as the page is
    name, spec = press(page, "Vega-Lite")
    assert name == "pulseboard-2026-09-21T141320Z-series.vl.json"
    assert len(json.loads(spec)["datasets"]["rows"]) == 300
    script = page.locator("[data-testid=stCode]").inner_text()
    assert "read_parquet('pulseboard-2026-09-21T141320Z.parquet'" in script
    compile(script, "script", "exec")
    assert "Traceback" not in downloads_app.log()


def test_cards_without_a_chart_give_none(page: Page) -> None:
    offered = [
        name
        for name in ("kpi", "measures", *CHARTS, "breakdown", "events", "health")
        if page.locator(f".st-key-take-{name}").count()
    ]
    assert offered == [*CHARTS, "breakdown"]


def test_hostile_names_are_code_that_does_nothing(downloads_app: RunningApp, browser: Browser) -> None:
    page = browser.new_page()
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    page.goto(downloads_app.link("hostile=1"))
    page.locator(".st-key-head-health").wait_for()
    open_head(page, "series")
    script = page.locator("[data-testid=stCode]").inner_text()
    compile(script, "script", "exec")
    assert "alert(1)" in script
    page.close()


def test_a_file_that_is_refused_says_why_on_the_page_and_leaves_no_traceback(
    downloads_app: RunningApp, browser: Browser
) -> None:
    page = browser.new_page()
    page.goto(downloads_app.link("long=1"))
    page.locator(".st-key-head-health").wait_for()
    page.get_by_role("button", name="CSV").click()
    toast = page.get_by_test_id("stToast")
    toast.wait_for()
    assert "the file is over 200 MB: choose a shorter span" in toast.inner_text()
    assert len(press(page, "Parquet")[1]) < 1_000_000
    assert "Traceback" not in downloads_app.log()
    page.close()
