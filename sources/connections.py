"""Named connections: what an operator set up once, so that viewers need a name only and secrets stay on the server."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any

from sources.addresses import is_loopback
from sources.errors import BadSettings
from sources.protocol import Source, setting

# By which HTTP and schema registries are asked: what it has to say holds addresses, and those hold keys.
logging.getLogger("urllib3").setLevel(logging.CRITICAL)

ADDRESSES = frozenset({"bootstrap_servers", "url", "history_url", "path"})
"""Settings that say where to connect to, or which file of this machine to read. Whoever may type one can make it knock at any
door it reaches, and show whatever lies on its disk."""

PRIVATE = frozenset({"processes"})
"""Switches for what this machine tells of itself, which is for those who sit before it alone: elsewhere they are off."""

WRITTEN = frozenset({"query"})
"""Settings that a counterpart runs with the rights of its connection. Strangers may write one only if the connection says so, as
in `allow_query = true`: whoever set it up may have meant to show some tables, and not all that its user can read."""

ENVIRONMENT = "environment"
"""The name of the connection that `KAFKA_BOOTSTRAP_SERVERS` makes."""

_REGISTRY = ("SCHEMA_REGISTRY_URL", "SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO")

ADHOC = "PULSEBOARD_ALLOW_ADHOC"

Properties = tuple[tuple[str, str], ...]


def connection_setting(empty: str = "the address below") -> Any:
    """The setting `connection`; `empty` is what stands for one where none is named."""
    return setting("", f"A connection from secrets.toml. Empty: {empty}.", label="Connection")


class Hidden(str):
    """Text that does not show itself in `repr`, and so in no log of a structure that holds it.

    >>> (Hidden("hunter2"), Hidden("hunter2") == "hunter2")
    (<hidden>, True)
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "<hidden>"


def redact(text: str, secrets: Iterable[str]) -> str:
    """`text` without any of the secrets, whoever put them there; the longest goes first, for it may hold another.

    >>> redact("login hunter22 of hunter2", ["hunter2", "", "hunter22"])
    'login ••• of •••'
    """
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, "•••")
    return text


def connections(secrets: Mapping[str, Any], environ: Mapping[str, str], kind: str) -> dict[str, Properties]:
    """The connections for sources of that kind: name → the client's own property names and their values.

    secrets  the content of secrets.toml: each `[connections.NAME]` whose `type` is `kind`
    environ  for `kafka`, KAFKA_BOOTSTRAP_SERVERS is one more connection, named ENVIRONMENT; SCHEMA_REGISTRY_URL, and
             SCHEMA_REGISTRY_BASIC_AUTH_USER_INFO for its login, say where its schemas are

    Numbers and booleans become text as TOML writes them, a list becomes text with commas; what stands in a table within the
    table has a dotted name: `headers.Authorization`.
    """
    tables = secrets.get("connections")
    found: dict[str, Properties] = {
        str(name): tuple((key, Hidden(_text(value))) for key, value in _flat(table) if key != "type")
        for name, table in (tables.items() if isinstance(tables, Mapping) else ())
        if isinstance(table, Mapping) and table.get("type") == kind
    }
    servers = environ.get("KAFKA_BOOTSTRAP_SERVERS", "")
    if kind == "kafka" and servers:
        given = [("bootstrap_servers", servers)]
        if environ.get("SCHEMA_REGISTRY_URL"):  # a login without an address would be refused
            given += [(name.lower(), environ.get(name, "")) for name in _REGISTRY]
        found.setdefault(ENVIRONMENT, tuple((name, Hidden(value)) for name, value in given if value))
    return found


def resolve(
    kind: type[Source], given: Mapping[str, Any], known: Mapping[str, Properties], *, adhoc: bool
) -> dict[str, Any]:
    """The arguments of a source: what was given, and its connection's properties. A single connection is the default.

    A connection is never combined with an address from elsewhere: its password would be sent there. A source whose
    `needs_connection` is False does without where none is set up. Where no address may be typed, whatever is PRIVATE is off,
    whoever asks for it.

    Raises BadSettings beside `connection`, or beside the address, if it is not clear or not allowed where to connect.
    """
    names = {each.name for each in fields(kind)}  # type: ignore[arg-type]
    if not adhoc:
        given = {**given, **dict.fromkeys(PRIVATE & names, False)}
    address = next((each for each in sorted(ADDRESSES & names) if given.get(each)), None)
    if address is not None:
        if given.get("connection"):
            raise BadSettings(address, f"{address} and connection are both given: choose one of them")
        if not adhoc:
            raise BadSettings(address, f"{address} can't be given here: choose one of the names that are offered")
    if address is not None or "connection" not in names:
        return dict(given)
    name = given.get("connection", "")
    if not name and len(known) == 1:
        name = next(iter(known))
    if not name and not known and not needs_connection(kind):
        return dict(given)
    if name not in known:
        offered = f"choose one of {', '.join(sorted(known))}" if known else _advice(kind.kind, adhoc=adhoc)
        missing = (
            f"connection {name[:40]!r} is not set up"
            if name
            else "no connection is chosen"
            if known
            else "no connection is set up"
        )
        raise BadSettings("connection", f"{missing}: {offered}")
    if not adhoc:
        _check_written({each: given[each] for each in WRITTEN & given.keys()}, dict(known[name]))
    return {**given, "connection": name, "properties": known[name]}


def _check_written(written: Mapping[str, Any], properties: Mapping[str, str]) -> None:
    for name, text in sorted(written.items()):
        if text and properties.get(f"allow_{name}") != "true":
            raise BadSettings(
                name, f"a {name} can't be written here: choose a table, or add allow_{name} = true to the connection"
            )


def needs_connection(kind: type[Source]) -> bool:
    """Whether it can't do without a connection or an address; a source that can says so in its own `needs_connection`."""
    return bool(getattr(kind, "needs_connection", True))


def adhoc_allowed(address: str | None, environ: Mapping[str, str], *, forwarded: bool = False) -> bool:
    """Whether a viewer may say where to connect to: only where every viewer sits at this machine.

    address    what the server is bound to (`server.address`); None, Streamlit's default, is every interface
    forwarded  whether the request came through a proxy, which carries strangers to a loopback address

    What the viewer sends proves nothing: a `Host: localhost` header can be forged, and behind a proxy on this machine
    every stranger's connection comes from 127.0.0.1. So the rule rests on what the server is bound to; the request can
    only narrow it. PULSEBOARD_ALLOW_ADHOC=1 allows it anywhere; any other value forbids it, as befits a loopback
    address behind a proxy that adds no header.
    """
    if ADHOC in environ:
        return environ[ADHOC] == "1"
    return not forwarded and address is not None and is_loopback(address)


def _advice(kind: str, *, adhoc: bool) -> str:
    known = f'add [connections.NAME] with type = "{kind}" to .streamlit/secrets.toml'
    environment = ", or set KAFKA_BOOTSTRAP_SERVERS" if kind == "kafka" else ""
    if adhoc:
        return f"type an address, or {known}{environment}"
    return f"{known}{environment}, or start with --server.address localhost (or {ADHOC}=1) to type an address"


def _flat(table: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    pending = list(reversed(list(table.items())))
    while pending:
        name, value = pending.pop()
        if isinstance(value, Mapping):
            pending += [(f"{name}.{key}", each) for key, each in reversed(list(value.items()))]
        else:
            yield name, value


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(_text, value)) if isinstance(value, list | tuple) else str(value)
