"""What went wrong with a broker, in words a person can act on."""

import socket
import ssl
from collections.abc import Sequence

from paho.mqtt.reasoncodes import ReasonCode

from sources.errors import AuthFailed, BadSettings, NotFound, SourceError, Unreachable
from sources.mqtt_broker import Broker

UNSUPPORTED_PROTOCOL = 132

_REFUSALS: dict[int, tuple[type[SourceError], str]] = {
    UNSUPPORTED_PROTOCOL: (BadSettings, "does not speak this version of MQTT: set protocol to 3.1.1 or 5."),
    133: (AuthFailed, "does not take our client id, which begins with {client_id}: set client_id in the connection."),
    134: (AuthFailed, "refused the login: check username and password."),
    135: (AuthFailed, "does not let us in: check username and password, or ask for the permission."),
    138: (AuthFailed, "has banned this client: ask who runs it."),
    140: (AuthFailed, "wants another way to log in: ask who runs it."),
    142: (BadSettings, "has a new client with our client id: set another client_id."),
    152: (AuthFailed, "has ended the connection by its administrator's wish: ask who runs it."),
}
"""By reason code: what to raise, and what to say of the broker."""

NOT_AUTHORISED = (128, 135)
"""What brokers answer to a subscription that is not allowed, of MQTT 3.1.1 and 5."""


def refused(reason: ReasonCode, broker: Broker) -> SourceError:
    """The error for a connection that the broker did not accept, or has ended."""
    kind, said = _REFUSALS.get(reason.value, (Unreachable, f"answered {str(reason).lower()!r}: connecting again."))
    message = f"The broker at {broker.name} {said.format(client_id=broker.client_id)}"
    return BadSettings(broker.setting, message) if kind is BadSettings else kind(message)


def not_subscribed(reasons: Sequence[ReasonCode], filters: Sequence[str], broker: Broker) -> SourceError | None:
    """The error for filters that the broker did not take; None if it took all."""
    for reason, text in zip(reasons, filters, strict=False):
        if not reason.is_failure:
            continue
        if reason.value in NOT_AUTHORISED:
            return AuthFailed(
                f"The broker at {broker.name} does not let us subscribe to {text[:60]!r}: choose a narrower topic, or ask for "
                "the permission to read it."
            )
        return NotFound(
            f"The broker at {broker.name} does not take the subscription to {text[:60]!r} ({str(reason).lower()}): "
            "choose another topic."
        )
    return None


def explain(failure: Exception, broker: Broker) -> SourceError:  # noqa: PLR0911 - a table of guards reads best
    """The error to raise for what the socket or the TLS library reported, without secrets."""
    at = broker.name
    if isinstance(failure, SourceError):
        return failure
    if isinstance(failure, ssl.SSLCertVerificationError):
        why = failure.verify_message or "it is not trusted"
        return AuthFailed(f"The certificate of {at} is not to be trusted ({why}): check ca_certs and the host name.")
    if isinstance(failure, ssl.SSLEOFError) or (broker.tls and isinstance(failure, ConnectionResetError)):
        return Unreachable(f"{at} ended the TLS handshake: check that it speaks TLS at this port, and that it runs.")
    if isinstance(failure, ssl.SSLError):
        reason = str(failure.reason or "")
        if "ALERT" in reason:
            return AuthFailed(f"{at} ended the TLS handshake ({reason.lower()}): check certfile and keyfile.")
        return BadSettings(broker.setting, f"{at} does not speak TLS: check the port, or leave TLS out (mqtt://).")
    if isinstance(failure, ConnectionRefusedError):
        return Unreachable(f"Nothing listens at {at}: check the address, and that the broker runs.")
    if isinstance(failure, socket.gaierror | UnicodeError):
        return Unreachable(f"The host name of {at} is unknown: check the address, and the network.")
    if isinstance(failure, TimeoutError):
        return Unreachable(f"{at} does not answer: check the address, and that no firewall is between.")
    why = broker.redact(str(getattr(failure, "strerror", None) or type(failure).__name__)).lower()
    return Unreachable(f"The broker at {at} can't be reached ({why}): check the address, and that it runs.")


class Unanswered(Unreachable):
    """The connection ended before the broker said who it is: it may speak another version of MQTT, or something else."""


def unanswered(broker: Broker) -> Unanswered:
    """The error for a connection that ended so."""
    advice = "certfile if it wants a client's certificate" if broker.tls else "whether it wants TLS (mqtts://)"
    return Unanswered(
        f"{broker.name} closed the connection without an answer as an MQTT broker gives it: check the port, and {advice}."
    )


def oversized(broker: Broker, most_bytes: int) -> Unreachable:
    """The error for a message that is longer than any that is read."""
    return Unreachable(
        f"The broker at {broker.name} sent a message of more than {most_bytes:,} bytes, which is not read: connecting again. "
        "Watch a narrower topic, or speak MQTT 5, of which brokers keep such messages back."
    )


def lost(broker: Broker) -> Unreachable:
    """The error for a connection that was there, and is no more."""
    return Unreachable(f"The connection to the broker at {broker.name} was lost: connecting again.")
