"""Addresses that a person may type: what may stand in them, and where they may lead.

An address of a network's own services, such as the metadata of a cloud's machine, is never connected to: whoever may type one
would read the machine's credentials. Names are looked up once, and what was looked up is what is connected to, so a name that
means another address a moment later gains nothing.
"""

import contextlib
import ipaddress
import re
import socket
from collections.abc import Collection
from urllib.parse import SplitResult, parse_qsl, urlsplit

from sources.errors import BadSettings, Unreachable

METADATA = tuple(
    map(
        ipaddress.ip_network,
        (
            "169.254.0.0/16",  # link-local, and most clouds' metadata
            "fe80::/10",
            "fd00:ec2::/32",  # Amazon's over IPv6
            "fd20:ce::/32",  # Google's over IPv6
            "100.100.100.200/32",  # Alibaba's
            "168.63.129.16/32",  # Azure's wire server
            "192.0.0.192/32",  # Oracle's
        ),
    )
)

SECRETS = frozenset(
    [
        "key",
        "apikey",
        "token",
        "secret",
        "password",
        "passwd",
        "pwd",
        "auth",
        "authorization",
        "sig",
        "signature",
        "credential",
        "credentials",
    ]
)
"""A query parameter with such a word in its name is a secret, which has no place in a link."""

_WORD = re.compile(r"[a-z]+|[A-Z]+[a-z]*")

_EMBEDDED = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "::/96")))
"""Of these the last four bytes are an IPv4 address: translators' prefixes, and the oldest way to write one."""


def is_metadata(address: str) -> bool:
    """Whether an IP address is link-local or a cloud's metadata service, however it is written.

    >>> is_metadata("169.254.169.254"), is_metadata("::ffff:169.254.169.254"), is_metadata("127.0.0.1")
    (True, True, False)
    """
    ip = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if inner is None and any(ip in network for network in _EMBEDDED):
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        ip = inner or ip
    return ip.is_link_local or any(ip.version == network.version and ip in network for network in METADATA)


def is_loopback(host: str) -> bool:
    """Whether nothing but this machine is reached at a host of that name.

    >>> is_loopback("localhost"), is_loopback("127.0.0.5"), is_loopback("::1"), is_loopback("0.0.0.0")
    (True, True, True, False)
    """
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def host_and_port(host: str, port: int | str) -> str:
    """As they are written together; the host alone where the port is 0 or "".

    >>> host_and_port("localhost", 1883), host_and_port("::1", 1883), host_and_port("::1", "")
    ('localhost:1883', '[::1]:1883', '[::1]')
    """
    host = f"[{host}]" if ":" in host else host
    return f"{host}:{port}" if port else host


_BARE = re.compile(r"[A-Za-z0-9.-]{1,60}(:[0-9]{1,5})?(/[A-Za-z0-9./_-]{0,60})?")
"""An address of which nothing but the scheme is missing."""


def check_url(url: str, schemes: Collection[str], setting: str, *, typed: bool = True) -> SplitResult:
    """The parts of an address. Raises BadSettings beside `setting` where it is none, or holds a secret that was typed.

    typed  whether a person typed it, so that it stands in the link; else it is a connection's, which may hold secrets
    """
    example = f"{min(schemes)}://localhost"
    parts = None
    with contextlib.suppress(ValueError):  # a port that is no number, a bracket that is not closed
        split = urlsplit(url.strip())
        parts = None if split.port == 0 else split
    if parts is None or parts.scheme not in schemes or not parts.hostname:
        shown = (
            "the connection's url" if not typed else "the address" if "@" in url else repr(url[:60])
        )  # it may hold a login
        if typed and _BARE.fullmatch(url.strip()):
            example = f"{min(schemes)}://{url.strip()}"
        raise BadSettings(setting, f"{shown} is no address: write one such as {example}")
    if typed and (parts.username is not None or parts.password is not None):
        raise BadSettings(setting, f"{setting} holds a login, which would stand in the link: put it into a connection")
    if typed and (name := _secret_in(parts.query)):
        raise BadSettings(
            setting, f"{setting} holds {name[:40]!r}, a secret that would stand in the link: put it into a connection"
        )
    return parts


def look_up(host: str, port: int, setting: str) -> list[str]:
    """The IP addresses of a host. Raises BadSettings where one of them is not for us, Unreachable where there are none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable(f"The host name {host[:60]!r} is unknown: check {setting}, and the network.") from None
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    if any(map(is_metadata, addresses)):
        raise BadSettings(
            setting,
            f"{host[:60]!r} is an address of this network's own services, which is never read: choose another",
        )
    return addresses


def connect(host: str, port: int, timeout_s: float, setting: str) -> socket.socket:
    """A connection to the first address of a host that answers. Raises as `look_up` does, and OSError where none answers."""
    failure: OSError = OSError(f"no address of {host} answers")
    for address in look_up(host, port, setting):
        try:
            return socket.create_connection((address, port), timeout_s)
        except OSError as error:
            failure = error
    raise failure


def cut(connected: socket.socket, how: int = socket.SHUT_RDWR) -> None:
    """End what another thread waits for on a connection; whoever opened it closes it."""
    with contextlib.suppress(OSError):  # it has ended by itself
        # Not the method of a TLS socket, which would take its keys from under the thread that reads.
        socket.socket.shutdown(connected, how)


def _secret_in(query: str) -> str:
    """The name of the first parameter that is a secret; "" if none is."""
    names = [name for name, _ in parse_qsl(query, keep_blank_values=True)]
    return next((name for name in names if SECRETS & {word.lower() for word in _WORD.findall(name)}), "")
