"""A feed of whoever means harm: its names, values and errors are shown as the text they are, and run nowhere."""

import contextlib
import csv
import json
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import standing
from tests.browser.board_page import FULL_PANELS, BoardPage
from tests.browser.running_app import RunningApp
from tests.servers.parrots import parrots
from views import PANELS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ELSEWHERE = "ELSEWHERE"
"""Stands for an address to which nothing may be sent."""

RUNS = (
    "<script>window.__pwned=1</script>",
    "<img src=x onerror=window.__pwned=2>",
    '"><svg onload=window.__pwned=3>',
    "[a](javascript:window.__pwned=4)",
    f"![a](http://{ELSEWHERE}/leak.png)",
    f"<iframe src=http://{ELSEWHERE}/></iframe>",
    "'];window.__pwned=5;//",
    "datum['a']+window.alert(6)",
    "</style><script>window.__pwned=7</script>",
    "\\u003cscript\\u003ewindow.__pwned=8\\u003c/script\\u003e",
    "{{constructor.constructor('window.__pwned=9')()}}",
)
MEANS = (
    ":red[red]",
    ":material/home:",
    ":smile:",
    "$x^2$",
    "**bold** `code` ~~gone~~",
    "# head",
    "a.b[0]\\'\"",
    "=cmd|'/C calc'!A0",
    "+1+cmd()",
    "@SUM(A1)",
    "../../etc/passwd",
    "http://example.org/",
    "\u202egnp.exe",
)
TEXTS = (*RUNS, *MEANS)

MEASURE = f"load **bold** :red[red] {RUNS[1]}"
SPLIT = "host.[0]\\'\" `code` $x^2$"
"""Fields that the board is about, so that they stand in its titles, reasons and tooltips."""

ODD_ELEMENTS = """() => [...document.querySelectorAll('[data-testid="stMain"] *, [data-testid="stSidebar"] *, .stTooltipContent *')]
    .filter(each => each.matches('script, iframe, object, embed, img, [onerror], [onload], .katex, a[href^="javascript:"], a[href*="example.org"]')
        || (each.matches('strong, em, del, code, h1, a, span[style*="color"]') && ['bold', 'code', 'gone', 'head', 'a', 'red'].includes(each.textContent)))
    .map(each => each.outerHTML.slice(0, 120))"""
"""What the feed's texts would be if they were read as HTML or Markdown."""


def events(elsewhere: str) -> list[dict[str, object]]:
    """Fields, values and metrics of every kind, with a name in each that would do something."""
    now = datetime.now(UTC)
    texts = [text.replace(ELSEWHERE, elsewhere) for text in TEXTS]
    named = [text for text in texts if len(text) < 60]
    return [
        {
            "at": (now - timedelta(seconds=300 - number)).isoformat(),
            MEASURE: number % 17,
            named[number % 3]: float(number % 5),
            SPLIT: texts[number % len(texts)],
            texts[0]: texts[(number * 7) % len(texts)],
            "said": f"{number} {texts[(number * 3) % len(texts)]}",
        }
        for number in range(300)
    ]


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, list[int]]]:
    """An address, and a list that grows with each connection to it."""
    caught: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    caught.append(1)
                    connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}", caught
        server.shutdown(socket.SHUT_RDWR)
    thread.join()


class Watched(BoardPage):
    """A board that notes what should never happen on it."""

    def __init__(self, page: Page, app: RunningApp) -> None:
        super().__init__(page, app.origin)
        page.set_default_timeout(40_000)
        page.on("dialog", self._dialog)
        page.on("request", lambda request: self._sent(request.url))

    def _dialog(self, dialog: object) -> None:
        self.troubles.append(f"a dialog: {dialog}")

    def _sent(self, url: str) -> None:
        if not url.startswith((self._origin, self._origin.replace("http", "ws"), "data:", "blob:")):
            self.troubles.append(f"a request to {url}")

    def wait(self, condition: str, argument: Any = None, timeout_s: float = 60.0) -> None:
        super().wait(condition, argument, timeout_s)

    def is_harmless(self) -> None:
        assert self.page.evaluate("() => window.__pwned") is None
        assert self.page.evaluate(ODD_ELEMENTS) == []
        assert not self.troubles, "\n".join(self.troubles)

    def shows(self, names: tuple[str, ...] = tuple(PANELS)) -> None:
        self.wait(FULL_PANELS, list(names))

    def hover_over(self, name: str) -> None:
        """Move across a chart, so that its tooltip is drawn."""
        card = self.panel(name)
        card.scroll_into_view_if_needed()
        box = card.bounding_box()
        assert box is not None
        for part in (0.3, 0.5, 0.7, 0.9):
            self.page.mouse.move(box["x"] + box["width"] * part, box["y"] + box["height"] * 0.6, steps=4)
            self.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def open_each(self, kind: str) -> None:
        """Open whatever says more when it is pressed, and close it again."""
        for button in self.page.locator(f'[data-testid="stMain"] {kind}').all():
            if button.is_visible():
                button.click()
                self.page.get_by_test_id("stPopoverBody").last.wait_for()
                self.is_harmless()
                self.page.keyboard.press("Escape")


@pytest.fixture
def board(app: RunningApp, browser: Browser) -> Iterator[Watched]:
    context = browser.new_context(viewport={"width": 1440, "height": 1400}, accept_downloads=True)
    board = Watched(context.new_page(), app)
    yield board
    context.close()
    assert "Traceback" not in app.log()


@pytest.fixture
def recording(elsewhere: tuple[str, list[int]], tmp_path: Path) -> Path:
    path = tmp_path / "<img src=x onerror=window.__pwned=20>.ndjson"
    path.write_text("\n".join(json.dumps(event) for event in events(elsewhere[0])))
    return path


def test_every_panel_shows_text_as_text_live_and_paused_and_so_do_its_files(
    app: RunningApp, board: Watched, recording: Path, elsewhere: tuple[str, list[int]], tmp_path: Path
) -> None:
    link = {"source": "replay", "path": str(recording), "times": "now", "loop": "true", "by": SPLIT, "value": MEASURE}
    board.page.goto(app.link({**link, "window": "15m"}))
    board.shows()
    assert "window.__pwned" in board.panel("breakdown").inner_text() + board.panel("events").inner_text()
    for name in ("series", "raw", "distribution", "heatmap"):
        board.hover_over(name)
    board.is_harmless()
    board.open_each('[data-testid="stPopoverButton"]')
    board.pause()
    standing.wait_until_at_rest(board)
    for name in ("series", "raw", "distribution", "heatmap"):
        board.hover_over(name)
    board.is_harmless()
    shown = board.panel("breakdown").locator(".pb-name").all_text_contents()
    assert len(shown) > 5
    assert set(shown) <= {text.replace(ELSEWHERE, elsewhere[0]) for text in TEXTS}
    taken = standing.take(board, "take", "CSV", tmp_path)
    with taken.open(newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert any("cmd|" in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "@", "+1+"))]
    assert not elsewhere[1]


HARM = " ".join(RUNS[:4]) + " " + " ".join(MEANS[:6])
NOBODY = "127.0.0.1:1"


@pytest.mark.parametrize(
    ("link", "said"),
    [
        (
            {"window": HARM, "agg": HARM, "refresh": HARM, HARM: "1", "where": f"{RUNS[1]}:eq:x:{HARM}"},
            "could not be used",
        ),
        ({"source": "replay", "path": f"/nowhere/{RUNS[1]}.csv"}, "/nowhere/<img src=x"),
        ({"source": "replay", "recording": HARM}, "is no recording's name"),
        ({"source": "redis", "url": "redis://{redis}", "channel": RUNS[1]}, "ERR you said"),
        ({"source": "nats", "url": "nats://{nats}", "topic": "x"}, "Trying again"),
        ({"source": "http", "url": f"http://{NOBODY}/{RUNS[1]}"}, "Trying again"),
        ({"source": "sql", "url": f"postgresql://ann@{NOBODY}/{RUNS[1]}", "table": HARM[:150]}, "Trying again"),
        ({"source": "kafka", "bootstrap_servers": NOBODY, "topic": RUNS[1]}, "topic"),
        ({"board": HARM}, "is no board's name"),
    ],
)
def test_what_goes_wrong_is_told_in_text(app: RunningApp, board: Watched, link: dict[str, str], said: str) -> None:
    with parrots() as ports:
        places = {name: f"127.0.0.1:{port}" for name, port in ports.items()}
        filled = {
            name: text.replace("{redis}", places["redis"]).replace("{nats}", places["nats"])
            for name, text in link.items()
        }
        board.page.goto(app.link({"views": "kpi", **filled}))
        for more in board.page.get_by_text("could not be used").all():
            more.click()
        board.page.get_by_test_id("stMain").get_by_text(said).or_(
            board.page.get_by_test_id("stSidebar").get_by_text(said)
        ).first.wait_for(state="attached")
        board.is_harmless()
