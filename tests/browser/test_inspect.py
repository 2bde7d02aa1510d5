"""What a paused board lets one do beyond its charts, in a real browser."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.inspect_app import BIG, NAMES, WHERE
from tests.browser.running_app import RunningApp, running_app

PARTS = """() => [...document.querySelectorAll(
    '[class*="st-key-panel-kpi"], [class*="st-key-panel-breakdown"], .pb-kpi, .pb-kpi *, .pb-bars > .pb-row > *, .pb-bars > :not(.pb-row), .pb-bar i, .pb-note'
  )].map(each => { const box = each.getBoundingClientRect(); return [each.textContent, box.x, box.y, box.width, box.height]; })"""
"""Text and place of all that the two panels are made of, but for what is around a row that can be clicked."""

ROW_PX, HEAD_PX = 35, 35
WIDTHS = (1440, 390)


@pytest.fixture(scope="module")
def inspect_app() -> Iterator[RunningApp]:
    with running_app(("-m", "streamlit", "run", "tests/browser/inspect_app.py")) as app:
        yield app


@pytest.fixture
def troubles() -> list[str]:
    return []


@pytest.fixture
def page(inspect_app: RunningApp, browser: Browser, troubles: list[str]) -> Iterator[Page]:
    """The board that stands still. Nothing in it may have been taken for a script, nor have failed, by the test's end."""
    page = browser.new_page(viewport={"width": 1440, "height": 1400})
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    opened(page, inspect_app.link())
    yield page
    assert page.title() == "Streamlit"
    assert page.locator(".pb-kpis img, .pb-bars img, .pb-stats img").count() == 0
    page.close()
    assert "Traceback" not in inspect_app.log()
    assert not troubles


def opened(page: Page, link: str) -> Page:
    page.goto(link)
    expect(page.locator(".st-key-outcome")).to_have_text("(None, None)")
    expect(page.locator(".pb-name").last).to_be_visible()
    return page


def outcome(picked: tuple[str, ...] | None, removed: str | None) -> str:
    return repr((picked, removed))


def event_shown(page: Page) -> dict[str, object]:
    """The selected event, once it has come."""
    code = page.locator(".st-key-event code")
    expect(code).to_contain_text("}")
    found: dict[str, object] = json.loads(code.inner_text())
    return found


def click_row(page: Page, row: int, x: int) -> None:
    page.locator('.st-key-panel-events [data-testid="stDataFrame"]').click(
        position={"x": x, "y": HEAD_PX + ROW_PX * row + ROW_PX // 2}
    )


@pytest.mark.parametrize("panel", ["breakdown", "kpi"])
@pytest.mark.parametrize("name", NAMES)
def test_a_click_on_a_series_picks_it(page: Page, panel: str, name: str) -> None:
    page.locator(f".st-key-panel-{panel} [data-pick]").filter(
        has=page.get_by_title(name, exact=True)
    ).click(position={"x": 60, "y": 8})  # fmt: skip
    expect(page.locator(".st-key-outcome")).to_have_text(outcome((f"host:eq:{name}",), None))


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_the_keyboard_picks_too_and_keeps_its_place(page: Page, key: str) -> None:
    first, second = (page.locator(f'.st-key-panel-kpi [data-pick="{place}"]') for place in (0, 1))
    first.focus()
    page.keyboard.press("Tab")
    expect(second).to_be_focused()
    page.keyboard.press(key)
    name = second.locator(".pb-name").get_attribute("title")
    expect(page.locator(".st-key-outcome")).to_have_text(outcome((f"host:eq:{name}",), None))
    expect(second).to_be_focused()
    expect(page.get_by_role("button", name="Show only web-1", exact=True)).to_have_count(2)


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_moves_between_live_and_paused(inspect_app: RunningApp, browser: Browser, width: int) -> None:
    found = []
    for query in ("", "live=1"):
        page = browser.new_page(viewport={"width": width, "height": 1400})
        found.append(opened(page, inspect_app.link(query)).evaluate(PARTS))
        page.close()
    assert found[0] == found[1]
    assert len(found[0]) > 60


def test_a_selected_event_is_shown_whole_with_all_its_digits(page: Page) -> None:
    click_row(page, 0, 60 * 5)
    event = event_shown(page)
    assert isinstance(event["id"], int)
    assert event["id"] > BIG
    assert event["order"] == {"lines": [{"sku": 2**53 + 1}], "ok": False}
    assert event["host"] in NAMES
    expect(page.locator(".st-key-event-facts")).to_contain_text(f"<b>key</b>partition3offset{event['id']}")
    expect(page.locator(".st-key-panel-events")).to_contain_text("The newest 5,000 of 12,000")


def test_the_box_of_a_row_selects_as_its_cells_do_and_other_runs_keep_the_selection(page: Page) -> None:
    click_row(page, 1, 300)
    second = event_shown(page)["id"]
    click_row(page, 2, 22)
    code = page.locator(".st-key-event code")
    expect(code).not_to_contain_text(str(second))
    third = event_shown(page)["id"]
    page.locator(".st-key-chips button:visible").first.click()
    expect(page.locator(".st-key-outcome")).to_have_text(outcome(None, WHERE[0]))
    expect(code).to_contain_text(str(third))
    click_row(page, 2, 22)
    expect(code).to_have_count(0)


def test_the_table_can_be_searched(page: Page) -> None:
    table = page.locator('.st-key-panel-events [data-testid="stDataFrame"]')
    table.hover()
    page.locator('.st-key-panel-events [aria-label="Search"]').click()
    page.keyboard.type("no event says this")
    expect(page.get_by_text("0 results")).to_be_visible()


def test_three_hundred_fields_do_not_stop_the_page(inspect_app: RunningApp, browser: Browser) -> None:
    page = opened(browser.new_page(viewport={"width": 1440, "height": 1400}), inspect_app.link("fields=300"))
    expect(page.locator(".st-key-panel-events")).to_contain_text("The first 60 of")
    click_row(page, 0, 300)
    assert event_shown(page)["f299"] == 299
    page.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_chips_show_their_filters_as_text_within_the_page(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 1400})
    chips = page.locator(".st-key-chips button:visible")
    expect(chips).to_have_count(len(WHERE))
    texts = [text.replace("\u2060", "") for text in chips.locator("p").all_inner_texts()]
    assert texts[:3] == ["region = north", "load ≥ 0.9", "<b>*x*</b> = $y$ :smile:"]
    assert texts[3].endswith("…")
    for chip in chips.all():
        box = chip.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_statistics_fit_on_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 1400})
    wide = page.locator(".pb-stats td").evaluate_all(
        "all => all.filter(each => each.scrollWidth > each.clientWidth).length"
    )
    assert wide == 0
    box = page.locator(".pb-stats").bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= 390
