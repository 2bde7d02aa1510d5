"""What crashes is said where it stands, with details to copy; the rest goes on, and it recovers by itself."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.board_page import BoardPage
from tests.browser.crash_app import VALUE
from tests.browser.running_app import RunningApp, running_app

pytestmark = pytest.mark.slow

Crash = Callable[..., None]
"""Has these parts crash from now on, and no others."""


@pytest.fixture(scope="module")
def crash_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("crash") / "parts"


@pytest.fixture(scope="module")
def app(crash_file: Path) -> Iterator[RunningApp]:
    crash_file.write_text("")
    command = ("tests/browser/crash_app.py", "run", "streamlit_app.py")
    with running_app(command, CRASH_FILE=str(crash_file)) as app:
        yield app


@pytest.fixture
def crash(crash_file: Path) -> Iterator[Crash]:
    def now(*parts: str) -> None:
        new = crash_file.with_suffix(".new")
        new.write_text(" ".join(parts))
        new.replace(crash_file)

    yield now
    now()


@pytest.fixture
def open_board(app: RunningApp, browser: Browser) -> Iterator[Callable[..., BoardPage]]:
    contexts = []

    def open_page(**query: str) -> BoardPage:
        context = browser.new_context(
            viewport={"width": 1440, "height": 900}, permissions=["clipboard-read", "clipboard-write"]
        )
        contexts.append(context)
        board = BoardPage(context.new_page(), app.origin)
        board.page.goto(app.link(query))
        board.page.locator(".st-key-pulse").get_by_text("frame").wait_for(
            timeout=60_000
        )  # the first one imports everything
        board.wait_for_frames(2, timeout_s=60)
        return board

    yield open_page
    for context in contexts:
        context.close()


def copied(board: BoardPage, place: str) -> str:
    """What the button in a place copies."""
    board.page.evaluate("() => navigator.clipboard.writeText('')")
    board.page.locator(f"{place} .pb-broken button").click()
    board.page.locator(f"{place} .pb-broken button").get_by_text("Copied").wait_for()
    text: str = board.page.evaluate("() => navigator.clipboard.readText()")
    return text


def logged(app: RunningApp, event: str, **fields: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in app.log().splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"] == event and fields.items() <= line.items()]


def test_a_panel_that_crashes_live_is_alone_and_recovers(
    app: RunningApp, crash: Crash, open_board: Callable[..., BoardPage]
) -> None:
    board = open_board(views="kpi,series,health", by="service", where="region:ne:nowhere")
    crash("series", "kpi")
    for name in ("series", "kpi"):
        board.panel(name).get_by_text("could not be drawn (KeyError)").wait_for()
    board.wait_for_frames(5)
    board.panel("health").get_by_text("read so far").wait_for()
    details = copied(board, ".st-key-panel-series")
    for part in ("Pulseboard", "streamlit 1.", "source: simulated", "panel: series", "1 filters", "crash_app.py"):
        assert part in details
    assert VALUE not in details
    assert "nowhere" not in details
    crash()
    board.wait_for_board(("kpi", "series", "health"))
    assert board.page.locator(".pb-broken").count() == 0
    [line] = logged(app, "a panel could not be drawn", panel="series")
    assert "crash_app.py" in line["error"]
    assert VALUE not in app.log()
    assert board.troubles == []


@pytest.mark.parametrize("crashing", ["heatmap", "still-heatmap"])
def test_a_panel_that_crashes_on_a_board_that_stands_is_alone_and_recovers(
    crash: Crash, open_board: Callable[..., BoardPage], crashing: str
) -> None:
    board = open_board(views="kpi,heatmap,events")
    crash(crashing)
    board.pause()
    board.panel("heatmap").get_by_text("could not be drawn (KeyError)").wait_for()
    board.panel("kpi").locator(".pb-kpi").first.wait_for()
    assert "panel: heatmap" in copied(board, ".st-key-panel-heatmap")
    crash()
    board.panel("heatmap").locator(".marks").wait_for(timeout=30_000)
    assert board.page.locator(".pb-broken").count() == 0


@pytest.mark.parametrize(
    ("crashing", "said"),
    [
        ("frame", "this frame (KeyError)"),
        ("age", "the age of what is shown (KeyError)"),
        ("layout", "The board could not be laid out (KeyError)"),
        ("why", "This line could not be laid out (KeyError)"),
    ],
)
def test_what_crashes_around_the_panels_is_said_and_the_board_recovers(
    app: RunningApp, crash: Crash, open_board: Callable[..., BoardPage], crashing: str, said: str
) -> None:
    board = open_board(views="kpi,health")
    crash(crashing)
    if crashing in ("layout", "why"):  # laid out anew as soon as anything is chosen
        board.choose("Aggregate", "max")
    board.page.get_by_text(said).first.wait_for()
    if crashing in ("age", "why"):
        board.wait_for_frames(3)
    assert "crash_app.py" in copied(board, {"why": ".st-key-panel-kpi"}.get(crashing, ""))
    crash()
    expect(board.page.locator(".pb-broken")).to_have_count(0, timeout=90_000)
    board.wait_for_board(("kpi", "health"))
    board.wait_for_frames(3, timeout_s=45)
    assert VALUE not in app.log()
    assert board.page.get_by_text(VALUE).count() == 0


def test_a_frame_that_crashes_on_a_board_that_stands_is_said_and_made_again(
    crash: Crash, open_board: Callable[..., BoardPage]
) -> None:
    board = open_board(views="kpi,health")
    crash("standing")
    board.page.keyboard.press("p")
    board.page.get_by_text("The board could not be laid out (KeyError)").wait_for()
    crash()
    board.panel("kpi").locator(".pb-kpi").first.wait_for(timeout=45_000)
    board.page.locator(".pb-broken").wait_for(state="detached")


def test_a_feed_whose_reading_crashes_says_so_and_goes_on(
    app: RunningApp, crash: Crash, open_board: Callable[..., BoardPage]
) -> None:
    board = open_board(views="kpi,health", seed="11")
    crash("poll")
    board.page.get_by_text("Reading Simulated feed failed at what nobody had foreseen (KeyError)").first.wait_for()
    board.wait_for_frames(2)
    events = board.pulse().events
    crash()
    board.wait(f"() => Number(document.querySelector('.st-key-pulse').innerText.match(/events (\\d+)/)[1]) > {events}")
    board.panel("health").get_by_text("reading failed").first.wait_for()
    assert VALUE not in app.log()
    [first, *_] = logged(app, "reading failed", source="simulated")
    assert "crash_app.py" in first["error"]
