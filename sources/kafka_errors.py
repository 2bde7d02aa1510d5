"""What went wrong with a Kafka cluster, in words a person can act on.

kafka-python tries for ever and then reports a time-out; the cause of each failed attempt appears only on its loggers.
`Diagnosis` listens there for one client, so that a hopeless attempt ends at its first refusal: repeating a wrong
password can lock an account.
"""

import logging
import re
import threading
from collections.abc import Iterable
from difflib import get_close_matches
from types import TracebackType
from typing import Self

from kafka import errors

from sources.errors import AuthFailed, BadSettings, Mendable, NotFound, SourceError, Unreachable
from sources.kafka_network import NEVER
from sources.kafka_properties import Cluster

ATTEMPTS = 3
"""Failed attempts for each address after which a cluster counts as unreachable for now."""

_listening: dict[str, "Diagnosis"] = {}
"""By the name of the thread on which a client connects."""


class Diagnosis:
    """Listens for why one client can't connect, and sets `settled` as soon as waiting longer is of no use."""

    def __init__(self, client_id: str, cluster: Cluster, settled: threading.Event) -> None:
        """`client_id` must be this client's alone: its thread is named after it, which tells its failures from others'."""
        self.cause: SourceError | None = None
        self._thread = f"kafka-io-{client_id}"
        self._cluster = cluster
        self._settled = settled
        self._left = ATTEMPTS * len(cluster.servers.split(","))

    def take(self, record: logging.LogRecord) -> None:
        """Note the failure of one attempt."""
        if isinstance(self.cause, Mendable):
            return
        if str(record.msg).startswith(("Bootstrap connection to", "Bootstrap attempt to")):
            failures = [each for each in record.args or () if isinstance(each, Exception)]
            self.cause = explain(failures[0] if failures else record.getMessage(), self._cluster)
            self._left -= 1
            if isinstance(self.cause, Mendable) or self._left <= 0:
                self._settled.set()

    def __enter__(self) -> Self:
        _listening[self._thread] = self
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        del _listening[self._thread]


def _hand_over(record: logging.LogRecord) -> bool:
    """Give the record to whom it concerns and, as a filter, let it go no further: it holds sockets and secrets."""
    diagnosis = _listening.get(record.threadName or "")
    if diagnosis is not None:
        diagnosis.take(record)
    return False


logging.getLogger("kafka").setLevel(logging.CRITICAL)  # all it has to say is in the errors raised here
logging.getLogger("kafka.net.manager").setLevel(logging.WARNING)
logging.getLogger("kafka.net.manager").addFilter(_hand_over)


_CAUSES: tuple[tuple[type[Exception] | str, type[SourceError], str], ...] = (
    (
        NEVER,
        BadSettings,
        "{servers} is, or leads to, an address of this network's own services, which is never read: choose another",
    ),
    (
        errors.SaslAuthenticationFailedError,
        AuthFailed,
        "Kafka at {servers} refused the login: {said}. Check user name, password or token.",
    ),
    (
        errors.UnsupportedSaslMechanismError,
        AuthFailed,
        "Kafka at {servers} does not offer sasl_mechanism {mechanism}: choose another.",
    ),
    (
        errors.IllegalSaslStateError,
        AuthFailed,
        "Kafka at {servers} expects no SASL login at this port: check security_protocol.",
    ),
    (
        errors.AuthorizationError,
        AuthFailed,
        "Kafka at {servers} does not let this user read here ({said}): ask for the permission.",
    ),
    (
        errors.InvalidReceiveError,
        BadSettings,
        "{servers} answered, but not as a Kafka broker does without TLS: check the port, or security_protocol.",
    ),
    (
        errors.UnsupportedCodecError,
        BadSettings,
        "The topic is compressed in a way that can't be read here ({said}): install what requirements.txt names.",
    ),
    (
        errors.CorruptRecordError,
        Unreachable,
        "Kafka at {servers} sent a damaged record: {said}. Check the broker's disk.",
    ),
    (
        errors.OffsetOutOfRangeError,
        Unreachable,
        "Kafka at {servers} no longer has what was to be read next: going on with what it has.",
    ),
    (
        errors.KafkaConfigurationError,
        BadSettings,
        "Kafka at {servers} can't be asked like this ({said}): check api_version, and the broker's own version.",
    ),
    (
        "CERTIFICATE_VERIFY_FAILED",
        AuthFailed,
        "The certificate of {servers} is not to be trusted: {said}. Check ssl_cafile and the host name.",
    ),
    ("WRONG_VERSION_NUMBER", BadSettings, "{servers} does not speak TLS: check the port, or security_protocol."),
    ("RECORD_LAYER_FAILURE", BadSettings, "{servers} does not speak TLS: check the port, or security_protocol."),
    ("ALERT", AuthFailed, "Kafka at {servers} ended the TLS handshake: {said}. Check ssl_certfile and ssl_keyfile."),
    (
        "UNEXPECTED_EOF",
        Unreachable,
        "{servers} ended the TLS handshake: it is starting or stopping, or does not speak TLS. Check security_protocol.",
    ),
    (
        "disconnected",
        Unreachable,
        "{servers} closed the connection: it is starting or stopping, expects another security_protocol, or is not Kafka.",
    ),
    ("ECONNREFUSED", Unreachable, "Nothing listens at {servers}: check the address, and that the broker runs."),
    ("DNS", Unreachable, "The host name of {servers} is unknown: check the address."),
    ("", Unreachable, "Kafka at {servers} did not answer: {said}. Check the address, and how busy the broker is."),
)
"""By what the library raised or wrote, the first that fits: what to raise, and what to tell the user."""


def explain(failure: Exception | str, cluster: Cluster) -> SourceError:
    """The error to raise for what the client library reported, without secrets."""
    if isinstance(failure, SourceError):
        return failure
    text = cluster.redact(str(failure))
    kind, message = next(
        (kind, message)
        for sign, kind, message in _CAUSES
        if (sign in text if isinstance(sign, str) else isinstance(failure, sign))
    )
    mechanism = cluster.properties.get("sasl_mechanism")
    message = message.format(servers=cluster.servers, said=_said(text), mechanism=mechanism)
    return BadSettings(cluster.setting, message) if kind is BadSettings else kind(message)


def unknown_topic(topic: str, topics: Iterable[str], cluster: Cluster) -> NotFound:
    """The error for a topic that is not there, with the names that come near."""
    near = get_close_matches(topic, topics, n=3)
    advice = f"did you mean {' or '.join(near)}?" if near else "check its name, and that this user may see it."
    return NotFound(f"Kafka at {cluster.servers} has no topic {topic!r}: {advice}")


_NOISE = re.compile(r"\[Error \d+\] |\w+Error: |\[SSL: \w+\] | ?\(_ssl\.c:\d+\)|Handshake failed: ")


def _said(text: str) -> str:
    """The library's words without error numbers and class names.

    >>> _said("[Error 58] SaslAuthenticationFailedError: SaslAuthenticationFailedError: Authentication failed")
    'Authentication failed'
    """
    return _NOISE.sub("", text)[:300].rstrip(".")
