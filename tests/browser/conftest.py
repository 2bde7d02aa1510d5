"""The running app and the browser for the tests of this folder."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.board_page import BoardPage
from tests.browser.chromium import chromium
from tests.browser.running_app import RunningApp, running_app
from tests.servers.free_port import free_port

OpenBoard = Callable[..., BoardPage]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for each file: while it runs, its event loop stands in the way of others in this thread."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def push_port() -> int:
    """Where the app listens for posts."""
    return free_port()


@pytest.fixture(scope="session")
def app(push_port: int) -> Iterator[RunningApp]:
    with running_app(PULSEBOARD_PUSH_PORT=str(push_port)) as app:
        yield app


@pytest.fixture
def open_board(app: RunningApp, browser: Browser) -> Iterator[OpenBoard]:
    """Opens the app with a query in a fresh context. No tab may have had an error on its console by the test's end."""
    boards: list[BoardPage] = []

    def open_page(query: str | Mapping[str, str | list[str]] = "", **settings: Any) -> BoardPage:
        context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **settings})
        board = BoardPage(context.new_page(), app.origin)
        boards.append(board)
        board.page.goto(app.link(query))
        return board

    before = len(app.log())
    yield open_page
    for board in boards:
        board.page.context.close()
    assert "Traceback" not in app.log()[before:]
    troubles = [trouble for board in boards for trouble in board.troubles]
    assert not troubles, "\n".join(troubles)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Show the app's log with a failure."""
    report = yield
    app = getattr(item, "funcargs", {}).get("app")
    if report.failed and app is not None:
        report.sections.append(("the app's log", app.log()[-6000:]))
    return report
