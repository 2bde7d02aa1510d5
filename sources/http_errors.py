"""What went wrong with an HTTP server, in words a person can act on."""

import re
import time
from email.utils import parsedate_to_datetime

from sources.errors import AuthFailed, BadSettings, NotFound, SourceError, Unreachable
from sources.http_targets import Target

_TLS: tuple[tuple[str, type[SourceError], str], ...] = (
    (
        "CERTIFICATE_VERIFY_FAILED",
        AuthFailed,
        "The certificate of {shown} is not to be trusted: name its authority's file as verify in a connection.",
    ),
    ("doesn't match", AuthFailed, "The certificate of {shown} is for another host: check the host name."),
    ("WRONG_VERSION_NUMBER", BadSettings, "{shown} does not speak TLS: write http:// or check the port."),
    ("RECORD_LAYER_FAILURE", BadSettings, "{shown} does not speak TLS: write http:// or check the port."),
    ("ALERT", AuthFailed, "{shown} ended the TLS handshake: check the connection's cert."),
)
"""By what the library says, the first that fits: what to raise, and what to tell. Its own words may hold the whole address."""

_PAGE = re.compile(
    rb"\s*+(?:\xef\xbb\xbf)?+\s*+(?:(?><!--.*?-->)\s*+)*+<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_XML = re.compile(rb"\s*+(?:\xef\xbb\xbf)?+\s*+<\?xml\b", re.IGNORECASE)


class Busy(Unreachable):
    """It asks to be left alone for `wait_s` seconds."""

    def __init__(self, message: str, wait_s: float) -> None:
        super().__init__(message)
        self.wait_s = wait_s


def unreachable(target: Target, what: str) -> Unreachable:
    """It is away, or does not speak to the end; `what` happened."""
    return Unreachable(f"{target.shown} {what}: asking again. Check the address, and that it runs.")


def explain(error: Exception, target: Target) -> SourceError:
    """The error for what the library raised while asking."""
    said = str(error)
    if "SSL" in said or "certificate" in said:
        for sign, kind, text in _TLS:
            if sign in said:
                message = text.format(shown=target.shown)
                return BadSettings(target.setting, message) if kind is BadSettings else kind(message)
    if "timed out" in said:
        return unreachable(target, "did not answer in time")
    if "IncompleteRead" in said or "Connection broken" in said:
        return unreachable(target, "broke its answer off")
    return unreachable(target, "closed the connection without an answer")


def refusal(  # noqa: PLR0911 - a table
    status: int, target: Target, *, proven: bool, retry_after: str = ""
) -> SourceError:
    """What a status that is no success means; `proven`: the address has given data before, so it is the right one."""
    shown = target.shown
    login = any(name.lower() == "authorization" for name in target.headers)
    match status:
        case 401 if login:
            return AuthFailed(
                f"{shown} refused the login (HTTP 401): check the connection's token, or user and password."
            )
        case 401:
            return AuthFailed(f"{shown} asks for a login (HTTP 401): use a connection with one, from secrets.toml.")
        case 403:
            return AuthFailed(f"{shown} does not let us read (HTTP 403): ask for the permission, or check the login.")
        case 404 | 410 if not proven or status == 410:  # noqa: PLR2004 - gone for good
            return NotFound(f"{shown} has nothing there (HTTP {status}): check the path.")
        case 429 | 503:
            wait_s = seconds_of(retry_after)
            later = f"in {wait_s:.0f} s" if wait_s else "soon"
            why = "too many questions" if status == 429 else "busy"  # noqa: PLR2004 - as named above
            return Busy(f"{shown} can't answer for now (HTTP {status}, {why}): asking again {later}.", wait_s)
        case _ if status in (404, 408, 425) or status >= 500:  # noqa: PLR2004 - the server's own failures
            return Unreachable(f"{shown} can't answer for now (HTTP {status}): asking again.")
    return BadSettings(
        target.setting, f"{shown} refused the question (HTTP {status}): check the path and its parameters"
    )


LONGEST_WAIT_S = 3600.0


def seconds_of(retry_after: str) -> float:
    """How long Retry-After asks to wait, at most an hour; 0 where it does not say.

    >>> seconds_of("120"), seconds_of("soon"), seconds_of("999999")
    (120.0, 0.0, 3600.0)
    """
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return min(LONGEST_WAIT_S, float(text[:9]))
    try:
        until = parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return 0.0
    return min(LONGEST_WAIT_S, max(0.0, until - time.time()))


def no_data(body: bytes, target: Target) -> SourceError | None:
    """The error for an answer that is meant for people or in a language that is not read; None for one that may be data.

    >>> no_data(b'{"a": 1}', Target("", "http://a", "url"))
    >>> print(no_data(b"<!-- Licence --> <!-- --> <!DOCTYPE html><p>", Target("", "http://a", "url")))
    http://a is a web page, not data: give the address of the data itself, such as the JSON or CSV that the page shows
    """
    if _PAGE.match(body):
        what = (
            "is a web page, not data: give the address of the data itself, such as the JSON or CSV that the page shows"
        )
    elif _XML.match(body):
        what = "is XML, which is not read: ask for JSON or CSV, perhaps with another ending or a parameter such as format=json"
    else:
        return None
    return BadSettings(target.setting, f"{target.shown} {what}")
