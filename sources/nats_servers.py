"""The NATS servers that an address or a connection's properties stand for, and how to log in there."""

from dataclasses import dataclass, field
from urllib.parse import unquote

from sources.addresses import check_url, host_and_port
from sources.connections import Properties, redact
from sources.errors import BadSettings
from sources.tls import FILES

LOGINS = ("user", "password", "token", "user_credentials", "nkeys_seed")
KNOWN = ("url", *LOGINS, "tls_hostname", "domain", *FILES)
_SECRET = ("password", "token", "ssl_password")
_SCHEMES = ("nats", "tls")
PORT = 4222


@dataclass(frozen=True, slots=True)
class Servers:
    """Servers of one system, any of which will do.

    addresses   (host, port, whether it must be TLS) each
    setting     where the user names them, so that an error can stand beside that control
    properties  the connection's, checked, with a login that stood in its url
    """

    addresses: tuple[tuple[str, int, bool], ...]
    setting: str
    properties: dict[str, str] = field(repr=False, hash=False)

    @property
    def shown(self) -> str:
        """Their addresses, without a login."""
        return ", ".join(host_and_port(host, port) for host, port, _ in self.addresses)[:120]

    @property
    def known(self) -> bool:
        """Whether it is shown there who we are."""
        return any(name in self.properties for name in (*LOGINS, "ssl_certfile"))

    def redact(self, text: str) -> str:
        """`text` without the secrets among the properties."""
        return redact(text, (self.properties.get(name, "") for name in _SECRET))


def servers_of(properties: Properties, url: str) -> Servers:
    """What a connection's properties, or an address alone, stand for. Raises BadSettings."""
    named = {name: str(value) for name, value in properties}
    where = "connection" if named else "url"
    if (odd := next((name for name in named if name not in KNOWN), None)) is not None:
        raise BadSettings(
            where, f"the connection holds {odd[:40]!r}, which NATS has no use for: it knows {', '.join(KNOWN)}"
        )
    urls = [each.strip() for each in (named.pop("url", "") if named else url).split(",") if each.strip()]
    if not urls:
        missing = (
            "the connection has no url: add one such as" if named or where == "connection" else "no server is named:"
        )
        raise BadSettings(
            where,
            f"{missing} nats://localhost:4222"
            if where == "connection"
            else f"{missing} choose a connection, or write an address such as nats://localhost:4222",
        )
    addresses = []
    for each in urls:
        parts = check_url(each, _SCHEMES, where, typed=where == "url")
        if parts.path.strip("/") or parts.query or parts.fragment:
            raise BadSettings(where, "the address goes on behind the port: write one such as nats://localhost:4222")
        addresses.append((parts.hostname or "", parts.port or PORT, parts.scheme == "tls"))
        if parts.username and parts.password is None:
            named["token"] = unquote(parts.username)
        elif parts.username:
            named["user"], named["password"] = unquote(parts.username), unquote(parts.password or "")
    if ("user" in named) != ("password" in named):
        raise BadSettings(where, "the connection has half a login: give it user and password, or a token")
    return Servers(tuple(addresses), where, named)
