"""What a pointer does on the charts of a board that stands still, in a real browser."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from state.frame import Frame
from tests.browser.running_app import RunningApp, running_app
from tests.browser.still_app import KINDS
from tests.views.sample_frames import noted_frame
from views.picks import Pick

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

TIME_CHARTS = ("series", "raw", "heatmap")
PICKED = '.st-key-picks [data-testid="stText"]'
TOOLTIP = "#vg-tooltip-element"
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def still() -> Iterator[RunningApp]:
    with running_app(("-m", "streamlit", "run", "tests/browser/still_app.py")) as app:
        yield app


@pytest.fixture
def page(still: RunningApp, browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1440, "height": 1600})
    page.goto(still.link({"kind": "noted"}))
    for name in TIME_CHARTS:
        page.wait_for_selector(f".st-key-panel-{name} :is(svg, canvas).marks")
    yield page
    page.close()


def plot(page: Page, name: str) -> tuple[float, float, float, float]:
    """Left, top, width and height of a chart's plot, about: without its axes and legends."""
    box = page.locator(f".st-key-panel-{name} :is(svg, canvas).marks").bounding_box()
    assert box
    right = 90 if name == "heatmap" else 10
    return box["x"] + 70, box["y"] + 30, box["width"] - 70 - right, box["height"] - (130 if name == "series" else 70)


def at(page: Page, name: str, x: float, y: float) -> tuple[float, float]:
    """A place in the plot by its shares of width and height."""
    left, top, width, height = plot(page, name)
    return left + x * width, top + y * height


def drag(page: Page, name: str, from_x: float, to_x: float) -> None:
    page.mouse.move(*at(page, name, from_x, 0.4))
    page.mouse.down()
    page.mouse.move(*at(page, name, (from_x + to_x) / 2, 0.5), steps=4)
    page.mouse.move(*at(page, name, to_x, 0.6), steps=4)
    page.mouse.up()


def picks(page: Page, count: int) -> list[Pick]:
    """All picks so far, once there are so many."""
    expect(page.locator(PICKED)).to_have_count(count)
    return [eval(text, {"Pick": Pick}) for text in page.locator(PICKED).all_inner_texts()]  # noqa: S307 - our own repr


def axis_of(name: str) -> tuple[int, int]:
    frame: Frame = KINDS["noted"]()
    return (int(frame.raw_us[0]), int(frame.raw_us[-1])) if name == "raw" else (frame.start_us, frame.end_us)


@pytest.mark.parametrize("name", TIME_CHARTS)
def test_a_drag_picks_the_stretch_and_leaves_no_rectangle(page: Page, name: str) -> None:
    start, end = axis_of(name)
    for turn, (one, other) in enumerate(((0.25, 0.5), (0.75, 0.4)), 1):
        drag(page, name, one, other)
        pick = picks(page, turn)[-1]
        assert pick.range_us
        assert not pick.where
        low, high = ((at_us - start) / (end - start) for at_us in pick.range_us)
        assert low == pytest.approx(min(one, other), abs=0.03)
        assert high == pytest.approx(max(one, other), abs=0.03)
        expect(page.locator(f".st-key-panel-{name} .span_brush path")).to_have_count(1 if name == "series" else 0)
        page.wait_for_function("() => !document.querySelector('.span_brush path')?.getBoundingClientRect().width")


@pytest.mark.parametrize("name", TIME_CHARTS[:2])
def test_a_click_in_the_plot_picks_its_instant_again_and_again(page: Page, name: str) -> None:
    start, end = axis_of(name)
    for turn in (1, 2):
        page.mouse.click(*at(page, name, 0.3, 0.02))
        pick = picks(page, turn)[-1]
        assert pick.at_us
        assert (pick.at_us - start) / (end - start) == pytest.approx(0.3, abs=0.03)


def test_a_click_in_the_legend_picks_the_series(page: Page) -> None:
    for turn in (1, 2):
        page.locator(".st-key-panel-series .role-legend-label text", has_text="search").click()
        assert picks(page, turn) == [Pick(where=("service:eq:search",))] * turn


def test_a_click_on_a_cell_picks_its_time_and_values(page: Page) -> None:
    start, end = axis_of("heatmap")
    page.mouse.click(*at(page, "heatmap", 0.3, 0.5))
    (pick,) = picks(page, 1)
    assert pick.range_us
    assert pick.range_us[1] - pick.range_us[0] == 5_000_000
    assert (pick.range_us[0] - start) / (end - start) == pytest.approx(0.3, abs=0.05)
    low, high = pick.where
    assert low.startswith("latency_ms:ge:")
    assert high.startswith("latency_ms:lt:")
    assert 0 < float(high.rpartition(":")[2]) - float(low.rpartition(":")[2]) < 40


@pytest.mark.parametrize("name", TIME_CHARTS)
def test_hovering_shows_values_and_notes_before_and_after_a_drag(page: Page, name: str) -> None:
    for turn in (0, 1):
        if name == "raw":
            hover_until_told(page, name)
        else:
            page.mouse.move(*at(page, name, 0.3, 0.5))
            page.mouse.move(*at(page, name, 0.301, 0.5))
            expect(page.locator(TOOLTIP)).to_contain_text("time")
        if not turn:
            drag(page, name, 0.2, 0.6)
            picks(page, 1)


def hover_until_told(page: Page, name: str) -> None:
    """Move over the plot until a mark tells of itself."""
    for x in range(20, 60):
        for y in (0.3, 0.5, 0.7):
            page.mouse.move(*at(page, name, x / 100, y))
            if page.locator(f"{TOOLTIP}.visible").count():
                return
    pytest.fail("no point has a tooltip")


def test_a_flag_tells_its_note_as_text(page: Page) -> None:
    flags = page.locator(".st-key-panel-series .mark-symbol path[fill^='#']")
    texts = []
    for number in range(flags.count()):
        box = flags.nth(number).bounding_box()
        if box and box["height"] > 100:
            page.mouse.move(box["x"] + 2, box["y"] + 2)
            page.mouse.move(box["x"] + 2.5, box["y"] + 3)
            expect(page.locator(TOOLTIP)).to_contain_text("note")
            texts.append(page.locator(f"{TOOLTIP} td.value").last.inner_text())
    assert "; ".join(texts) == "; ".join(note.text for note in noted_frame().notes)


FLAGS = """() => [...document.querySelectorAll('.st-key-panel-series .mark-symbol path')]
    .filter(path => path.getBoundingClientRect().height > 100).map(path => path.getBoundingClientRect().left)"""


def test_notes_come_and_go_on_live_charts_that_stay_the_same_elements(still: RunningApp, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(still.link({"kind": "noted", "live": "1"}))
    page.wait_for_function(
        f"() => ({FLAGS})().length && document.querySelectorAll(':is(svg, canvas).marks').length === 4"
    )
    page.evaluate("""() => {
        window.charts = [...document.querySelectorAll(':is(svg, canvas).marks')]
        window.plot = document.querySelector('.st-key-panel-series .mark-group.role-frame path').getBoundingClientRect().height
    }""")
    for there in ("===", "!==", "==="):
        page.wait_for_function(f"() => ({FLAGS})().length {there} 0")
    page.wait_for_function(f"() => ({FLAGS})().length")
    before = page.evaluate(FLAGS)
    page.wait_for_function(f"before => ({FLAGS})()[0] < before - 5", arg=before[0])
    assert page.evaluate("() => window.charts.every(chart => chart.isConnected)")
    assert page.evaluate(
        "() => document.querySelector('.st-key-panel-series .mark-group.role-frame path').getBoundingClientRect().height === window.plot"
    )
    page.close()
