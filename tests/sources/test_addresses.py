"""What may stand in a typed address, and where none may lead."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.addresses import check_url, connect, is_metadata, look_up
from sources.errors import BadSettings, Unreachable


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "169.254.0.1",
        "fe80::1",
        "fe80::1%eth0",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::a9fe:a9fe",
        "::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "fd00:ec2::254",
        "100.100.100.200",
        "168.63.129.16",
    ],
)
def test_a_networks_own_services_are_never_read(address: str) -> None:
    assert is_metadata(address)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.0.0.5", "192.168.1.1", "93.184.216.34", "2001:db8::1"])
def test_other_addresses_are(address: str) -> None:
    assert not is_metadata(address)


@given(st.ip_addresses(v=4))
def test_an_address_means_the_same_within_ipv6(address: object) -> None:
    assert is_metadata(f"::ffff:{address}") == is_metadata(str(address))


@pytest.mark.parametrize("host", ["169.254.169.254", "0xA9FEA9FE", "2852039166", "[fe80::1]"])
def test_a_host_is_refused_by_what_it_means(host: str) -> None:
    with pytest.raises((BadSettings, Unreachable)) as refused:
        look_up(host, 80, "url")
    if isinstance(refused.value, BadSettings):
        assert refused.value.setting == "url"
        assert ": " in str(refused.value)


def test_a_host_that_nobody_knows_is_unreachable() -> None:
    with pytest.raises(Unreachable, match="unknown: check url"):
        look_up("no-such-host.invalid", 80, "url")


def test_what_was_looked_up_is_connected_to() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with connect("localhost", port, 2.0, "url") as there:
            assert there.getpeername()[1] == port
    with pytest.raises(OSError, match="refused"):
        connect("localhost", port, 2.0, "url").close()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost",
        "ftp://localhost",
        "http://",
        "http:///x",
        "http://h:port",
        "http://h:0",
        "http://h:99999",
        "http://[::1",
        "http://user:hunter2@host",
        "http://user@host",
        "http://user:hunter2@host:port",
        "http://host/?api_key=hunter2",
        "http://host/?apiKey=hunter2",
        "http://host/?x=1&access-token=hunter2",
    ],
)
def test_an_address_that_is_none_or_holds_a_secret_is_refused(url: str) -> None:
    with pytest.raises(BadSettings) as refused:
        check_url(url, ("http", "https"), "url")
    assert refused.value.setting == "url"
    assert ": " in str(refused.value)
    if "user" in url or "host/" in url:
        assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("url", ["http://localhost", " https://h:8443/a?keyword=cpu&monkey=1 ", "http://[::1]:80/"])
def test_an_address_is_taken(url: str) -> None:
    assert check_url(url, ("http", "https"), "url").hostname


def test_a_connection_may_hold_secrets_but_its_errors_do_not_show_them() -> None:
    assert check_url("http://user:hunter2@host/?token=x", ("http",), "connection", typed=False).password == "hunter2"  # noqa: S105 - made up
    with pytest.raises(BadSettings) as refused:
        check_url("htp://user:hunter2@host", ("http",), "connection", typed=False)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "typed", "example"),
    [
        ("localhost:9100/metrics", True, "http://localhost:9100/metrics"),
        ("example.org", True, "http://example.org"),
        ("ftp://localhost:9100", True, "http://localhost"),
        ("host?token=hunter2", True, "http://localhost"),
        ("localhost:9100/metrics", False, "http://localhost"),
    ],
)
def test_an_address_that_lacks_only_its_scheme_is_offered_with_it(url: str, *, typed: bool, example: str) -> None:
    with pytest.raises(BadSettings, match=f"is no address: write one such as {example}$"):
        check_url(url, ("http", "https"), "url", typed=typed)
