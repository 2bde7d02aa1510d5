"""What went wrong with a WebSocket, in words a person can act on."""

import ssl

from websockets.exceptions import InvalidHandshake, InvalidMessage, InvalidStatus, NegotiationError

from sources.errors import AuthFailed, BadSettings, NotFound, SourceError, Unreachable, one_line
from sources.websocket_target import Target

_AS_REFUSAL = {1003: "unsupported data", 1007: "invalid data", 1008: "policy violation", 3000: "", 3003: ""}
"""Codes with which a server ends what it will not have, and their names."""
_PRIVATE = range(4000, 5000)
"""Codes of a server's own, most of them refusals."""
_LOGIN = {3000: "unauthorized", 3003: "forbidden"}
_NAMES = {1000: "normal", 1001: "going away", 1011: "internal error", 1012: "restart", 1013: "try again later"}

_TLS: tuple[tuple[str, type[SourceError], str], ...] = (
    (
        "CERTIFICATE_VERIFY_FAILED",
        AuthFailed,
        "The certificate of {shown} is not to be trusted: {said}. Check the host name, or set ssl_cafile in a connection.",
    ),
    ("WRONG_VERSION_NUMBER", BadSettings, "{shown} does not speak TLS: check the port, or write ws://."),
    ("RECORD_LAYER_FAILURE", BadSettings, "{shown} does not speak TLS: check the port, or write ws://."),
    ("ALERT", AuthFailed, "{shown} ended the TLS handshake: {said}. Check ssl_certfile and ssl_keyfile."),
    ("", Unreachable, "{shown} ended the TLS handshake: it is starting or stopping, or does not speak TLS."),
)


_CAUSES: tuple[tuple[type[Exception], type[SourceError], str], ...] = (
    (NegotiationError, BadSettings, "{shown} wants another subprotocol: check subprotocols in the connection."),
    (
        InvalidHandshake,
        BadSettings,
        "{shown} answers, but not as a WebSocket server does: check the port and the path.",
    ),
    (ConnectionRefusedError, Unreachable, "Nothing listens at {shown}: check the address, and that the server runs."),
    (TimeoutError, Unreachable, "{shown} did not answer: check the address, and how busy the server is."),
    (OSError, Unreachable, "{shown} can't be reached ({said}): check the address."),
)
"""By what was raised, the first that fits: what to raise, and what to tell the user."""


class Ended(Exception):
    """A connection has come to its end.

    code    the server's, if it gave one
    reason  in its own words
    what    what happened, where it gave no code
    """

    def __init__(self, code: int | None, reason: str, what: str) -> None:
        super().__init__(what)
        self.code = code
        self.reason = reason
        self.what = what

    @property
    def refuses(self) -> bool:
        """Whether it reads as if what was sent is not wanted, rather than that the server goes."""
        return self.code is not None and (self.code in _AS_REFUSAL or self.code in _PRIVATE)


def explain_end(ended: Ended, last: bytes, target: Target, *, soon: bool) -> SourceError:
    """The error for the end of a connection.

    last  the last message before it, if it came soon: what may say why where the reason does not
    soon  whether it came at once, as an answer to what was sent, and no connection has lasted
    """
    if ended.code is None:
        return Unreachable(f"{target.shown} {ended.what}: connecting again.")
    reason = one_line(target.redact(ended.reason or (last.decode(errors="replace") if soon and ended.refuses else "")))
    name = {**_NAMES, **_AS_REFUSAL, **_LOGIN}.get(ended.code, "")
    told = f"{ended.code}{f' {name}' if name else ''}" + (f", {reason!r}" if reason else "")
    if not (ended.refuses and soon):
        return Unreachable(f"{target.shown} has closed the connection ({told}): connecting again.")
    if ended.code in _LOGIN:
        return AuthFailed(f"{target.shown} refused the login ({told}): {_about_login(target)}.")
    sent = "what it was sent first" if target.messages else "that nothing was sent to it first"
    return BadSettings(
        target.setting if target.known else "subscribe",
        f"{target.shown} did not accept {sent} ({told}): check subscribe{', and the login' if target.known else ''}.",
    )


def refused(error: Exception, target: Target) -> SourceError:
    """The error to raise for what happened while connecting."""
    if isinstance(error, SourceError):
        return error
    if isinstance(error, InvalidStatus):
        return _of_status(error.response.status_code, target)
    if isinstance(error, InvalidMessage) and isinstance(error.__cause__, EOFError):
        return Unreachable(
            f"{target.shown} closed the connection: it is starting or stopping, expects wss://, or speaks no WebSocket."
        )
    if isinstance(error, ssl.SSLError):
        return _of_tls(error, target)
    for cause, kind, message in _CAUSES:
        if isinstance(error, cause):
            told = message.format(shown=target.shown, said=getattr(error, "strerror", None) or type(error).__name__)
            return BadSettings(target.setting, told) if kind is BadSettings else kind(told)
    raise error


def _of_status(status: int, target: Target) -> SourceError:
    shown = target.shown
    match status:
        case 401 | 407:
            return AuthFailed(f"{shown} asks for a login (HTTP {status}): {_about_login(target)}.")
        case 403:
            return AuthFailed(
                f"{shown} does not let us in (HTTP 403): {_about_login(target)}, or ask for the permission."
            )
        case 404 | 410:
            return NotFound(f"{shown} has no WebSocket at this path (HTTP {status}): check the address.")
        case 300 | 301 | 302 | 303 | 307 | 308:
            return BadSettings(
                target.setting,
                f"{shown} sends on to another address (HTTP {status}), which is not followed: give that address instead.",
            )
        case 408 | 425 | 429 | 500 | 502 | 503 | 504:
            return Unreachable(f"{shown} can't answer for now (HTTP {status}): asking again.")
    return BadSettings(
        target.setting,
        f"{shown} answers (HTTP {status}), but not as a WebSocket server does: check the port and the path.",
    )


def _of_tls(error: ssl.SSLError, target: Target) -> SourceError:
    text = str(error)
    kind, message = next((kind, message) for sign, kind, message in _TLS if sign in text)
    verified = getattr(error, "verify_message", "") or (error.reason or "").replace("_", " ").lower()
    message = message.format(shown=target.shown, said=one_line(target.redact(verified)))
    return BadSettings(target.setting, message) if kind is BadSettings else kind(message)


def _about_login(target: Target) -> str:
    return (
        "check the login in the connection"
        if target.known
        else "add headers.Authorization or bearer_auth_token to a connection"
    )
