"""Where a Redis server is and how to log in there: from an address that was typed, or a connection's properties."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote

from sources.addresses import check_url, host_and_port
from sources.connections import Properties, redact
from sources.errors import BadSettings

SCHEMES = ("redis", "rediss")
PORT = 6379
ANSWER_S, CONNECT_S = 4.0, 3.0
"""How long to wait for the next bytes of an answer, and for a connection."""

_SECRET = ("password", "ssl_password")


def _whole(text: str) -> int:
    number = int(text)
    if not 0 <= number < 2**31:
        raise ValueError(text)
    return number


def _port(text: str) -> int:
    number = int(text)
    if not 0 < number < 2**16:
        raise ValueError(text)
    return number


def _protocol(text: str) -> int:
    return {"2": 2, "3": 3}[text]


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 < number <= ANSWER_S:
        raise ValueError(text)
    return number


def _switch(text: str) -> bool:
    return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}[text.lower()]


def _requirement(text: str) -> str:
    return {each: each for each in ("none", "optional", "required")}[text.lower()]


_TLS: dict[str, Callable[[str], Any]] = {
    "ssl_ca_certs": str,
    "ssl_ca_path": str,
    "ssl_ca_data": str,
    "ssl_certfile": str,
    "ssl_keyfile": str,
    "ssl_password": str,
    "ssl_ciphers": str,
    "ssl_cert_reqs": _requirement,
    "ssl_check_hostname": _switch,
}
_PLAIN: dict[str, Callable[[str], Any]] = {
    "host": str,
    "port": _port,
    "db": _whole,
    "username": str,
    "password": str,
    "client_name": str,
    "protocol": _protocol,
    "socket_timeout": _seconds,
    "socket_connect_timeout": _seconds,
}
KNOWN = ("url", *_PLAIN, "ssl", *_TLS)
"""Every property that a connection may hold, under redis-py's own names."""

_EXPECTED = {
    "port": "a port, such as 6379",
    "db": "a database's number, such as 0",
    "protocol": "2 or 3",
    "ssl_cert_reqs": "none, optional or required",
    "socket_timeout": f"seconds, at most {ANSWER_S:g}",
    "socket_connect_timeout": f"seconds, at most {ANSWER_S:g}",
}

_TYPED = ("db", "protocol", "ssl_cert_reqs", "ssl_check_hostname")
"""What may stand after the question mark of an address that was typed: nothing that names a file of this machine."""


@dataclass(frozen=True, slots=True)
class Server:
    """One Redis server.

    arguments  for redis-py's connection, its login among them
    tls        whether the connection is encrypted
    setting    where the user names the server, so that an error can stand beside that control
    typed      whether a viewer typed the address, which then must not be one of this network's own services
    """

    host: str
    port: int
    arguments: dict[str, Any] = field(repr=False)
    tls: bool
    setting: str

    @property
    def typed(self) -> bool:
        """Whether a viewer typed the address."""
        return self.setting == "url"

    @property
    def address(self) -> str:
        """Its host and port, as messages show it."""
        return host_and_port(self.host, self.port)

    def redact(self, text: str) -> str:
        """`text` without the secrets among the arguments, whoever put them there."""
        return redact(text, (self.arguments.get(name, "") for name in _SECRET))


def server_of(properties: Properties, url: str = "") -> Server:
    """The server that a connection's properties, or an address alone, stand for. Raises BadSettings.

    >>> server_of((), "rediss://cache.example.org/2").arguments["db"]
    2
    >>> server_of([("host", "localhost"), ("password", "hunter2")])
    Server(host='localhost', port=6379, tls=False, setting='connection')
    """
    given = dict(properties)
    setting = "connection" if given else "url"
    if not given:
        if not url.strip():
            raise BadSettings("url", "no server is named: choose a connection, or give an address: redis://localhost")
        given = {"url": url}
    named = _from_url(given.pop("url"), setting) if "url" in given else {}
    named |= {name.strip().lower(): text.strip() for name, text in given.items()}
    values = {name: _value(name, text, setting) for name, text in named.items()}
    if not values.get("host"):
        raise BadSettings("connection", "no server is named: add host, or url, to the connection")
    host, port = values.pop("host"), values.pop("port", PORT)
    tls = values.pop("ssl", False)
    if not tls and (needless := next(iter(_TLS.keys() & values.keys()), "")):
        raise BadSettings(setting, f"{needless} is given, but no TLS: add ssl = true, or write rediss://")
    if ("ssl_keyfile" in values) != ("ssl_certfile" in values):
        raise BadSettings(setting, "ssl_keyfile and ssl_certfile go together: add the one that is missing")
    timeouts = {"socket_timeout": ANSWER_S, "socket_connect_timeout": CONNECT_S}
    return Server(host, port, timeouts | values, tls, setting)


def _from_url(url: str, setting: str) -> dict[str, str]:
    """What an address says, under the names of properties."""
    typed = setting == "url"
    parts = check_url(url, SCHEMES, setting, typed=typed)
    named = {"host": unquote(parts.hostname or ""), "port": str(parts.port or PORT)}
    named["ssl"] = str(parts.scheme == "rediss")
    if database := unquote(parts.path).strip("/"):
        named["db"] = database
    if parts.username:
        named["username"] = unquote(parts.username)
    if parts.password:
        named["password"] = unquote(parts.password)
    return named | _options(parts, setting, typed=typed)


def _options(parts: SplitResult, setting: str, *, typed: bool) -> dict[str, str]:
    options = dict(parse_qsl(parts.query))
    odd = next((name for name in options if typed and name not in _TYPED), "")
    if odd:
        raise BadSettings(setting, f"{odd[:40]!r} can't stand in an address: put it into a connection")
    return options


def _value(name: str, text: str, setting: str) -> Any:
    if name == "ssl":
        kind: Callable[[str], Any] | None = _switch
    else:
        kind = _PLAIN.get(name) or _TLS.get(name)
    if kind is None:
        raise BadSettings(setting, f"{name[:40]!r} is no known Redis property: use one of {', '.join(KNOWN)}")
    try:
        return kind(text)
    except (ValueError, KeyError):
        shown = "" if name in _SECRET else f" {text[:40]!r}"
        raise BadSettings(setting, f"{name} is{shown}: write {_EXPECTED.get(name, 'true or false')}") from None
