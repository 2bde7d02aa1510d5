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

_BEGINNING = re.compile(r"https?://[\w.-]+(?![\w.@-])", re.IGNORECASE)
"""What an error may repeat of an address. A path or a query may be a secret."""

_URL = re.compile(r"https?://([\w.-]+|\[[0-9a-fA-F:.]+\])(:(?P<port>\d{1,5}))?(/[\w./~%-]*)?", re.IGNORECASE)


def check_registry(named: Mapping[str, str]) -> None:
    """Raise BadSettings for an address or a login that makes no sense."""
    given = [name for name in REGISTRY if name in named]
    if given and not named.get("schema_registry_url"):
        raise BadSettings("connection", f"{given[0]} needs schema_registry_url: add it to the connection")
    if "@" in named.get("schema_registry_url", ""):  # of all addresses: a password may hold the comma between them
        raise BadSettings(
            "connection", "schema_registry_url holds a login: put user:password into basic_auth_user_info"
        )
    for url in registry_urls(named):
        address = _URL.fullmatch(url)
        if address is None or int(address["port"] or 0) >= 2**16:
            beginning = _BEGINNING.match(url)
            which = f", which begins with {beginning[0][:60]}," if beginning else ""
            raise BadSettings(
                "connection", f"schema_registry_url{which} is no address: write such as https://registry:8081"
            )
    if ":" not in named.get("basic_auth_user_info", ":"):
        raise BadSettings("connection", "basic_auth_user_info has no colon: write user:password")
    for name in REGISTRY_SECRET:
        if not _is_latin(named.get(name, "")):
            raise BadSettings(
                "connection",
                f"{name} holds characters that a request can't carry: check that it is copied as it was given",
            )
    if named.get("basic_auth_user_info") and named.get("bearer_auth_token"):
        raise BadSettings("connection", "basic_auth_user_info and bearer_auth_token are both given: use one of them")


def _is_latin(text: str) -> bool:
    """Whether a header can hold it, which is in latin-1."""
    return all(ord(character) < 256 for character in text)  # noqa: PLR2004 - as many as latin-1 has


def registry_urls(named: Mapping[str, str]) -> list[str]:
    """The registry's addresses, to be tried in turn; none where no registry is named."""
    return [url.strip().rstrip("/") for url in named.get("schema_registry_url", "").split(",") if url.strip()]
