"""A board that stands still, as its viewer meets it: where it stands, what it says of its events, and what moves it."""

import json
import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from playwright.sync_api import Locator

from sources.simulated import Simulated
from tests.browser.board_page import READ_PULSE, TWO_FRAMES, BoardPage
from views.instants import typed_instant
from views.pause import TIMES

LATE_S = 15
"""The simulated feed's events come at most so long after their time."""

AT_REST = """() => document.querySelector('.stApp')?.dataset.testScriptState === 'notRunning'
    && !document.querySelector('[data-testid="stSkeleton"]')"""

FIGURES = """() => Object.fromEntries([...document.querySelectorAll('.st-key-statistics .pb-stats tbody tr')].map(row =>
    [row.querySelector('th').title, Object.fromEntries(
        [...row.querySelectorAll('td')].map(cell => [cell.dataset.figure, cell.firstChild.textContent]))]))"""

BARS = """() => Object.fromEntries([...document.querySelectorAll('.st-key-panel-breakdown .pb-bars .pb-name')].map(name =>
    [name.title, [...name.parentElement.querySelectorAll('.pb-number')].map(each => each.innerText)]))"""

TOOLTIP = """() => Object.fromEntries([...document.querySelectorAll('#vg-tooltip-element.visible tr')].map(row =>
    [...row.querySelectorAll('td')].map(cell => cell.innerText.replace(/[:\u200b]+$/, ''))))"""


@dataclass(frozen=True)
class Span:
    """What is looked at: `from_us <= event time < to_us`, microseconds since the epoch."""

    from_us: int
    to_us: int


def wait_until_at_rest(board: BoardPage) -> None:
    """Wait until no run of the page is under way, and nothing of an earlier one is left."""
    board.wait(AT_REST)
    board.wait_until_tidy()


def wait_until_now(board: BoardPage) -> None:
    """Wait until the newest event is of the last seconds: the history has come, and the board is live."""
    board.wait(f"() => Date.now() - Date.parse(({READ_PULSE})()?.[0]) < 5000")


# Where it stands


def instant_us(text: str) -> int:
    """Microseconds since the epoch of an ISO instant."""
    return round(datetime.fromisoformat(text).astimezone(UTC).timestamp() * 1000) * 1000


def at_us(board: BoardPage) -> int:
    """The instant in the link."""
    return instant_us(board.query()["at"][0])


def linked_range(board: BoardPage) -> Span | None:
    """The range in the link."""
    ends = board.query().get("range", [""])[0].split("/")
    return Span(*map(instant_us, ends)) if len(ends) == 2 else None


def wait_for_another_range(board: BoardPage, before: str | None) -> Span:
    """Wait until the link has another range than it had, and the page is drawn with it."""
    board.wait("before => (new URLSearchParams(location.search)).get('range') !== before", before)
    wait_until_at_rest(board)
    span = linked_range(board)
    assert span
    return span


def field(board: BoardPage, label: str) -> Locator:
    """The field of that name in the bar."""
    return board.page.locator(".st-key-pause").get_by_role("textbox", name=label, exact=True)


def shown(board: BoardPage, zone: tzinfo = UTC) -> Span:
    """What the board shows, as the fields of its bar say it in the browser's zone."""
    linked = linked_range(board)
    near_us = linked.to_us if linked else at_us(board)
    ends = [typed_instant(field(board, label).input_value(), zone, near_us) for label in ("From", "To")]
    return Span(*ends)


# What it says


def figures(board: BoardPage) -> dict[str, dict[str, str]]:
    """The table of statistics: series → figure → what it says."""
    found: dict[str, dict[str, str]] = board.page.evaluate(FIGURES)
    return found


def corners(board: BoardPage, name: str = "series") -> int:
    """How many points the lines of a chart have."""
    return sum(outline.count("L") + 1 for outline in board.marks(name) if outline.startswith("M") and "L" in outline)


def legend(board: BoardPage) -> list[str]:
    """The names in the legend of the time series, in the order of their columns `s0`, `s1` and so on."""
    return [
        text.strip("\u200b") for text in board.panel("series").locator(".role-legend-label text").all_text_contents()
    ]


def chips(board: BoardPage) -> list[str]:
    """The filters' chips, as they read."""
    found = board.page.locator(".st-key-chips button:visible p").all_inner_texts()
    return [text.replace("\u2060", "") for text in found]


# What is taken away


def take(board: BoardPage, card: str, label: str, folder: Path, *, first: str = "") -> Path:
    """Press a button of a card's download, or of the bar's (`take`) or the recorder's (`record`); gives the file.

    first  what to choose before
    """
    board.page.locator(f".st-key-{card} [data-testid=stPopoverButton]:visible").first.click()
    body = board.page.get_by_test_id("stPopoverBody")
    if first:
        body.locator("button").filter(has_text=first).click()
        wait_until_chosen(board, first)
    with board.page.expect_download() as coming:
        body.get_by_role("button", name=label, exact=True).click()
    path = folder / coming.value.suggested_filename
    coming.value.save_as(path)
    board.page.keyboard.press("Escape")
    body.wait_for(state="hidden")
    return path


def wait_until_chosen(board: BoardPage, option: str) -> None:
    """Wait until the segment of that text is the chosen one, and the page follows it."""
    board.page.get_by_test_id("stPopoverBody").locator("button[aria-checked=true]").filter(has_text=option).wait_for()
    wait_until_at_rest(board)


def spec(board: BoardPage, name: str, folder: Path) -> dict[str, Any]:
    """A chart's Vega-Lite spec, with its data, as the page gives it away."""
    found: dict[str, Any] = json.loads(take(board, f"take-{name}", "Vega-Lite", folder).read_text())
    return found


def rows(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of a spec's data."""
    datasets: dict[str, list[dict[str, Any]]] = found["datasets"]
    return datasets["rows"]


# What a hand does


def plot(board: BoardPage, name: str) -> tuple[float, float, float, float]:
    """Left, top, width and height of a chart's plot: that of the time series to the pixel, of others about."""
    ground = board.panel(name).locator("svg.marks .role-frame.root > g > path.background")
    if ground.count():
        box = ground.bounding_box()
        assert box
        return box["x"], box["y"], box["width"], box["height"]
    box = board.panel(name).locator(":is(svg, canvas).marks").bounding_box()
    assert box
    right = 90 if name == "heatmap" else 10
    return box["x"] + 70, box["y"] + 30, box["width"] - 70 - right, box["height"] - 130


def spot(board: BoardPage, name: str, x: float, y: float) -> tuple[float, float]:
    """A place in a chart's plot by its shares of width and height, once it is in view."""
    board.panel(name).scroll_into_view_if_needed()
    left, top, width, height = plot(board, name)
    return left + x * width, top + y * height


def hover_over_a_cell(board: BoardPage) -> dict[str, str]:
    """Move over the heat map until a cell tells of itself, and stay there; gives what it tells."""
    for y in (0.9, 0.8, 0.7, 0.6, 0.5, 0.4):
        for x in range(40, 60):
            board.page.mouse.move(*spot(board, "heatmap", x / 100, y))
            board.page.evaluate(TWO_FRAMES)
            told: dict[str, str] = board.page.evaluate(TOOLTIP)
            if "events" in told:
                return told
    raise AssertionError("no cell of the heat map has a tooltip")


def drag(board: BoardPage, name: str, from_x: float, to_x: float) -> None:
    """Draw over a chart with the mouse, from one share of its width to another."""
    mouse = board.page.mouse
    mouse.move(*spot(board, name, from_x, 0.4))
    mouse.down()
    mouse.move(*spot(board, name, (from_x + to_x) / 2, 0.5), steps=4)
    mouse.move(*spot(board, name, to_x, 0.6), steps=4)
    mouse.up()


def look(board: BoardPage, from_x: float, to_x: float) -> Span:
    """Drag over the time series, and wait until the board shows what was selected."""
    before = board.query().get("range", [None])[0]
    drag(board, "series", from_x, to_x)
    return wait_for_another_range(board, before)


def press(board: BoardPage, name: str) -> None:
    """Press a button of the bar."""
    board.page.locator(".st-key-pause").get_by_role("button", name=name, exact=True).click()


def play(board: BoardPage, speed: int) -> None:
    """Play on from where the board stands, and wait until it says so."""
    press(board, f"{speed}{TIMES}")
    board.page.get_by_text(f"Playing at {speed}{TIMES}").wait_for()


def write(board: BoardPage, label: str, text: str) -> None:
    """Type into one of the bar's fields."""
    box = field(board, label)
    box.fill(text)
    box.press("Enter")


def stand(board: BoardPage) -> None:
    """Pause the board once its history has come, and wait until all of it is drawn."""
    wait_until_now(board)
    board.pause()
    board.page.locator(".st-key-statistics .pb-stats").wait_for(state="attached")  # on a phone it is folded
    wait_until_at_rest(board)


# What it should say


def simulated_events(settings: Simulated, span: Span) -> pa.Table:
    """The feed's events of that span, worked out anew: they are a function of its settings and the clock alone."""
    end_s = span.to_us / 1e6 + LATE_S
    history_s = math.ceil(end_s - span.from_us / 1e6)
    reader = replace(settings, history=f"{history_s}s").open(now=lambda: end_s)
    tables = []
    while len(batch := reader.poll(0)):
        tables.append(batch.table)
    reader.close()
    table = pa.concat_tables(tables)
    at = table["time"].cast(pa.int64())
    return table.filter(pc.and_(pc.greater_equal(at, span.from_us), pc.less(at, span.to_us)))


def save(board: BoardPage, name: str, span: str = "Selection") -> None:
    """Save a recording under a name, of what is shown or of the last minutes."""
    board.page.locator(".st-key-record [data-testid=stPopoverButton]:visible").first.click()
    body = board.page.get_by_test_id("stPopoverBody")
    body.locator("button").filter(has_text=span).click()
    wait_until_chosen(board, span)
    box = body.get_by_role("textbox", name="Name", exact=True)
    box.fill(name)
    box.press("Enter")
    wait_until_at_rest(board)
    body.get_by_role("button", name="Save", exact=True).click()
    body.get_by_text("events saved").wait_for()
    wait_until_at_rest(board)
    board.page.keyboard.press("Escape")
    body.wait_for(state="hidden")
