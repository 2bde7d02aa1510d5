"""Where a WebSocket connects to, and what it says there: from an address that was typed, or a connection's properties."""

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote

from sources.addresses import check_url, host_and_port
from sources.connections import Properties, redact
from sources.errors import BadSettings
from sources.tls import FILES
from sources.websocket_subscription import secrets_in, subscriptions

HEADER = "headers."
KNOWN = ("url", "bearer_auth_token", "subprotocols", "origin", "subscribe", *FILES)
_LOGIN = ("bearer_auth_token", "ssl_certfile")

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_PORTS = {"ws": 80, "wss": 443}


@dataclass(frozen=True, slots=True)
class Target:
    """One server, and what to say to it.

    url       the address, perhaps with a login and other secrets
    shown     scheme, host and port, which hold none
    setting   where the user names it, so that an error can stand beside that control
    messages  what to send when connected
    known     whether it is shown who we are
    """

    url: str = field(repr=False)
    shown: str
    host: str
    port: int
    secure: bool
    setting: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    subprotocols: tuple[str, ...]
    origin: str
    messages: tuple[str, ...] = field(repr=False)
    tls: tuple[tuple[str, str], ...] = field(repr=False)
    known: bool
    secrets: frozenset[str] = field(repr=False)

    def redact(self, text: str) -> str:
        """`text` without the secrets, for what a server says may repeat what it was told."""
        return redact(text, self.secrets)


def target_of(properties: Properties, url: str, subscribe: str) -> Target:
    """What a connection's properties, or an address alone, stand for. Raises BadSettings."""
    named = {name: str(value) for name, value in properties}
    where = "connection" if named else "url"
    _check_names(named)
    address = named.get("url", "") if named else url.strip()
    if not address:
        missing = "the connection has no url: add one such as" if named else "no address is given: write one such as"
        raise BadSettings(where, f"{missing} wss://example.org/feed")
    parts = check_url(address, _PORTS, where, typed=not named)
    if re.search(r"[\s\x00-\x1f\x7f#]", address) or (parts.username is not None and parts.password is None):
        raise BadSettings(where, "the address holds a blank, a # or half a login: take it out")
    headers = {name.removeprefix(HEADER): value for name, value in named.items() if name.startswith(HEADER)}
    if "bearer_auth_token" in named:
        headers["Authorization"] = f"Bearer {named['bearer_auth_token']}"
    query = parse_qsl(parts.query)
    login = [unquote(each) for each in (parts.username, parts.password) if each]
    known = bool(headers or login or query or any(name in named for name in _LOGIN)) and bool(named)
    own = subscriptions(named.get("subscribe", ""), "connection")
    asked = subscriptions(subscribe, "subscribe")
    if asked and (own or known):
        raise BadSettings(
            "subscribe",
            "a connection with a login, or with messages of its own, sends nothing that was typed: leave subscribe empty, "
            "or add it to the connection",
        )
    secrets = [*headers.values(), *(each.partition(" ")[2] for each in headers.values()), *login]
    secrets += [value for _, value in query] + list(secrets_in(own)) + [named.get("ssl_password", "")]
    port = parts.port or _PORTS[parts.scheme]
    host = parts.hostname or ""
    return Target(
        url=address,
        shown=f"{parts.scheme}://{host_and_port(host, parts.port or 0)}",
        host=host,
        port=port,
        secure=parts.scheme == "wss",
        setting=where,
        headers=tuple(headers.items()),
        subprotocols=tuple(each.strip() for each in named.get("subprotocols", "").split(",") if each.strip()),
        origin=named.get("origin", ""),
        messages=own or asked,
        tls=tuple((name, named[name]) for name in FILES if name in named),
        known=known or bool(own),
        secrets=frozenset(secret for secret in secrets if len(secret) >= 4) if named else frozenset(),  # noqa: PLR2004 - shorter ones are parts of words
    )


def _check_names(named: dict[str, str]) -> None:
    for name, value in named.items():
        header = name.removeprefix(HEADER) if name.startswith(HEADER) else ""
        if name not in KNOWN and not _NAME.fullmatch(header):
            raise BadSettings(
                "connection",
                f"the connection holds {name[:40]!r}, which a WebSocket has no use for: it knows "
                f"{', '.join(KNOWN)} and {HEADER}NAME",
            )
        if name != "subscribe" and re.search(r"[\x00-\x1f\x7f]", value):
            raise BadSettings("connection", f"{name} of the connection has more than one line: write it in one")
    if not all(_NAME.fullmatch(each.strip()) for each in named.get("subprotocols", "none").split(",")):
        raise BadSettings(
            "connection", "subprotocols of the connection are no names: write them as the server has them"
        )
    if "bearer_auth_token" in named and "headers.authorization" in {name.lower() for name in named}:
        raise BadSettings("connection", "bearer_auth_token and headers.Authorization are both given: keep one of them")
