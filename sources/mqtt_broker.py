"""One broker and how to log in there, from what a person typed or from a connection's properties, checked."""

from dataclasses import dataclass, field

from sources.addresses import check_url, host_and_port
from sources.connections import Properties, redact
from sources.errors import BadSettings

SCHEMES = ("mqtt", "mqtts")
PORTS = {False: 1883, True: 8883}

KNOWN = (
    *("url", "host", "port", "username", "password", "client_id", "keepalive", "protocol", "transport"),
    *("tls", "ca_certs", "certfile", "keyfile", "keyfile_password", "alpn_protocols", "tls_insecure"),
)
"""Every property that a connection may hold: the arguments of paho's Client, connect, username_pw_set and tls_set, by their
names; `tls` and `tls_insecure` are true or false."""

_TLS = ("ca_certs", "certfile", "keyfile", "keyfile_password", "alpn_protocols", "tls_insecure")

PROTOCOLS = {"3.1.1": "3.1.1", "311": "3.1.1", "4": "3.1.1", "mqttv311": "3.1.1", "5": "5", "5.0": "5", "mqttv5": "5"}
"""How a version of the protocol is written, paho's own ways among them."""

_TRUTH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}

KEEPALIVE_S = 10
MOST_KEEPALIVE_S = 65_535


@dataclass(frozen=True, slots=True)
class Broker:
    """Where it is, and who we are there.

    protocols  the versions to try, in their order: "5", "3.1.1"
    setting    where the user names the broker, so that an error can stand beside that control
    typed      whether a viewer typed the address, so that it may not lead everywhere
    """

    host: str
    port: int
    tls: bool
    setting: str
    typed: bool
    username: str = ""
    password: str = field(default="", repr=False)
    client_id: str = "pulseboard"
    keepalive: int = KEEPALIVE_S
    protocols: tuple[str, ...] = ("5", "3.1.1")
    ca_certs: str = ""
    certfile: str = ""
    keyfile: str = ""
    keyfile_password: str = field(default="", repr=False)
    alpn_protocols: str = ""
    tls_insecure: bool = False

    @property
    def name(self) -> str:
        """Its address without what is secret, for messages."""
        return host_and_port(self.host, self.port)

    def redact(self, text: str) -> str:
        """`text` without the secrets, whoever put them there."""
        return redact(text, (self.password, self.keyfile_password))


def broker_of(properties: Properties, url: str = "") -> Broker:
    """The broker that a connection's properties, or an address alone, stand for. Raises BadSettings.

    >>> broker_of((), "mqtts://broker.example").name
    'broker.example:8883'
    >>> broker_of((("host", "plant"), ("username", "board"), ("password", "x"))).name
    'plant:1883'
    """
    given = _given(properties)
    if not given:
        if not url.strip():
            raise BadSettings(
                "url", "no broker is named: choose a connection, or give an address such as mqtt://localhost:1883"
            )
        return _at(url, "url", {}, typed=True)
    if bool(given.get("url")) == bool(given.get("host")):
        raise BadSettings("connection", "the connection needs either a url or a host: give one of them")
    if given.get("url"):
        return _at(given["url"], "connection", given, typed=False)
    tls = _truth(given, "tls") if "tls" in given else any(given.get(name) for name in _TLS)
    port = _whole(given, "port", PORTS[tls], 65_535)
    return _logged_in(given["host"], port, "connection", given, tls=tls, typed=False)


def _given(properties: Properties) -> dict[str, str]:
    given = {}
    for name, text in properties:
        if name not in KNOWN:
            raise BadSettings("connection", f"{name[:40]!r} is no known MQTT property: use some of {', '.join(KNOWN)}")
        given[name] = text.strip()
    if given.get("transport", "tcp") != "tcp":
        raise BadSettings("connection", "transport is not tcp: choose the broker's port for plain MQTT, or for TLS")
    return given


def _at(url: str, setting: str, given: dict[str, str], *, typed: bool) -> Broker:
    parts = check_url(url, SCHEMES, setting, typed=typed)
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise BadSettings(setting, "the address holds more than host and port: write the topic into topic")
    tls = parts.scheme == "mqtts"
    login = {"username": parts.username or "", "password": parts.password or ""}
    given = {**{name: text for name, text in login.items() if text}, **given}
    return _logged_in(parts.hostname or "", parts.port or PORTS[tls], setting, given, tls=tls, typed=typed)


def _logged_in(host: str, port: int, setting: str, given: dict[str, str], *, tls: bool, typed: bool) -> Broker:  # noqa: PLR0913
    if not tls and (odd := next((name for name in _TLS if given.get(name)), "")):
        raise BadSettings(setting, f"{odd} is given without TLS: write mqtts:// or tls = true, or leave it out")
    for name, needed in (("password", "username"), ("keyfile", "certfile"), ("keyfile_password", "keyfile")):
        if given.get(name) and not given.get(needed):
            raise BadSettings(setting, f"{name} is given without {needed}: add it to the connection")
    protocol = given.get("protocol", "").lower()
    if protocol and protocol not in PROTOCOLS:
        raise BadSettings(setting, f"protocol is {protocol[:20]!r}: use 3.1.1 or 5, or leave it out")
    return Broker(
        host,
        port,
        tls,
        setting,
        typed,
        keepalive=_whole(given, "keepalive", KEEPALIVE_S, MOST_KEEPALIVE_S),
        protocols=(PROTOCOLS[protocol],) if protocol else ("5", "3.1.1"),
        tls_insecure=_truth(given, "tls_insecure"),
        client_id=given.get("client_id", "") or "pulseboard",
        **{
            name: given.get(name, "")
            for name in ("username", "password", "ca_certs", "certfile", "keyfile", "keyfile_password")
        },
        alpn_protocols=given.get("alpn_protocols", ""),
    )


def _truth(given: dict[str, str], name: str) -> bool:
    text = given.get(name, "").lower() or "false"
    if text not in _TRUTH:
        raise BadSettings("connection", f"{name} is {text[:20]!r}: use true or false")
    return _TRUTH[text]


def _whole(given: dict[str, str], name: str, default: int, most: int) -> int:
    text = given.get(name, "") or str(default)
    if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) <= most):
        raise BadSettings("connection", f"{name} is {text[:20]!r}: use a whole number from 1 to {most}")
    return int(text)
