"""The app as it is served to others: on every interface of this machine, where nobody may say where to connect to."""

import contextlib
import socket
import threading
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from sources import SOURCES
from sources.connections import ADDRESSES
from sources.protocol import form_fields
from tests.browser.over_the_wire import Wire
from tests.browser.running_app import ROOT, RunningApp, running_server
from tests.strangers.asking import HANDSHAKE, asked

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

MARK = "what-lies-on-the-disk-of-the-server"
SCHEMES = {"http": "http", "websocket": "ws", "mqtt": "mqtt", "redis": "redis", "nats": "nats", "sql": "postgresql"}
TYPED = [
    (kind, each.name) for kind, source in SOURCES.items() for each in form_fields(source) if each.name in ADDRESSES
]


@pytest.fixture(scope="module")
def app() -> Iterator[RunningApp]:
    command = (
        "-m", "streamlit", "run", "streamlit_app.py", "--server.headless=true", "--server.address=0.0.0.0",
        "--server.port={port}",
    )  # fmt: skip
    with running_server(*command, answers_at="/_stcore/health") as app:
        yield app


class Trap:
    """A port that nobody has any business with."""

    def __init__(self) -> None:
        self.caught = 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                self.caught += 1
                connection.close()

    def close(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()


@pytest.fixture
def trap() -> Iterator[Trap]:
    trap = Trap()
    yield trap
    trap.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(("kind", "name"), TYPED)
def test_a_link_leads_the_server_nowhere(  # noqa: PLR0913, PLR0917 - what is needed for it
    app: RunningApp, page: Page, trap: Trap, tmp_path: Path, kind: str, name: str
) -> None:
    (tmp_path / "events.ndjson").write_text(f'{{"at": "2026-05-01T00:00:00Z", "{MARK}": 1}}\n')
    address = (
        str(tmp_path / "events.ndjson")
        if name == "path"
        else f"127.0.0.1:{trap.port}"
        if name == "bootstrap_servers"
        else f"{SCHEMES[kind]}://127.0.0.1:{trap.port}/"
    )
    subject = SOURCES[kind].subject
    link = {"source": kind, name: address} | ({subject: "t"} if subject and subject not in (name, "recording") else {})
    wire = Wire(page)
    page.goto(app.link(link))
    page.get_by_text("this page takes no addresses from a link").first.wait_for(state="attached", timeout=30_000)
    page.get_by_test_id("stStatusWidget").wait_for(state="detached", timeout=30_000)
    assert page.get_by_test_id("stSidebar").get_by_text("address").locator("input").count() == 0
    page.wait_for_function("name => !new URLSearchParams(location.search).has(name)", arg=name, timeout=30_000)
    assert MARK.encode() not in wire.everything()
    assert trap.caught == 0


@pytest.mark.parametrize("own", [True, False])
def test_pages_of_other_sites_cannot_drive_it(app: RunningApp, own: bool) -> None:  # noqa: FBT001
    origin = app.origin.replace("127.0.0.1", "localhost") if own else "https://evil.example"
    status, _ = asked(app, "GET", "/_stcore/stream", {**HANDSHAKE, "Origin": origin})
    assert status == (101 if own else 403)


def test_pages_of_other_sites_cannot_read_it(app: RunningApp) -> None:
    for path in ("/_stcore/health", "/_stcore/host-config", "/"):
        _, headers = asked(app, "GET", path, {"Origin": "https://evil.example"})
        assert headers.get("Access-Control-Allow-Origin") in (None, app.origin)


def test_an_upload_needs_a_token_and_a_session(app: RunningApp) -> None:
    path = "/_stcore/upload_file/0/0"
    assert asked(app, "PUT", path, {})[0] == 403
    token = "0123456789abcdef"  # noqa: S105 - made up
    status, _ = asked(app, "PUT", path, {"X-Xsrftoken": token, "Cookie": f"_streamlit_xsrf={token}"})
    assert status in (400, 403)


def test_the_settings_that_keep_others_out_are_on_and_nobody_has_turned_them_off() -> None:
    server = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())["server"]
    assert server["enableCORS"] is True
    assert server["enableXsrfProtection"] is True
    assert server["maxUploadSize"] <= 50
    assert not {"enableAgentApi", "enableStaticServing", "corsAllowedOrigins"} & server.keys()
