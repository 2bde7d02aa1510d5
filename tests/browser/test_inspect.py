"""What a paused board lets one do beyond its charts, in a real browser."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Position, expect

from tests.browser.inspect_app import BIG, NAMES, WHERE
from tests.browser.running_app import RunningApp, running_app

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PARTS = """() => [...document.querySelectorAll(
    '[class*="st-key-panel-kpi"], [class*="st-key-panel-breakdown"], .pb-kpi, .pb-kpi *, .pb-bars > .pb-row > *, .pb-bars > :not(.pb-row), .pb-bar i, .pb-note'
  )].map(each => { const box = each.getBoundingClientRect(); return [each.children.length ? '' : each.textContent, box.x, box.y, box.width, box.height]; })"""
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


def settled(page: Page) -> list[list[object]]:
    """The parts, once fonts and all that stands above them have come to rest."""
    expect(page.locator(".st-key-panel-events canvas").first).to_be_visible()
    page.wait_for_function(
        f"() => {{ const now = JSON.stringify(({PARTS})()); const rests = window.seen === now; window.seen = now;"
        " return rests && document.fonts.status === 'loaded'; }",
        polling=400,
    )
    parts: list[list[object]] = page.evaluate(PARTS)
    return parts


def outcome(picked: tuple[str, ...] | None, removed: str | None) -> str:
    return repr((picked, removed))


def event_shown(page: Page) -> dict[str, object]:
    """The selected event, once it has come."""
    code = page.locator(".st-key-event code")
    expect(code).to_contain_text("}")
    found: dict[str, object] = json.loads(code.inner_text())
    return found


def click_row(page: Page, row: int, x: int) -> None:
    table = page.locator('.st-key-panel-events [data-testid="stDataFrame"]')
    place: Position = {"x": x, "y": HEAD_PX + ROW_PX * row + ROW_PX // 2}
    table.hover(position={"x": x, "y": HEAD_PX // 2})
    table.hover(position=place)  # as a person's pointer gets there: a box that nothing hovers over is not clicked
    table.click(position=place)


@pytest.mark.parametrize("panel", ["breakdown", "kpi"])
def test_a_click_on_a_series_picks_it(page: Page, panel: str) -> None:
    for name in NAMES:
        part = page.locator(f".st-key-panel-{panel} [data-pick]").filter(has=page.get_by_title(name, exact=True))
        part.click(position={"x": 60, "y": 8})
        expect(page.locator(".st-key-outcome")).to_have_text(outcome((f"host:eq:{name}",), None))


def test_of_html_that_is_no_panels_only_what_panels_are_made_of_is_drawn_and_heard(page: Page) -> None:
    drawn = page.locator(".st-key-hostile .pb-clicks")
    expect(drawn).to_have_text("b")
    assert drawn.inner_html() == '<b style="color: red" data-pick="7">b</b>'
    drawn.locator("b").click()
    page.locator('.st-key-panel-kpi [data-pick="0"]').click()
    expect(page.locator(".st-key-outcome")).to_contain_text("host:eq:")


def test_the_keyboard_picks_too_and_keeps_its_place(page: Page) -> None:
    part = page.locator('.st-key-panel-kpi [data-pick="0"]')
    part.focus()
    for key in ("Enter", "Space"):
        page.keyboard.press("Tab")
        part = page.locator(f'.st-key-panel-kpi [data-pick="{1 if key == "Enter" else 2}"]')
        expect(part).to_be_focused()
        page.keyboard.press(key)
        name = part.locator(".pb-name").get_attribute("title")
        expect(page.locator(".st-key-outcome")).to_have_text(outcome((f"host:eq:{name}",), None))
        expect(part).to_be_focused()
    expect(page.get_by_role("button", name="Show only web-1", exact=True)).to_have_count(2)


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_moves_between_live_and_paused(inspect_app: RunningApp, browser: Browser, width: int) -> None:
    found = []
    for query in ("", "live=1"):
        page = browser.new_page(viewport={"width": width, "height": 1400})
        found.append(settled(opened(page, inspect_app.link(query))))
        page.close()
    assert found[0] == found[1]
    assert len(found[0]) > 60


def test_a_selected_event_is_shown_whole_with_all_its_digits(page: Page) -> None:
    click_row(page, 0, 60 * 5)
    event = event_shown(page)
    assert isinstance(event["id"], int)
    assert event["id"] > BIG
    assert event["order"] in [{"lines": [{"sku": 2**53 + 1}], "ok": ok} for ok in (True, False)]
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


def test_chips_and_statistics_stay_within_the_page_and_chips_are_text(page: Page) -> None:
    chips = page.locator(".st-key-chips button:visible")
    expect(chips).to_have_count(len(WHERE))
    texts = [text.replace("\u2060", "") for text in chips.locator("p").all_inner_texts()]
    assert texts[:3] == ["region = north", "load ≥ 0.9", "<b>*x*</b> = $y$ :smile:"]
    assert texts[3].endswith("…")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 1400})
        for part in [*chips.all(), page.locator(".pb-stats")]:
            box = part.bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    cut = "all => all.filter(each => each.scrollWidth > each.clientWidth).length"
    assert page.locator(".pb-stats td").evaluate_all(cut) == 0
