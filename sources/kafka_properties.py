"""A connection's properties, as Kafka clients name them, checked."""

import re
from dataclasses import dataclass, field

from sources.connections import Properties, redact
from sources.errors import BadSettings
from sources.registry_properties import REGISTRY, REGISTRY_ALIASES, REGISTRY_CHOICES, REGISTRY_SECRET, check_registry

_ALIASES = {
    "sasl_mechanisms": "sasl_mechanism",
    "sasl_username": "sasl_plain_username",
    "sasl_password": "sasl_plain_password",
    "ssl_ca_location": "ssl_cafile",
    "ssl_certificate_location": "ssl_certfile",
    "ssl_key_location": "ssl_keyfile",
    "ssl_key_password": "ssl_password",
    **REGISTRY_ALIASES,
}
"""librdkafka's names, with underscores, for what kafka-python calls otherwise; Confluent's for the registry's."""

_PLAIN = ("bootstrap_servers", "client_id", "api_version", "sasl_plain_username", "sasl_plain_password")
TLS = ("ssl_cafile", "ssl_certfile", "ssl_keyfile", "ssl_password", "ssl_check_hostname")
_CHOICES = {
    "security_protocol": ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"),
    "sasl_mechanism": ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"),
    "ssl_check_hostname": ("TRUE", "FALSE"),
    **REGISTRY_CHOICES,
}
KNOWN = (*_PLAIN, *_CHOICES, *(name for name in TLS if name not in _CHOICES), "sasl_oauth_token", *REGISTRY)
"""Every property that a connection may hold; dots may stand for the underscores."""

BESIDE = (*REGISTRY, *REGISTRY_CHOICES)
"""Properties that are not for the brokers, nor for the client that talks to them."""

_SECRET = ("sasl_plain_password", "ssl_password", "sasl_oauth_token", *REGISTRY_SECRET)


@dataclass(frozen=True, slots=True)
class Cluster:
    """One Kafka cluster and how to log in there.

    properties  under kafka-python's names, checked
    setting     where the user names the cluster, so that an error can stand beside that control
    """

    properties: dict[str, str] = field(repr=False)
    setting: str

    @property
    def servers(self) -> str:
        """Its addresses, as the user gave them."""
        return self.properties["bootstrap_servers"]

    def redact(self, text: str) -> str:
        """`text` without the secrets among the properties, whoever put them there."""
        secrets = [self.properties.get(name, "") for name in _SECRET]
        secrets.append(self.properties.get("basic_auth_user_info", "").partition(":")[2])
        return redact(text, secrets)


def normalise(properties: Properties) -> dict[str, str]:
    """The properties under kafka-python's names. Raises BadSettings for one that is unknown or makes no sense.

    >>> normalise([("bootstrap.servers", "kafka:9092"), ("security.protocol", "ssl")])
    {'bootstrap_servers': 'kafka:9092', 'security_protocol': 'SSL'}
    """
    named = {}
    for given, text in properties:
        name = given.strip().lower().replace(".", "_")
        name = _ALIASES.get(name, name)
        if name not in KNOWN:
            raise BadSettings("connection", f"{given!r} is no known Kafka property: use one of {', '.join(KNOWN)}")
        value = text.strip()
        if name in _CHOICES:
            value = value.upper()
            if value not in _CHOICES[name]:
                raise BadSettings("connection", f"{given} is {text!r}: use one of {', '.join(_CHOICES[name])}")
        if name == "api_version" and not re.fullmatch(r"\d+(\.\d+){1,2}", value):
            raise BadSettings("connection", f"{given} is {text!r}: write a Kafka version, such as 2.3")
        named[name] = value
    _require(named)
    check_registry(named)
    return named


def _require(named: dict[str, str]) -> None:
    """Raise BadSettings where one property needs another that is missing."""
    needed: list[tuple[str, str]] = []
    protocol = named.get("security_protocol", "PLAINTEXT")
    mechanism = named.get("sasl_mechanism", "")
    if protocol.startswith("SASL"):
        needed.append(("sasl_mechanism", f"security_protocol={protocol}"))
        if mechanism == "OAUTHBEARER":
            needed.append(("sasl_oauth_token", "sasl_mechanism=OAUTHBEARER"))
        elif mechanism:
            needed += [(name, f"sasl_mechanism={mechanism}") for name in ("sasl_plain_username", "sasl_plain_password")]
    elif mechanism:
        raise BadSettings(
            "connection", f"sasl_mechanism={mechanism} needs a security_protocol: set it to SASL_SSL or SASL_PLAINTEXT"
        )
    if "ssl_keyfile" in named:
        needed.append(("ssl_certfile", "ssl_keyfile"))
    for name, because in needed:
        if not named.get(name):
            raise BadSettings("connection", f"{name} is missing, and {because} needs it: add it to the connection")
