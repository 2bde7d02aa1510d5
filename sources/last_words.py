"""A traceback for the log, without what is secret in a source's settings: a client's own errors may repeat all they were given."""

import base64
import traceback
from collections.abc import Iterator
from urllib.parse import quote, unquote, urlsplit

from sources.connections import Properties, redact

SHORTEST = 4
"""What is shorter says nothing by itself, and stands in many a word."""
_SAID = frozenset({"true", "false", "none", "null"})


def last_words(properties: Properties) -> str:
    """The exception that is being handled, with its causes and where they came from, of a source with these properties."""
    secrets = {way for _, value in properties for secret in _secrets(str(value)) for way in _written(secret)}
    return redact(traceback.format_exc(), secrets)


def _secrets(value: str) -> Iterator[str]:
    """A property, and of an address what may be one within it."""
    yield value
    try:
        parts = urlsplit(value)
    except ValueError:  # a bracket that is not closed
        return
    login = parts.netloc.rpartition("@")[0]
    yield from (login, unquote(login), parts.password or "", unquote(parts.password or ""), parts.query)
    yield from (each.partition("=")[2] for each in parts.query.split("&"))
    yield value.partition(":")[2]  # of a user and a password in one


def _written(secret: str) -> Iterator[str]:
    """As it may stand in a text: as it is, in an address, in `repr`, in a header."""
    if len(secret) >= SHORTEST and secret.lower() not in _SAID and not secret.isdigit():
        yield from (secret, quote(secret, safe=""), repr(secret)[1:-1], base64.b64encode(secret.encode()).decode())
