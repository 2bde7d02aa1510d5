"""Where secrets.toml says who logs in where, nothing is shown, read or opened before that."""

import re
import tomllib
from collections.abc import Callable, Iterator

import pytest
import tomli_w
from playwright.sync_api import Browser, Page

from tests.browser.running_app import ROOT, RunningApp, running_app
from tests.servers.http import WebServer, as_json
from tests.servers.oidc import CLIENT, SECRET, Provider
from tests.strangers.asking import HANDSHAKE, asked

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

ADA = {"email": "ada@example.org", "email_verified": True}
FIRST_LINE = "Log in to see this board."


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with Provider(ADA) as provider:
        yield provider


@pytest.fixture(scope="module")
def feed() -> Iterator[WebServer]:
    with WebServer(lambda _: as_json({"cpu": 0.5})) as server:
        yield server


@pytest.fixture(scope="module")
def app(provider: Provider, feed: WebServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    path = tmp_path_factory.mktemp("secrets") / "secrets.toml"
    auth = example() | {
        "redirect_uri": "http://127.0.0.1:{port}/oauth2callback",
        "cookie_secret": "a-c00kie-s3cret-of-this-test-alone",
        "client_id": CLIENT,
        "client_secret": SECRET,
        "server_metadata_url": provider.metadata_url,
        "viewers": ["@example.org"],
    }
    path.write_text(tomli_w.dumps({"auth": auth, "connections": {"feed": {"type": "http", "url": feed.url}}}))
    command = (
        "-m", "streamlit", "run", "streamlit_app.py", f"--secrets.files={path}", "--server.allowedHosts=127.0.0.1",
    )  # fmt: skip
    with running_app(command) as app:
        yield app


def example() -> dict[str, object]:
    """The settings of docs/SHARING.md: what is tried here is what stands there."""
    [block] = re.findall(r"```toml\n(\[auth\].*?)```", (ROOT / "docs/SHARING.md").read_text(), re.DOTALL)
    auth: dict[str, object] = tomllib.loads(block)["auth"]
    return auth


def test_the_settings_of_the_example_are_those_that_are_tried() -> None:
    assert set(example()) == {
        "redirect_uri",
        "cookie_secret",
        "client_id",
        "client_secret",
        "server_metadata_url",
        "viewers",
    }


Visit = Callable[[], Page]


@pytest.fixture
def visit(browser: Browser, app: RunningApp) -> Iterator[Visit]:
    """Opens the board of the feed in a browser of its own that nobody has logged in with."""
    pages: list[Page] = []

    def open_page() -> Page:
        page = browser.new_context().new_page()
        page.set_default_timeout(20_000)
        page.goto(app.link("source=http&connection=feed&every=1s"))
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.context.close()


def log_in(page: Page) -> None:
    page.get_by_text(FIRST_LINE).wait_for()
    page.get_by_role("button", name="Log in").click()


def test_nothing_is_opened_before_a_login_and_the_board_after_it(
    visit: Visit, app: RunningApp, feed: WebServer, provider: Provider
) -> None:
    provider.who = ADA
    page = visit()
    page.get_by_text(FIRST_LINE).wait_for()
    assert page.locator("[data-testid=stSidebar] [data-testid=stSelectbox]").count() == 0
    assert page.locator(".st-key-pulse").count() == 0
    assert not feed.requests
    log_in(page)
    page.locator(".st-key-pulse").wait_for(state="attached")
    page.get_by_text("Logged in as ada@example.org").wait_for(state="attached")
    page.goto(app.link("source=http&connection=feed&every=1s"))
    page.wait_for_function("() => /events [1-9]/.test(document.querySelector('.st-key-pulse')?.innerText)")
    assert feed.requests
    page.get_by_role("button", name="Log out").click()
    page.get_by_text(FIRST_LINE).wait_for()


@pytest.mark.parametrize(
    "who",
    [
        {"email": "eve@elsewhere.org", "email_verified": True},
        {"email": "ada@example.org", "email_verified": False},
        {"email": "ada@example.org"},
        {},
    ],
)
def test_who_can_log_in_but_is_not_among_the_viewers_sees_nothing(
    visit: Visit, provider: Provider, who: dict[str, object]
) -> None:
    provider.who = who
    page = visit()
    log_in(page)
    page.get_by_text("This page is not for this login.").wait_for()
    assert page.locator(".st-key-pulse").count() == 0


def test_a_login_that_somebody_made_up_is_none(browser: Browser, app: RunningApp) -> None:
    context = browser.new_context()
    made_up = '{"is_logged_in": true, "email": "ada@example.org", "email_verified": true}'
    context.add_cookies([{"name": "_streamlit_user", "value": made_up, "url": app.origin}])
    page = context.new_page()
    page.goto(app.link())
    page.get_by_text(FIRST_LINE).wait_for()
    context.close()


@pytest.mark.parametrize(("host", "status"), [("127.0.0.1", 101), ("evil.example", 403)])
def test_a_name_that_is_not_the_apps_own_is_refused(app: RunningApp, host: str, status: int) -> None:
    headers = {**HANDSHAKE, "Host": host, "Origin": f"http://{host}"}
    assert asked(app, "GET", "/_stcore/stream", headers)[0] == status
