"""What one viewer sets, filters, uploads or is refused is nowhere at another's."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.board_page import FULL_PANELS, BoardPage
from tests.browser.over_the_wire import Wire
from tests.browser.running_app import RunningApp

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

VIEWS = ("kpi", "events", "health")
MARK = "on1y-adas"
"""Stands in all that the first viewer does."""


class Viewer(BoardPage):
    """A viewer in a browser of his own."""

    def __init__(self, browser: Browser, app: RunningApp) -> None:
        super().__init__(browser.new_context().new_page(), app.origin)
        self.page.set_default_timeout(40_000)
        self.wire = Wire(self.page)

    def wait(self, condition: str, argument: Any = None, timeout_s: float = 60.0) -> None:
        super().wait(condition, argument, timeout_s)

    def go(self, app: RunningApp, **link: str | list[str]) -> None:
        self.page.goto(app.link(link))

    def opens_the_board(self) -> None:
        self.wait(FULL_PANELS, list(VIEWS))

    def hears_of_ada(self) -> bool:
        return MARK.encode() in self.wire.everything()


@pytest.fixture
def ada(browser: Browser, app: RunningApp) -> Iterator[Viewer]:
    viewer = Viewer(browser, app)
    yield viewer
    viewer.page.context.close()


@pytest.fixture
def bob(browser: Browser, app: RunningApp) -> Iterator[Viewer]:
    viewer = Viewer(browser, app)
    yield viewer
    viewer.page.context.close()


def test_settings_filters_uploads_and_errors_stay_with_their_viewer(
    app: RunningApp, ada: Viewer, bob: Viewer, tmp_path: Path
) -> None:
    bob.go(app, source="replay", speed="max", views=",".join(VIEWS))
    bob.opens_the_board()
    ada.go(app, source="replay", speed="max", views=",".join(VIEWS), where=[f"status:ne:{MARK}"], window=MARK)
    ada.opens_the_board()
    assert ada.hears_of_ada()

    path = tmp_path / f"{MARK}.csv"
    path.write_text("at,pump,bar\n" + "".join(f"2026-05-01T12:00:{n:02}Z,{MARK},{n}\n" for n in range(60)))
    ada.sidebar().locator("input[type=file]").set_input_files(path)
    ada.wait("() => /recording=upload-/.test(location.search)")
    ada.page.get_by_text(MARK).first.wait_for(state="attached")
    ada.go(app, source="redis", url="redis://127.0.0.1:1", channel=MARK)
    ada.page.get_by_text("Trying again").first.wait_for(state="attached")

    bob.choose("Speed", "10")
    bob.wait_for_query(speed="10")
    bob.wait_for_frames(2)
    assert not bob.hears_of_ada()
    bob.go(app, source="redis")
    bob.page.get_by_text("is not set up yet").first.wait_for(state="attached")
    bob.go(app, source="replay", speed="max", views=",".join(VIEWS))
    bob.opens_the_board()
    assert not bob.hears_of_ada()
