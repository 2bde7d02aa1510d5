"""What an operator has set up stays on the server: no secret is in a link, a page, a message to the browser or a log line.

Each source connects with planted secrets to where nobody listens, to what speaks no TLS, to what speaks another language, and to
servers that refuse the login and repeat it in their refusal. Every logger of the process writes everything it has.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import tomli_w

from tests.browser.running_app import RunningApp, running_app
from tests.servers.free_port import free_port
from tests.servers.parrots import parrots
from tests.strangers.session import Session
from tests.strangers.written import found_in

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

AT_LEVEL_DEBUG = (
    "import logging, sys; logging.basicConfig(level=logging.DEBUG); sys.argv[0] = 'streamlit';"
    " from streamlit.web.cli import main; main()"
)
NOBODY = 1
"""A port that nothing listens on, and nothing can."""


class Secrets(dict[str, str]):
    """Made up as they are asked for, each like no other; with signs that an address and a `repr` write otherwise."""

    def new(self, name: str) -> str:
        return self.setdefault(name, f"pl4nted/{name}'s=s3cret&{len(self)}+x")

    def plain(self, name: str) -> str:
        """Where no such sign may stand."""
        return self.setdefault(name, f"pl4nted-{name}-s3cret-{len(self)}")


def plant(  # noqa: PLR0911
    kind: str, where: str, port: int, planted: Secrets, *, secure: bool = False
) -> dict[str, Any]:
    """A connection of that kind to a port of this machine, whose every login is planted."""
    at = f"127.0.0.1:{port}"
    new, plain = (lambda name: planted.new(f"{where}-{name}")), (lambda name: planted.plain(f"{where}-{name}"))
    match kind:
        case "http":
            url = f"http{'s' * secure}://{at}/{plain('path')}?key={plain('query')}"
            return {
                "url": url,
                "basic_auth_user_info": f"ann:{new('password')}",
                "headers": {"X-Key": new("header")},
                "params": {"token": new("param")},
            }
        case "websocket":
            return {
                "url": f"ws{'s' * secure}://{at}/?key={plain('query')}",
                "bearer_token": plain("token"),
                "subscribe": f'{{"api_key": "{plain("subscribe")}"}}',
                "headers": {"X-Key": new("header")},
            }
        case "kafka":
            return {
                "bootstrap_servers": at,
                "security_protocol": "SASL_SSL" if secure else "SASL_PLAINTEXT",
                "sasl_mechanism": "PLAIN",
                "sasl_plain_username": "ann",
                "sasl_plain_password": new("password"),
                "schema_registry_url": f"http://{at}",
                "basic_auth_user_info": f"ann:{new('registry')}",
            }
        case "mqtt":
            return {"url": f"mqtt{'s' * secure}://{at}", "username": "ann", "password": new("password")}
        case "redis":
            return {"host": "127.0.0.1", "port": port, "username": "ann", "password": new("password"), "ssl": secure}
        case "nats":
            return {"url": f"{'tls' if secure else 'nats'}://{at}", "user": "ann", "password": new("password")}
        case "sql":
            return {
                "dialect": "postgresql",
                "driver": "psycopg",
                "host": "127.0.0.1",
                "port": port,
                "database": "d",
                "username": "ann",
                "password": new("password"),
                "query": {"sslmode": "require"} if secure else {},
            }
    raise ValueError(kind)


SUBJECTS = {"kafka": "topic", "mqtt": "topic", "redis": "channel", "nats": "topic", "sql": "table", "push": "name"}
KINDS = ("http", "websocket", "kafka", "mqtt", "redis", "nats", "sql")


@pytest.fixture(scope="module")
def planted() -> Secrets:
    return Secrets()


@pytest.fixture(scope="module")
def links() -> list[dict[str, str]]:
    """Filled by `app` with a link for each connection."""
    return []


@pytest.fixture(scope="module")
def app(
    planted: Secrets, links: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningApp]:
    with parrots() as ports:
        tables: dict[str, Any] = {}
        for kind in KINDS:
            places = {"absent": (NOBODY, False), "no-tls": (ports["anything"], True), "odd": (ports["anything"], False)}
            if kind in ports:
                places["refusing"] = (ports[kind], False)
            if kind == "http":
                places["breaking"] = (ports["http-500"], False)
            for how, (port, secure) in places.items():
                name = f"{kind}-{how}"
                tables[name] = {"type": kind, **plant(kind, name, port, planted, secure=secure)}
                links.append(
                    {"source": kind, "connection": name, **({SUBJECTS[kind]: "t"} if kind in SUBJECTS else {})}
                )
        tables["gateway"] = {"type": "push", "port": free_port(), "token": planted.plain("push-token")}
        links.append({"source": "push", "connection": "gateway", "name": "t"})
        links.append({"source": "kafka", "connection": "environment", "topic": "t"})
        path = tmp_path_factory.mktemp("secrets") / "secrets.toml"
        path.write_text(tomli_w.dumps({"connections": tables, "other": {"key": planted.new("other")}}))
        command = ("-c", AT_LEVEL_DEBUG, "run", "streamlit_app.py", "--logger.level=debug", f"--secrets.files={path}")
        environ = {
            "SCHEMA_REGISTRY_URL": f"http://127.0.0.1:{NOBODY}",
            "SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO": f"ann:{planted.new('environment')}",
            "KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{NOBODY}",
            "SOME_API_TOKEN": planted.new("variable"),
        }
        with running_app(command, **environ) as running:
            yield running


ENDS = ("reading has stopped", "Trying again", "is not set up yet", "Nothing has come yet")


def test_no_failure_shows_a_secret(app: RunningApp, planted: Secrets, links: list[dict[str, str]]) -> None:
    leaks = []
    for link in links:
        with Session(app, link) as viewer:
            viewer.wait_for(*ENDS)
            leaks += [f"{link}: {leak}" for leak in found_in(viewer.everything(), planted)]
            leaks += [f"{link}: in its link: {leak}" for leak in found_in(viewer.link().encode(), planted)]
    leaks += [f"log: {leak}" for leak in found_in(app.log().encode(), planted)]
    assert not leaks, "\n".join(leaks)


def test_a_secret_that_somebody_types_is_refused_and_not_repeated(app: RunningApp, planted: Secrets) -> None:
    """Where addresses may be typed, one with a login or a key in it would stand in the link."""
    typed = {f"typed-{number}": planted.plain(f"typed-{number}") for number in range(8)}
    secret = iter(typed.values())
    at = f"127.0.0.1:{NOBODY}"
    links: list[dict[str, str]] = [
        {"source": "http", "url": f"http://{at}/?api_key={next(secret)}"},
        {"source": "http", "url": f"http://ann:{next(secret)}@{at}/"},
        {"source": "websocket", "url": f"ws://{at}/", "subscribe": f'{{"token": "{next(secret)}"}}'},
        {"source": "mqtt", "url": f"mqtt://ann:{next(secret)}@{at}", "topic": "t"},
        {"source": "redis", "url": f"redis://ann:{next(secret)}@{at}", "channel": "t"},
        {"source": "nats", "url": f"nats://{next(secret)}@{at}", "topic": "t"},
        {"source": "sql", "url": f"postgresql://ann:{next(secret)}@{at}/d", "table": "t"},
        {"source": "http", "url": f"http://{at}/", "properties": next(secret)},
    ]
    for link in links:
        with Session(app, link) as viewer:
            viewer.wait_for("could not be used")
            assert not found_in(viewer.wait_for_link().encode(), typed), link
            assert not found_in(viewer.everything(), typed), link
    said = [
        line for line in app.log().splitlines() if "query_string" not in line
    ]  # Streamlit's own, of what it is sent
    assert not found_in("\n".join(said).encode(), typed)
