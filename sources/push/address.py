"""Where to listen, and who may post there."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sources.addresses import host_and_port, is_loopback
from sources.connections import Properties
from sources.errors import BadSettings

HOST = "127.0.0.1"
PORT = 8502
PORT_VARIABLE = "PULSEBOARD_PUSH_PORT"
TOKEN_CHARS = 16
"""A token that strangers may guess at has at least so many characters."""

_KNOWN = ("host", "port", "token", "ssl_certfile", "ssl_keyfile")


@dataclass(frozen=True, slots=True)
class Address:
    """One place to listen at.

    host          as the connection names it; HOST stands for the loopback of IPv6 too
    token         what a post must bear; "" where any program that reaches the loopback may post
    ssl_certfile  a file with the certificate; "" for plain HTTP. `ssl_keyfile` is that of its key, if it is another
    """

    host: str = HOST
    port: int = PORT
    token: str = field(default="", repr=False)
    ssl_certfile: str = ""
    ssl_keyfile: str = ""

    @property
    def url(self) -> str:
        """How it is addressed from this machine; where it is open to others, they know this machine by a name of their own."""
        host = self.host if is_loopback(self.host) else "SERVER"
        return f"{'https' if self.ssl_certfile else 'http'}://{host_and_port(host, self.port)}"

    @property
    def is_clients_default(self) -> bool:
        """Whether the command finds it without being told: it looks for the port in the environment too."""
        return self.host == HOST and not self.ssl_certfile and self.port == PORT


def address_of(properties: Properties, environ: Mapping[str, str]) -> Address:
    """Where a connection's properties say to listen; without any, this machine's loopback.

    environ  PORT_VARIABLE is the port where no connection names one

    Raises BadSettings beside `connection`.
    """
    named = {name: str(value).strip() for name, value in properties}
    for name in named:
        if name not in _KNOWN:
            raise _bad(f"{name[:40]!r} is nothing that a push connection knows: use {', '.join(_KNOWN)}")
    port = _port(named["port"], "port") if named.get("port") else _port(environ.get(PORT_VARIABLE, ""), PORT_VARIABLE)
    address = Address(
        (named.get("host") or HOST).strip("[]"),
        port,
        named.get("token", ""),
        named.get("ssl_certfile", ""),
        named.get("ssl_keyfile", ""),
    )
    if not address.token and "token" in named:
        raise _bad("token is empty: write one of at least 16 characters, or leave it out for this machine alone")
    if address.token and not (address.token.isascii() and address.token.isprintable() and " " not in address.token):
        raise _bad("token holds blanks or other characters that no header can: use letters, digits and dashes")
    if address.token and len(address.token) < TOKEN_CHARS:
        raise _bad(f"token is short enough to be guessed: write one of at least {TOKEN_CHARS} characters")
    if not address.token and not is_loopback(address.host):
        raise _bad(
            f"host is {address.host[:60]!r}, where others than this machine's programs can post: add a token of at "
            f"least {TOKEN_CHARS} characters, or leave host out"
        )
    if address.ssl_keyfile and not address.ssl_certfile:
        raise _bad("ssl_keyfile is given without ssl_certfile: name the certificate's file too")
    return address


def _port(text: str, name: str) -> int:
    if not text:
        return PORT
    if not (text.isascii() and text.isdigit() and 0 < int(text[:6]) < 2**16):
        raise _bad(f"{name} is {text[:40]!r}, which is no port: write a number from 1 to 65535, such as {PORT}")
    return int(text)


def _bad(message: str) -> BadSettings:
    return BadSettings("connection", message)
