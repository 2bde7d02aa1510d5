"""What went wrong with NATS, in words a person can act on."""

import ssl

from nats import errors

from sources.errors import AuthFailed, BadSettings, SourceError, Unreachable, one_line
from sources.nats_servers import Servers

_CAUSES: tuple[tuple[type[BaseException] | str, type[SourceError], str], ...] = (
    ("authorization", AuthFailed, "{login}"),
    ("authentication", AuthFailed, "{login}"),
    ("permissions violation", AuthFailed, "NATS at {shown} does not let this user read here: ask for the permission."),
    (
        "CERTIFICATE_VERIFY_FAILED",
        AuthFailed,
        "The certificate of {shown} is not to be trusted: {said}. Check the host name, or set ssl_cafile in a connection.",
    ),
    ("ALERT", AuthFailed, "NATS at {shown} ended the TLS handshake: check ssl_certfile and ssl_keyfile."),
    (ssl.SSLError, Unreachable, "{shown} ended the TLS handshake: it is starting or stopping, or does not speak TLS."),
    ("no TLS", BadSettings, "{shown} does not speak TLS: check the address, or write nats://."),
    (
        "expecting INFO",
        Unreachable,
        "{shown} answers, but not as NATS does: it is starting or stopping, or check the port.",
    ),
    ("info message", BadSettings, "{shown} answers, but not as NATS does: check the port."),
    ("stale connection", Unreachable, "NATS at {shown} does not answer any more: connecting again."),
    (errors.ProtocolError, Unreachable, "{shown} sent what is none of NATS: connecting again."),
    (errors.UnexpectedEOF, Unreachable, "NATS at {shown} has gone: connecting again."),
    (ConnectionRefusedError, Unreachable, "Nothing listens at {shown}: check the address, and that NATS runs."),
    (ConnectionError, Unreachable, "NATS at {shown} has gone: connecting again."),
    (TimeoutError, Unreachable, "{shown} did not answer as NATS does: check the address, and how busy it is."),
    (errors.NoServersError, Unreachable, "{shown} can't be reached: check the address, and that NATS runs."),
    (errors.ConnectionClosedError, Unreachable, "NATS at {shown} has ended the connection: connecting again."),
    (errors.Error, Unreachable, "NATS at {shown} has ended the connection ({said}): connecting again."),
    (OSError, Unreachable, "{shown} can't be reached: {said}. Check the address, and the network."),
    *(
        (kind, Unreachable, "{shown} sent what is none of NATS: connecting again.")
        for kind in (ValueError, TypeError, LookupError, AttributeError)  # an answer of another shape
    ),
)
"""By what was raised or what it says, the first that fits: what to raise, and what to tell the user."""


def explain(error: BaseException, servers: Servers) -> SourceError | None:
    """The error to raise for what the client library raised, without secrets; None for what nobody expected."""
    if isinstance(error, SourceError):
        return error
    text = servers.redact(str(error))
    words = one_line(text.removeprefix("nats: ")).strip("' ")
    login = (
        f"NATS at {servers.shown} refused the login: check it in the connection."
        if servers.known
        else f"NATS at {servers.shown} asks for a login: add user and password, or a token, to a connection."
    )
    for sign, kind, message in _CAUSES:
        if sign.lower() in text.lower() if isinstance(sign, str) else isinstance(error, sign):
            told = message.format(shown=servers.shown, login=login, said=words)
            return BadSettings(servers.setting, told) if kind is BadSettings else kind(told)
    return None
