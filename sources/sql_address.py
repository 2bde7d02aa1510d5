"""Where a database is: what a connection of Streamlit's own convention says, or what a person typed."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from sources.addresses import check_url, host_and_port
from sources.connections import Hidden, Properties, redact
from sources.errors import BadSettings

PARTS = ("dialect", "driver", "host", "port", "database", "username", "password")
QUERY, OPTIONS = "query.", "create_engine_kwargs."

_URL = re.compile(r"(?P<dialect>[a-z0-9_]+)(\+(?P<driver>[a-z0-9_]+))?://")
_ABSOLUTE = re.compile(r"//[^/]|/[A-Za-z]:[\\/]")
_EXAMPLE = "postgresql://user@localhost/metrics or sqlite:////data/metrics.sqlite"

TYPED_DIALECTS = frozenset({"postgresql", "postgres", "mysql", "mariadb", "sqlite", "mssql", "oracle"})
"""Others may read any file or any address in what is a database's name to them: those take a connection."""

TYPED_PARAMETERS = frozenset({"sslmode", "charset", "client_encoding", "application_name", "service_name"})
"""Others may name another host, or a file of this machine."""

DEFAULT_PORTS = {"postgresql": 5432, "mysql": 3306, "mariadb": 3306, "mssql": 1433, "oracle": 1521}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a database is.

    setting  beside which to say what is wrong: `url` or `connection`
    dialect  `postgresql`, `sqlite` …
    driver   such as `psycopg`; "" for the usual one
    url      as SQLAlchemy reads it; "" where `parts` say it
    parts    those of PARTS that are given
    query    parameters of the URL that stand apart from it
    options  for SQLAlchemy's create_engine
    shown    for messages: host and port, or the file
    """

    setting: str
    dialect: str
    driver: str
    url: str = field(repr=False)
    parts: Mapping[str, str] = field(repr=False)
    query: Mapping[str, str] = field(repr=False)
    options: Mapping[str, Any] = field(repr=False)
    shown: str

    @property
    def typed(self) -> bool:
        """Whether a person typed it, who may be anyone that sees the page."""
        return self.setting == "url"

    def redact(self, text: str) -> str:
        """The text without what is secret in the address."""
        secrets = {self.parts.get("password", ""), *self.query.values()}
        if self.url:
            found = urlsplit(self.url)
            secrets |= {self.url, found.password or "", unquote(found.password or ""), found.query}
        return redact(text, (each for each in secrets if len(each) > 1))


def address_of(properties: Properties, url: str = "") -> Address:
    """The database that a connection's properties, or a typed address alone, stand for. Raises BadSettings."""
    return _connection(dict(properties)) if properties else _typed(url.strip())


def _typed(url: str) -> Address:
    if not url:
        raise BadSettings("url", f"no database is named: choose a connection, or give an address such as {_EXAMPLE}")
    found = _URL.match(url)
    if found is None or "\0" in url:
        raise BadSettings("url", f"{url[:60]!r} is no database's address: write one such as {_EXAMPLE}")
    dialect = found["dialect"]
    if dialect not in TYPED_DIALECTS:
        raise BadSettings("url", f"{dialect[:20]} can't be given as an address: put it into a connection")
    if dialect == "sqlite":
        return _sqlite(url, found["driver"] or "")
    bare = re.sub(r"^([^/]*//)[^@/?#:]*@", r"\1", url)  # a user's name alone is no secret
    parts = check_url(bare, {url[: url.index(":")]}, "url")
    for name in (each.split("=", 1)[0] for each in parts.query.split("&") if each):
        if name not in TYPED_PARAMETERS:
            raise BadSettings(
                "url", f"url holds the parameter {name[:40]!r}, which it may not: put it into a connection"
            )
    return _address("url", url, {}, {}, {})


def _sqlite(url: str, driver: str) -> Address:
    path = url.split("://", 1)[1]
    if driver not in ("", "pysqlite"):
        raise BadSettings("url", f"SQLite is read by pysqlite, not by {driver[:20]!r}: write sqlite:////path/to/file")
    if re.match(r"/[^/]", path) and not _ABSOLUTE.match(path):
        raise BadSettings(
            "url", f"{url[:60]!r} is a path below no known folder: write the whole path after four slashes"
        )
    if "?" in path or not _ABSOLUTE.match(path) or path.endswith("/") or ":memory:" in path:
        raise BadSettings("url", f"{url[:60]!r} names no file: write one such as sqlite:////data/metrics.sqlite")
    return _address("url", url, {}, {}, {})


def _connection(given: dict[str, str]) -> Address:
    given.pop("autocommit", None)  # of no use for what only reads
    given.pop("allow_query", None)  # see sources.connections.WRITTEN
    url, parts, query = Hidden(""), {}, {}
    options: dict[str, Any] = {}
    for name, value in given.items():
        if name == "url":
            url = Hidden(value.strip())
        elif name in PARTS:
            parts[name] = value
        elif name.startswith(QUERY):
            query[name.removeprefix(QUERY)] = value
        elif name.startswith(OPTIONS):
            _nest(options, name.removeprefix(OPTIONS).split("."), _value(value))
        else:
            known = ", ".join(("url", *PARTS, QUERY + "…", OPTIONS + "…"))
            raise BadSettings("connection", f"the connection's property {name[:40]!r} is not known: use {known}")
    return _address("connection", url, parts, query, options)


def _address(setting: str, url: str, parts: dict[str, str], query: dict[str, str], options: dict[str, Any]) -> Address:
    if url:
        found = _URL.match(url)
        if found is None:
            raise BadSettings(setting, f"the connection's url is no database's address: write one such as {_EXAMPLE}")
        dialect, driver = found["dialect"], found["driver"] or ""
        host, port, name = _of_url(url, setting)
    else:
        dialect, driver = parts.get("dialect", ""), parts.get("driver", "")
        host, port, name = parts.get("host", ""), parts.get("port", ""), parts.get("database", "")
        if not dialect:
            raise BadSettings(
                setting, "the connection says no dialect: add url, or dialect, host, database and username"
            )
        if port and not (port.isdigit() and 0 < int(port) < 2**16):
            raise BadSettings(setting, "the connection's port is no port: write a number such as 5432")
    if dialect == "sqlite" and not name:
        raise BadSettings(setting, "the database is one in memory, which nobody else can write to: name a file")
    at = host_and_port(host, port or DEFAULT_PORTS.get(dialect, 0)) if host else name.rsplit("/", 1)[-1]
    return Address(setting, dialect, driver, url, parts, query, options, at[:100])


def _of_url(url: str, setting: str) -> tuple[str, str, str]:
    """Host, port and database."""
    try:
        found = urlsplit(url)
        host, port = found.hostname or "", str(found.port or "")
    except ValueError:  # a port that is no number; the URL may hold a secret, so it is not shown
        raise BadSettings(setting, f"the {setting}'s address can't be read: write one such as {_EXAMPLE}") from None
    return host, port, unquote(found.path).removeprefix("/")


def _nest(table: dict[str, Any], path: list[str], value: Any) -> None:
    for name in path[:-1]:
        table = table.setdefault(name, {})
    table[path[-1]] = value


def _value(text: str) -> Any:
    """What TOML had before it became text."""
    try:
        value = json.loads(text)
    except ValueError:
        return str(text)
    return value if isinstance(value, bool | int | float) else str(text)
