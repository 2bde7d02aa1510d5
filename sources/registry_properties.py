"""A connection's properties for a schema registry, as Confluent's clients name them, checked."""

import re
from collections.abc import Mapping

from sources.errors import BadSettings

REGISTRY = ("schema_registry_url", "basic_auth_user_info", "bearer_auth_token", "schema_registry_ssl_cafile")
"""`schema_registry_ssl_cafile` where the registry's certificate has another authority than the brokers'."""

REGISTRY_CHOICES = {
    "basic_auth_credentials_source": ("USER_INFO",),
    "bearer_auth_credentials_source": ("STATIC_TOKEN",),
}
"""Say nothing that the other properties don't; taken because they stand in every configuration that is copied."""

REGISTRY_ALIASES = {
    "schema_registry_ssl_ca_location": "schema_registry_ssl_cafile",
    **{f"schema_registry_{name}": name for name in (*REGISTRY[1:3], *REGISTRY_CHOICES)},
}

REGISTRY_SECRET = ("basic_auth_user_info", "bearer_auth_token")

_URL = re.compile(r"https?://([\w.-]+|\[[0-9a-fA-F:.]+\])(:(?P<port>\d{1,5}))?(/[\w./~%-]*)?", re.IGNORECASE)


def check_registry(named: Mapping[str, str]) -> None:
    """Raise BadSettings for an address or a login that makes no sense."""
    given = [name for name in REGISTRY if name in named]
    if given and not named.get("schema_registry_url"):
        raise BadSettings("connection", f"{given[0]} needs schema_registry_url: add it to the connection")
    for url in registry_urls(named):
        if "@" in url:  # most likely with a password, so it is not repeated
            raise BadSettings(
                "connection", "schema_registry_url holds a login: put user:password into basic_auth_user_info"
            )
        address = _URL.fullmatch(url)
        if address is None or int(address["port"] or 0) >= 2**16:
            raise BadSettings(
                "connection", f"schema_registry_url {url[:60]!r} is no address: write such as https://registry:8081"
            )
    if ":" not in named.get("basic_auth_user_info", ":"):
        raise BadSettings("connection", "basic_auth_user_info has no colon: write user:password")
    if named.get("basic_auth_user_info") and named.get("bearer_auth_token"):
        raise BadSettings("connection", "basic_auth_user_info and bearer_auth_token are both given: use one of them")


def registry_urls(named: Mapping[str, str]) -> list[str]:
    """The registry's addresses, to be tried in turn; none where no registry is named."""
    return [url.strip().rstrip("/") for url in named.get("schema_registry_url", "").split(",") if url.strip()]
