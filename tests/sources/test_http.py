"""The settings of a URL: what is refused, where it leads, and what goes along."""

import base64

import pytest

from sources.connections import ADDRESSES, Hidden
from sources.errors import BadSettings
from sources.http import Http
from sources.http_targets import targets

SECRET = "hunter2"  # noqa: S105 - what no error may hold


def connection(**more: str) -> tuple[tuple[str, str], ...]:
    given = {
        "url": "https://api.example.org/v1?team=a",
        **{name.replace("__", "."): text for name, text in more.items()},
    }
    return tuple((name, Hidden(text)) for name, text in given.items())


def test_both_addresses_are_guarded_where_others_are_not_typed() -> None:
    assert {"url", "history_url"} <= ADDRESSES


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("trades", "https://api.example.org/v1/trades?team=a"),
        ("/trades/latest", "https://api.example.org/v1/trades/latest?team=a"),
        ("trades?limit=5", "https://api.example.org/v1/trades?team=a&limit=5"),
        ("a..b/c.json", "https://api.example.org/v1/a..b/c.json?team=a"),
    ],
)
def test_an_endpoint_lies_below_the_connections_url(endpoint: str, expected: str) -> None:
    assert targets("", endpoint, "", connection())[0].url == expected


@pytest.mark.parametrize(
    "endpoint",
    [
        *("..", "../admin", "a/../../b", "a/..", "./a", "%2e%2e/admin", "%252e%252e/a", "..;/admin", "a/%2E./b"),
        *("http://evil.example", "//evil.example/a", "\\\\evil", "..\\admin", "a#b", "a\nb", "%2f%2fevil", "a%0d%0ab"),
        *("a?token=3", "a?api_key=3"),
    ],
)
def test_an_endpoint_that_leaves_the_connections_url_is_refused(endpoint: str) -> None:
    with pytest.raises(BadSettings) as refused:
        Http(endpoint=endpoint, properties=connection())
    assert refused.value.setting == "endpoint"
    assert ": " in str(refused.value)


def test_a_connection_sends_its_headers_parameters_and_login() -> None:
    given = connection(headers__X_Api="7", params__limit="100", basic_auth_user_info=f"ada:{SECRET}")
    live, _ = targets("", "", "", given)
    assert live.url == "https://api.example.org/v1?team=a&limit=100"
    assert live.headers["X_Api"] == "7"
    assert base64.b64decode(live.headers["Authorization"].removeprefix("Basic ")).decode() == f"ada:{SECRET}"
    assert SECRET not in repr(live)


def test_a_login_in_a_connections_url_becomes_a_header() -> None:
    live, _ = targets("", "", "", connection(url=f"https://ada:{SECRET}@example.org/a"))
    assert live.url == "https://example.org/a"
    assert live.headers["Authorization"].startswith("Basic ")


def test_history_elsewhere_is_asked_without_the_login() -> None:
    here = connection(bearer_auth_token=SECRET, history_url="https://api.example.org/past")
    elsewhere = connection(bearer_auth_token=SECRET, history_url="https://other.example.org/past")
    assert targets("", "", "", here)[1].headers  # type: ignore[union-attr]
    assert not targets("", "", "", elsewhere)[1].headers  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "more",
    [
        {"url": ""},
        {"url": f"ftp://ada:{SECRET}@example.org"},
        {"url": f"https://{SECRET}:port"},
        {"Url2": SECRET},
        {"headers__": SECRET},
        {"headers__a b": SECRET},
        {"headers__Host": SECRET},
        {"headers__X": f"{SECRET}\r\nX: 1"},
        {"headers__X": f"{SECRET}ü"},
        {"bearer_auth_token": f"{SECRET}\n"[:-1] + "\n\nx"},
        {"bearer_auth_token": SECRET, "basic_auth_user_info": "a:b"},
        {"bearer_auth_token": SECRET, "headers__authorization": "x"},
        {"verify": "false"},
    ],
)
def test_a_wrong_property_is_refused_beside_the_connection_without_its_value(more: dict[str, str]) -> None:
    with pytest.raises(BadSettings) as refused:
        Http(properties=connection(**more))
    assert refused.value.setting == "connection"
    assert ": " in str(refused.value)
    assert SECRET not in str(refused.value)


def test_settings_do_not_show_what_is_in_their_connection() -> None:
    settings = Http(properties=connection(bearer_auth_token=SECRET))
    assert SECRET not in repr(settings)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        (f"http://ada:{SECRET}@example.org", "connection"),
        (f"https://example.org/a?token={SECRET}", "connection"),
        ("file:///etc/passwd", "no address"),
        ("", "empty"),
    ],
)
def test_a_typed_address_that_may_not_stand_in_a_link_is_refused(url: str, says: str) -> None:
    with pytest.raises(BadSettings) as refused:
        Http(url=url)
    assert refused.value.setting == "url"
    assert says in str(refused.value)
    assert SECRET not in str(refused.value)
