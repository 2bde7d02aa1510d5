"""What is said of a registry's properties that make no sense repeats none of their secrets."""

import pytest

from sources.errors import BadSettings
from sources.registry_properties import check_registry

URL = "https://registry:8081"


def refusal(**named: str) -> str:
    with pytest.raises(BadSettings) as caught:
        check_registry(named)
    assert caught.value.setting == "connection"
    assert "s3cret" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://registry:8081?token=s3cret", "https://registry,"),
        ("https://registry:8081/path?token=s3cret", "https://registry,"),
        ("https://registry:8081/s3cret path", "https://registry,"),
        ("https://registry/#s3cret", "https://registry,"),
        ("HTTPS://registry:s3cret", "HTTPS://registry,"),
        ("https://registry:99999/s3cret", "https://registry,"),
        (f"{URL},http://other?s3cret", "http://other,"),
        ("registry:8081?token=s3cret", "schema_registry_url is no address"),
        ("s3cret", "schema_registry_url is no address"),
        ("https://", "schema_registry_url is no address"),
        ("https://[s3cret]", "schema_registry_url is no address"),
        ("https://alice:s3cret@registry", "basic_auth_user_info"),
        ("https://alice:s3cret,more@registry", "basic_auth_user_info"),
    ],
)
def test_an_address_that_is_none_is_repeated_up_to_its_host(url: str, said: str) -> None:
    assert said in refusal(schema_registry_url=url)


@pytest.mark.parametrize("url", [URL, "http://[::1]:8081/registry", f"{URL}, https://other"])
def test_addresses_are_taken(url: str) -> None:
    check_registry({"schema_registry_url": url})


@pytest.mark.parametrize(
    ("name", "value"), [("bearer_auth_token", "s3cret\u2026"), ("basic_auth_user_info", "alice:s3cret\u0142")]
)
def test_a_login_that_no_header_can_hold_is_refused(name: str, value: str) -> None:
    assert name in refusal(schema_registry_url=URL, **{name: value})


def test_a_login_in_latin_1_is_taken() -> None:
    check_registry({"schema_registry_url": URL, "basic_auth_user_info": "zo\xeb:s3cret"})
