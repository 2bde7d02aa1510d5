"""The board as its viewer meets it: what the page shows, and what a hand can do there."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import ConsoleMessage, Locator, Page
from playwright.sync_api import TimeoutError as TookTooLong

from views import PANELS

WAIT_S = 15.0
"""A deadline, not an expectation: what must be quick is measured."""


CHARTS = ("series", "raw", "distribution", "heatmap")

TWO_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"

READ_PULSE = """() => document.querySelector('.st-key-pulse')?.innerText
    .match(/newest event (\\S+) · events (\\d+) · frame (\\d+)/)?.slice(1)"""

FULL_PANELS = """names => names.every(name => {
    const card = document.querySelector(`.st-key-panel-${name}`);
    return card && card.getBoundingClientRect().height > 60
        && card.querySelector('svg.marks, canvas.marks, .pb-kpi, .pb-bars, .pb-table, .pb-tiles'); })"""

PANEL_NAMES = """() => [...document.querySelectorAll('[class*="st-key-panel-"]')]
    .map(card => card.className.match(/st-key-panel-(\\w+)/)[1])"""

HALF_FADED = """() => [...document.querySelectorAll('[data-testid="stElementContainer"]')].filter(element => {
    let opacity = 1;
    for (let each = element; each; each = each.parentElement) opacity *= Number(getComputedStyle(each).opacity);
    return opacity < 0.9 && element.getBoundingClientRect().height > 4;
}).map(element => element.innerText.slice(0, 60))"""

TOO_WIDE = """() => [...document.querySelectorAll('[data-testid="stMain"] *')].filter(element => {
    const box = element.getBoundingClientRect();
    if (!box.width || box.right <= document.documentElement.clientWidth + 1) return false;
    for (let each = element.parentElement; each; each = each.parentElement)
        if (getComputedStyle(each).overflowX !== 'visible' && each.dataset.testid !== 'stMain') return false;
    return true;
}).map(element => element.className || element.tagName)"""

BOXES = """() => Object.fromEntries([...document.querySelectorAll('[class*="st-key-panel-"]')].map(card => {
    const box = card.getBoundingClientRect();
    return [card.className.match(/st-key-panel-(\\w+)/)[1], [box.x, box.y, box.width, box.height].map(Math.round)]; }))"""

CHART_MARKS = """name => {
    const canvas = document.querySelector(`.st-key-panel-${name} canvas.marks`);
    if (canvas) return [canvas.toDataURL()];
    return [...document.querySelectorAll(`.st-key-panel-${name} svg.marks path`)].map(path => path.getAttribute('d')); }"""


@dataclass(frozen=True)
class Pulse:
    """What the page's marker for scripts says."""

    newest: str
    events: int
    frame: int


class BoardPage:
    """One open tab."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page = page
        self.troubles: list[str] = []
        """Errors on the console and exceptions of scripts; what lies elsewhere (fonts, offline) is not ours."""
        self._origin = origin
        page.set_default_timeout(WAIT_S * 1000)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.troubles.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and message.location.get("url", "").startswith(self._origin):
            self.troubles.append(message.text)

    # What it shows

    def pulse(self) -> Pulse:
        newest, events, frame = self.page.wait_for_function(READ_PULSE, polling=50).json_value()
        return Pulse(newest, int(events), int(frame))

    def panel(self, name: str) -> Locator:
        return self.page.locator(f".st-key-panel-{name}")

    def panels(self) -> list[str]:
        """The names of the panels shown, in their order on the page."""
        names: list[str] = self.page.evaluate(PANEL_NAMES)
        return names

    def ghosts(self) -> list[str]:
        """How the elements begin that an earlier run has left behind, half faded."""
        texts: list[str] = self.page.evaluate(HALF_FADED)
        return texts

    def too_wide(self) -> list[str]:
        """Elements that reach out of the page on the right."""
        names: list[str] = self.page.evaluate(TOO_WIDE)
        return names

    def boxes(self) -> dict[str, list[int]]:
        """Each panel's x, y, width and height, in pixels."""
        boxes: dict[str, list[int]] = self.page.evaluate(BOXES)
        return boxes

    def marks(self, name: str) -> list[str]:
        """The outlines drawn in a chart, or its whole picture where it is a canvas."""
        outlines: list[str] = self.page.evaluate(CHART_MARKS, name)
        return outlines

    def query(self) -> dict[str, list[str]]:
        """The link's parameters."""
        return parse_qs(urlsplit(self.page.url).query)

    def sidebar(self) -> Locator:
        return self.page.get_by_test_id("stSidebar")

    def setting(self, label: str) -> str:
        """What the sidebar's widget holds."""
        return self.sidebar().get_by_label(label, exact=True).input_value()

    # What a hand does

    def choose(self, label: str, option: str) -> None:
        """Choose in a select."""
        select = self.sidebar().get_by_role("combobox", name=label, exact=True)
        select.scroll_into_view_if_needed()
        self.page.evaluate(TWO_FRAMES)  # a list that opens while its page still scrolls is closed at once
        select.click()
        self.page.get_by_role("option", name=option, exact=True).click()

    def find(self, label: str, option: str) -> None:
        """Choose in a select of so many that one has to be looked for."""
        select = self.sidebar().get_by_role("combobox", name=label, exact=True)
        select.scroll_into_view_if_needed()
        self.page.evaluate(TWO_FRAMES)
        select.click()
        select.fill(option)
        self.page.get_by_role("option", name=option, exact=True).click()

    def type(self, label: str, text: str) -> None:
        """Type into a field, or into a select that takes what is typed."""
        field = self.sidebar().get_by_label(label, exact=True)
        field.fill(text)
        field.press("Enter")

    def add_filter(self, text: str) -> None:
        self.type("Filters", text)
        self.page.keyboard.press("Escape")  # its list stays open for more, and the rest of the page behind it

    def press(self, name: str) -> None:
        """Press one of the sidebar's pills or segments."""
        self.sidebar().locator("button").filter(has_text=re.compile(f"{re.escape(name)}$")).click()

    def pause(self) -> None:
        """Press the key that pauses the board, and wait for its one frame."""
        paused = "() => new URLSearchParams(location.search).get('mode') === 'paused'"
        self.page.keyboard.press("p")
        try:
            self.wait(paused, timeout_s=6)
        except TookTooLong:  # a press while the page lays itself out anew goes unheard once in a while: press again
            self.page.keyboard.press("p")
            self.wait(paused)
        self.wait(
            f"() => Number(({READ_PULSE})()?.[2]) === 1"
        )  # a paused board is one frame, and its pulse is drawn last
        self.wait_until_tidy()

    def resume(self) -> None:
        """Press the key that brings it back to live."""
        self.page.keyboard.press("l")
        self.wait_for_query(mode=None, at=None, range=None)

    # What is waited for

    def wait(self, condition: str, argument: Any = None, timeout_s: float = WAIT_S) -> None:
        """Wait until the page's own `condition`, a JavaScript function, is true."""
        self.page.wait_for_function(condition, arg=argument, timeout=timeout_s * 1000, polling=50)

    def wait_for_board(self, names: tuple[str, ...] = tuple(PANELS)) -> None:
        """Wait until each of these panels has content and no other panel is there."""
        self.wait(FULL_PANELS, list(names))
        self.wait(f"names => String(({PANEL_NAMES})()) === String(names)", list(names))

    def wait_for_frames(self, frames: int, timeout_s: float = WAIT_S) -> None:
        """Wait until so many more frames were drawn."""
        frame = self.pulse().frame + frames
        self.wait(f"frame => Number(({READ_PULSE})()?.[2]) >= frame", frame, timeout_s)

    def wait_for_query(self, **expected: str | None) -> None:
        """Wait until the link says so; None for a parameter that is left out."""
        self.wait(
            "expected => { const query = new URLSearchParams(location.search);"
            " return Object.entries(expected).every(([name, text]) => query.get(name) === text); }",
            expected,
        )

    def wait_until_tidy(self) -> None:
        """Wait until nothing of an earlier run is left, half faded."""
        self.wait(f"() => ({HALF_FADED})().length === 0", timeout_s=5)
