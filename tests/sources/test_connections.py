"""Named connections keep their secrets, and strangers do not choose where this machine connects to."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest

from sources.connections import ENVIRONMENT, Properties, adhoc_allowed, connections, resolve
from sources.errors import BadSettings
from sources.protocol import Package, Reader, setting
from sources.replay import Replay
from sources.sql import Sql

SECRETS = {
    "connections": {
        "plant": {"type": "kafka", "bootstrap_servers": ["a:9092", "b:9092"], "sasl_plain_password": "hunter2"},
        "cloud": {
            "type": "kafka",
            "bootstrap_servers": "c:9092",
            "ssl_check_hostname": False,
            "request_timeout_ms": 500,
        },
        "warehouse": {"type": "sql", "url": "postgresql://d"},
        "broken": "not a table",
    }
}


@dataclass(frozen=True)
class Broker:
    """A source that connects by name or by address."""

    kind: ClassVar[str] = "kafka"
    title: ClassVar[str] = "Broker"
    icon: ClassVar[str] = ":material/stream:"
    subject: ClassVar[str] = "topic"
    packages: ClassVar[tuple[Package, ...]] = ()

    topic: str = setting("", "Which.")
    connection: str = setting("", "By name.")
    bootstrap_servers: str = setting("", "By address.")
    properties: tuple[tuple[str, str], ...] = setting((), "From the connection.", secret=True)

    def open(self) -> Reader:
        raise NotImplementedError


@dataclass(frozen=True)
class Simulated:
    """A source that connects to nothing."""

    kind: ClassVar[str] = "simulated"
    title: ClassVar[str] = "Simulated"
    icon: ClassVar[str] = ":material/science:"
    subject: ClassVar[str] = ""
    packages: ClassVar[tuple[Package, ...]] = ()

    rate: int = setting(1, "Events a second.")

    def open(self) -> Reader:
        raise NotImplementedError


KNOWN = connections(SECRETS, {}, "kafka")


def test_a_connection_is_a_table_of_that_type_with_the_clients_own_names() -> None:
    assert KNOWN == {
        "plant": (("bootstrap_servers", "a:9092,b:9092"), ("sasl_plain_password", "hunter2")),
        "cloud": (("bootstrap_servers", "c:9092"), ("ssl_check_hostname", "false"), ("request_timeout_ms", "500")),
    }
    assert list(connections(SECRETS, {}, "sql")) == ["warehouse"]


def test_the_environment_is_one_more_kafka_connection() -> None:
    environ = {"KAFKA_BOOTSTRAP_SERVERS": "e:9092"}
    assert connections({}, environ, "kafka") == {ENVIRONMENT: (("bootstrap_servers", "e:9092"),)}
    assert connections({}, environ, "sql") == {}
    assert connections({}, {}, "kafka") == {}
    assert connections({"connections": "not a table"}, {}, "kafka") == {}


def test_a_connection_of_that_name_in_the_secrets_comes_before_the_environment() -> None:
    secrets = {"connections": {ENVIRONMENT: {"type": "kafka", "bootstrap_servers": "mine:9092"}}}
    found = connections(secrets, {"KAFKA_BOOTSTRAP_SERVERS": "e:9092"}, "kafka")
    assert found == {ENVIRONMENT: (("bootstrap_servers", "mine:9092"),)}


def test_the_values_of_a_connection_do_not_show_in_its_repr() -> None:
    source = Broker(**resolve(Broker, {"connection": "plant"}, KNOWN, adhoc=False))
    assert source == Broker(connection="plant", properties=KNOWN["plant"])
    for shown in (repr(KNOWN), f"{KNOWN['plant']}", repr(source), str(source)):
        assert "hunter2" not in shown


def test_the_example_holds_connections() -> None:
    example = Path(__file__).parents[2] / ".streamlit" / "secrets.toml.example"
    assert list(connections(tomllib.loads(example.read_text()), {}, "kafka")) == ["plant", "cloud"]


def test_a_single_connection_is_the_default() -> None:
    expected = {"topic": "t", "connection": "plant", "properties": KNOWN["plant"]}
    assert resolve(Broker, {"topic": "t"}, {"plant": KNOWN["plant"]}, adhoc=False) == expected


def test_a_typed_address_is_used_as_it_is_where_that_is_allowed() -> None:
    given = {"bootstrap_servers": "localhost:9092"}
    assert resolve(Broker, given, {"plant": KNOWN["plant"]}, adhoc=True) == given


def test_a_source_that_connects_to_nothing_stays_as_it_is() -> None:
    assert resolve(Simulated, {"rate": 5}, KNOWN, adhoc=False) == {"rate": 5}


@pytest.mark.parametrize(
    ("given", "known", "adhoc", "beside", "message"),
    [
        ({"connection": "plnt"}, KNOWN, True, "connection", "'plnt' is not set up: choose one of cloud, plant"),
        (
            {"connection": "plnt"},
            {},
            True,
            "connection",
            r"'plnt' is not set up: type an address, or add \[connections.NAME\]",
        ),
        ({}, KNOWN, True, "connection", "no connection is chosen: choose one of cloud, plant"),
        (
            {},
            {},
            True,
            "connection",
            "no connection is set up: type an address, or add .*, or set KAFKA_BOOTSTRAP_SERVERS",
        ),
        ({"connection": "plnt"}, {}, False, "connection", r"'plnt' is not set up: add \[connections.NAME\]"),
        ({}, {}, False, "connection", "--server.address localhost"),
        ({"bootstrap_servers": "evil:9092"}, KNOWN, False, "bootstrap_servers", "can't be given here"),
        ({"connection": "plant", "bootstrap_servers": "evil:9"}, KNOWN, True, "bootstrap_servers", "both given"),
    ],
)
def test_what_is_unclear_or_forbidden_is_said_beside_its_setting(
    given: dict[str, str], known: dict[str, Properties], beside: str, message: str, *, adhoc: bool
) -> None:
    with pytest.raises(BadSettings, match=message) as raised:
        resolve(Broker, given, known, adhoc=adhoc)
    assert raised.value.setting == beside


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("::1", True),
        (None, False),
        ("", False),
        ("0.0.0.0", False),  # noqa: S104 - the address under test
        ("::", False),
        ("192.168.1.5", False),
        ("board.example.org", False),
        ("localhost.example.org", False),
        ("unix:///run/board.sock", False),
    ],
)
def test_an_address_may_be_typed_only_where_the_server_is_bound_to_loopback(
    address: str | None, *, allowed: bool
) -> None:
    assert adhoc_allowed(address, {}) is allowed


def test_a_proxy_carries_strangers_to_a_loopback_address() -> None:
    assert not adhoc_allowed("127.0.0.1", {}, forwarded=True)


@pytest.mark.parametrize(("value", "allowed"), [("1", True), ("0", False), ("", False), ("yes", False)])
def test_the_operators_word_decides(value: str, *, allowed: bool) -> None:
    assert adhoc_allowed("127.0.0.1", {"PULSEBOARD_ALLOW_ADHOC": value}) is allowed
    assert adhoc_allowed(None, {"PULSEBOARD_ALLOW_ADHOC": value}, forwarded=True) is allowed


def test_the_environments_connection_takes_its_registry_along() -> None:
    environ = {
        "KAFKA_BOOTSTRAP_SERVERS": "k:9092",
        "SCHEMA_REGISTRY_URL": "https://r",
        "SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO": "alice:hunter2",
    }
    found = connections({}, environ, "kafka")[ENVIRONMENT]
    assert dict(found) == {
        "bootstrap_servers": "k:9092",
        "schema_registry_url": "https://r",
        "schema_registry_basic_auth_user_info": "alice:hunter2",
    }
    assert "hunter2" not in repr(found)


def test_a_login_without_a_registry_is_left_in_the_environment() -> None:
    environ = {"KAFKA_BOOTSTRAP_SERVERS": "k:9092", "SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO": "alice:hunter2"}
    assert dict(connections({}, environ, "kafka")[ENVIRONMENT]) == {"bootstrap_servers": "k:9092"}


def test_a_path_may_be_given_only_where_addresses_may_though_it_needs_no_connection() -> None:
    assert resolve(Replay, {"path": "/data/a.csv"}, {}, adhoc=True) == {"path": "/data/a.csv"}
    assert resolve(Replay, {"recording": "demo"}, {}, adhoc=False) == {"recording": "demo"}
    with pytest.raises(BadSettings, match="path can't be given here: choose one of the names") as refused:
        resolve(Replay, {"path": "/etc/passwd"}, {}, adhoc=False)
    assert refused.value.setting == "path"


@pytest.mark.parametrize("adhoc", [True, False])
@pytest.mark.parametrize("allowed", [(), (("allow_query", "false"),), (("allow_query", "true"),)])
def test_strangers_write_a_query_only_where_the_connection_lets_them(adhoc: bool, allowed: Properties) -> None:  # noqa: FBT001
    known = {"warehouse": (("url", "sqlite:////data/shop.sqlite"), *allowed)}
    given = {"query": "select 1", "connection": "warehouse"}
    if adhoc or ("allow_query", "true") in allowed:
        assert Sql(**resolve(Sql, given, known, adhoc=adhoc)).query == "select 1"
    else:
        with pytest.raises(BadSettings, match="add allow_query = true") as refused:
            resolve(Sql, given, known, adhoc=adhoc)
        assert refused.value.setting == "query"
    assert resolve(Sql, {"table": "orders", "connection": "warehouse"}, known, adhoc=adhoc)["table"] == "orders"
