"""What is sent to a server first, so that it sends events: its messages, and the secrets that may be in them."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from sources.addresses import SECRETS
from sources.errors import BadSettings

MOST_MESSAGES = 100
MOST_CHARS = 100_000

_LOGINS = {"auth", "authenticate", "login", "logon"}
"""What a first message says that it does, when what follows is a secret whatever it is called."""

_OF_NO_SECRET = {"subscribe", "subscription", "authenticate"}

_WORD = re.compile(r"[a-z]+|[A-Z]+[a-z]*")
_LONG_WORD = re.compile(r"[^\s\"',;:=]{6,}")


def subscriptions(text: str, setting: str) -> tuple[str, ...]:
    """The messages: one a line, or one alone where the text is a single JSON value. Raises BadSettings beside `setting`.

    >>> subscriptions('{"op": "sub"}' + chr(10) + " ping ", "subscribe")
    ('{"op": "sub"}', 'ping')
    >>> len(subscriptions('{' + chr(10) + '"op": "sub"' + chr(10) + '}', "subscribe"))
    1
    """
    if len(text) > MOST_CHARS:
        raise BadSettings(setting, f"what is sent first is longer than {MOST_CHARS:,} characters: subscribe to less")
    text = text.strip()
    lines = tuple(stripped for line in text.splitlines() if (stripped := line.strip()))
    if len(lines) > 1 and _parsed(text) is not None:
        lines = (text,)
    if len(lines) > MOST_MESSAGES:
        raise BadSettings(setting, f"subscribe has {len(lines)} messages: send {MOST_MESSAGES} at most")
    if (broken := next((line for line in lines if line[0] in "{[" and _parsed(line) is None), None)) is not None:
        shown = f" {broken[:60]!r}" if setting == "subscribe" else ""
        raise BadSettings(setting, f"subscribe has a message{shown} that is no JSON: check its quotes and brackets")
    return lines


def refuse_login(messages: Sequence[str]) -> None:
    """Raise BadSettings where what a viewer typed, and what stands in the link, is a login.

    >>> refuse_login(['{"event": "subscribe", "channel": "candles", "key": "trade:1m:tBTCUSD"}'])
    """
    for message in messages:
        for name, value in _texts(_parsed(message)):
            words = {word.lower() for word in _WORD.findall(name)}
            secret = words & (SECRETS - {"key"}) or {"api", "key"} <= words
            if (secret and value) or value.lower() in _LOGINS:
                told = name if secret else value
                raise BadSettings(
                    "subscribe",
                    f"subscribe holds {told[:40]!r}, a login that would stand in the link: put it into a connection",
                )


def secrets_in(messages: Sequence[str]) -> Iterator[str]:
    """The texts in a connection's own messages that a server may repeat and nobody should read."""
    for message in messages:
        document = _parsed(message)
        texts = [value for _, value in _texts(document)] if document is not None else _LONG_WORD.findall(message)
        yield from (text for text in texts if text.lower() not in _OF_NO_SECRET)


def _parsed(text: str) -> Any:
    """The JSON value; None for what is none, or null."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Each text in a JSON value, with the name it has; numbers are texts too."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _texts(each, key)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each, name)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield name, str(value)
