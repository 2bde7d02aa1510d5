"""The picture stays calm: no ghosts, no flicker, no lost hover."""

from itertools import pairwise

import pytest

from tests.browser.board_page import CHARTS, PANEL_NAMES
from tests.browser.conftest import OpenBoard
from views import PANELS

REMEMBER_CHARTS = """names => { window.charts = Object.fromEntries(names.map(name =>
    [name, document.querySelector(`.st-key-panel-${name} :is(svg, canvas).marks`)])); }"""

SAME_CHARTS = """() => Object.fromEntries(Object.entries(window.charts).map(([name, chart]) =>
    [name, chart === document.querySelector(`.st-key-panel-${name} :is(svg, canvas).marks`)]))"""

# Each panel's box, and the pulse's, at every paint, so that what jumps and comes back is seen too.
WATCH_BOXES = """() => {
    window.boxes = {};
    const look = () => {
        for (const card of document.querySelectorAll('[class*="st-key-panel-"], .st-key-pulse')) {
            const name = card.className.match(/st-key-(?:panel-)?(\\w+)/)[1];
            const box = card.getBoundingClientRect();
            const text = [box.x, box.y, box.width, box.height].map(Math.round).join(' ');
            (window.boxes[name] ??= new Set()).add(text);
        }
        requestAnimationFrame(look);
    };
    look(); }"""

SEEN_BOXES = """() => Object.fromEntries(Object.entries(window.boxes).map(([name, seen]) => [name, [...seen]]))"""

WATCH_TOOLTIP = """() => {
    window.tooltips = [];
    window.watching = setInterval(() => {
        const tooltip = document.querySelector('#vg-tooltip-element');
        const shown = tooltip?.classList.contains('visible') && tooltip.getBoundingClientRect().width > 0;
        window.tooltips.push(shown ? tooltip.innerText : '');
    }, 100); }"""


@pytest.mark.slow
def test_views_that_are_switched_off_are_gone_and_leave_no_ghosts(open_board: OpenBoard) -> None:
    board = open_board()
    board.wait_for_board()
    for name in ("measures", "raw", "heatmap", "breakdown", "events"):
        board.press(PANELS[name].title)
    left = ("kpi", "series", "distribution", "health")
    board.wait_for_query(views=",".join(left))
    board.wait_for_board(left)
    board.wait_until_tidy()
    board.wait_for_frames(3)
    assert board.ghosts() == []
    assert board.panels() == list(left)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_another_window_or_source_and_back_leaves_no_ghosts(open_board: OpenBoard) -> None:
    views = ("kpi", "series", "raw")
    board = open_board({"views": ",".join(views)})
    board.wait_for_board(views)
    board.choose("Window", "1m")
    board.wait_for_query(window="1m")
    board.wait_until_tidy()
    board.wait_for_frames(2)
    board.wait_for_board(views)
    assert board.ghosts() == []
    board.choose("Source", "Kafka")
    board.page.get_by_text("is not set up yet").wait_for()
    board.wait(f"() => ({PANEL_NAMES})().length === 0")
    board.wait_until_tidy()
    board.choose("Source", "Simulated feed")
    board.wait_for_board(views)
    board.wait_until_tidy()
    board.wait_for_frames(2)
    assert board.ghosts() == []
    assert board.page.get_by_text("is not set up yet").count() == 0
    assert board.sidebar().get_by_label("Topic", exact=True).count() == 0


@pytest.mark.slow
def test_no_chart_is_built_anew_and_no_card_moves_over_20_ticks(open_board: OpenBoard) -> None:
    board = open_board({"refresh": "0.5s"})
    board.wait_for_board()
    board.wait_for_frames(3)
    before = {name: board.marks(name) for name in CHARTS}
    board.page.evaluate(REMEMBER_CHARTS, list(CHARTS))
    board.page.evaluate(WATCH_BOXES)
    board.wait_for_frames(20, timeout_s=30)
    assert board.page.evaluate(SAME_CHARTS) == dict.fromkeys(CHARTS, True)
    unmoved = [name for name in CHARTS if board.marks(name) == before[name]]
    assert unmoved == [], "20 ticks brought no new rows"
    seen = board.page.evaluate(SEEN_BOXES)
    assert sorted(seen) == sorted([*PANELS, "pulse"])
    assert {name: boxes for name, boxes in seen.items() if len(boxes) > 1} == {}


@pytest.mark.slow
def test_a_tooltip_stays_while_the_mouse_rests_on_a_live_chart(open_board: OpenBoard) -> None:
    board = open_board({"refresh": "0.5s"})
    board.wait_for_board()
    board.wait_for_frames(2)
    plot = board.panel("series").locator("svg.marks").bounding_box()
    assert plot
    board.page.mouse.move(plot["x"] + plot["width"] / 2, plot["y"] + plot["height"] / 3)
    board.wait("() => document.querySelector('#vg-tooltip-element')?.classList.contains('visible')")
    frame = board.pulse().frame
    board.page.evaluate(WATCH_TOOLTIP)
    board.wait("() => window.tooltips.length >= 50")
    texts = board.page.evaluate("() => { clearInterval(window.watching); return window.tooltips; }")
    assert board.pulse().frame >= frame + 5
    assert texts.count("") == 0, f"gone in {texts.count('')} of {len(texts)} looks: {[bool(each) for each in texts]}"
    changes = sum(one != other for one, other in pairwise(texts))
    print(f"the tooltip's text changed {changes} times in {len(texts)} looks")  # noqa: T201 - a figure worth reading
