"""What went wrong with a Redis server, in words a person can act on."""

from redis import exceptions

from sources.errors import AuthFailed, BadSettings, NotFound, SourceError, Unreachable, one_line
from sources.redis_properties import Server

HANDSHAKE = "the TLS handshake has no end"
"""What is said of a server that takes a connection and does not answer to TLS."""

_CLUSTER = (
    "Redis at {server} is a node of a cluster, and what was asked for is on another ({said}): give that node's address. A "
    "cluster as a whole can't be read."
)

_CLOSED = "Redis at {server} closed the connection: it is stopping, was read too slowly, or expects TLS (rediss://)."

_CAUSES: tuple[tuple[type[Exception] | str, type[SourceError], str], ...] = (
    ("NOAUTH", AuthFailed, "Redis at {server} asks for a login: add password, and username, to the connection."),
    (
        "without any password",
        AuthFailed,
        "Redis at {server} has no password, but the connection has: remove it, or check the address.",
    ),
    (
        exceptions.AuthenticationError,
        AuthFailed,
        "Redis at {server} refused the login: check username and password of the connection.",
    ),
    (
        exceptions.NoPermissionError,
        AuthFailed,
        "Redis at {server} does not let this user read here ({said}): ask for the permission.",
    ),
    (
        "DENIED",
        AuthFailed,
        "Redis at {server} is in protected mode, in which it serves its own machine alone: set a password there.",
    ),
    (
        "WRONGTYPE",
        NotFound,
        "What is watched at {server} is no stream any more: name another, or choose via pubsub for a channel.",
    ),
    (exceptions.AskError, BadSettings, _CLUSTER),  # MOVED is one too
    ("CROSSSLOT", BadSettings, _CLUSTER),
    ("same slot", BadSettings, _CLUSTER),
    (exceptions.BusyLoadingError, Unreachable, "Redis at {server} is still loading its data: connecting again."),
    (exceptions.MasterDownError, Unreachable, "Redis at {server} has lost its master: connecting again."),
    (exceptions.ClusterDownError, Unreachable, "The cluster of Redis at {server} is down: connecting again."),
    ("BUSY", Unreachable, "Redis at {server} is busy with a script: connecting again."),
    ("max number of clients", Unreachable, "Redis at {server} serves as many clients as it may: connecting again."),
    ("DB index", BadSettings, "Redis at {server} has no database of that number: choose another db."),
    (
        "unknown command",
        BadSettings,
        "{server} does not know a command that is needed ({said}): it is a Sentinel, or older than Redis 6. Check the port.",
    ),
    (
        "syntax error",
        BadSettings,
        "{server} does not understand what it was asked: it is older than Redis 6. Name the streams without a pattern.",
    ),
    (
        exceptions.InvalidResponse,
        BadSettings,
        "{server} answers, but not as a Redis server does without TLS: check the port, or write rediss://",
    ),
    (
        "CERTIFICATE_VERIFY_FAILED",
        AuthFailed,
        "The certificate of {server} is not to be trusted: check ssl_ca_certs and the host name.",
    ),
    ("WRONG_VERSION_NUMBER", BadSettings, "{server} does not speak TLS: check the port, or write redis://"),
    ("RECORD_LAYER_FAILURE", BadSettings, "{server} does not speak TLS: check the port, or write redis://"),
    (
        "ALERT",
        AuthFailed,
        "Redis at {server} ended the TLS handshake: check ssl_certfile and ssl_keyfile of the connection.",
    ),
    (
        "UNEXPECTED_EOF",
        Unreachable,
        "{server} ended the TLS handshake: it is starting or stopping, or does not speak TLS. Check the port.",
    ),
    (
        "No such file",
        BadSettings,
        "A certificate's file can't be read: check ssl_ca_certs, ssl_certfile and ssl_keyfile.",
    ),
    (
        "Permission denied",
        BadSettings,
        "A certificate's file can't be read: check ssl_ca_certs, ssl_certfile and ssl_keyfile.",
    ),
    (
        HANDSHAKE,
        Unreachable,
        "{server} does not answer to TLS: it hangs, or does not speak TLS. Check the port, or write redis://",
    ),
    ("closed by server", Unreachable, _CLOSED),
    ("reset by peer", Unreachable, _CLOSED),
    ("roken pipe", Unreachable, _CLOSED),
    ("refused", Unreachable, "Nothing listens at {server}: check the address, and that Redis runs."),
    ("not known", Unreachable, "The host name of {server} is unknown: check the address."),
    ("name resolution", Unreachable, "The host name of {server} is unknown: check the address."),
    (
        exceptions.ResponseError,
        BadSettings,
        "Redis at {server} refused what it was asked ({said}): check the settings.",
    ),
    ("", Unreachable, "Redis at {server} did not answer ({said}): check the address, and how busy it is."),
)
"""By what the library raised or the server wrote, the first that fits: what to raise, and what to tell the user."""


def explain(failure: Exception, server: Server) -> SourceError:
    """The error to raise for what the client library reported, without secrets."""
    if isinstance(failure, SourceError):
        return failure
    text = server.redact(f"{getattr(failure, 'status_code', '') or ''} {failure}".strip())
    kind, message = next(
        (kind, message)
        for sign, kind, message in _CAUSES
        if (sign in text if isinstance(sign, str) else isinstance(failure, sign))
    )
    message = message.format(server=server.address, said=one_line(text).rstrip("."))
    return BadSettings(server.setting, message) if kind is BadSettings else kind(message)
