"""Lengths of time as people type them: `0.5s`, `30s`, `5m`, `1h`, `2d`."""

import re

from sources.errors import BadSettings

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PATTERN = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s*(ms|s|m|h|d)")


def parse_duration(text: str) -> float:
    """Seconds in `text`. Raises ValueError, with a message for the user, if it is no length of time.

    >>> parse_duration("5m"), parse_duration("0.1s"), parse_duration("250ms")
    (300.0, 0.1, 0.25)
    """
    match = _PATTERN.fullmatch(text.strip().lower())
    if match is None:
        raise ValueError(f"{text[:40]!r} is no length of time: write a number and a unit, such as 30s, 5m or 1h")
    return float(match[1]) * _UNITS[match[2]]


def parse_every(text: str, shortest_s: float, longest_s: float) -> float:
    """Seconds from one question to the next. Raises BadSettings beside `every`.

    >>> parse_every("2s", 1, 60)
    2.0
    """
    try:
        seconds = parse_duration(text)
    except ValueError as error:
        raise BadSettings("every", f"every: {error}") from None
    if not shortest_s <= seconds <= longest_s:
        bounds = f"{format_duration(shortest_s)} to {format_duration(longest_s)}"
        raise BadSettings("every", f"every is {text[:40]!r}: choose a time from {bounds}")
    return seconds


def format_duration(seconds: float) -> str:
    """The shortest text that `parse_duration` reads back as `seconds`.

    >>> format_duration(300), format_duration(90), format_duration(0.1), format_duration(3600)
    ('5m', '90s', '0.1s', '1h')
    """
    for unit in ("d", "h", "m"):
        if seconds >= _UNITS[unit] and seconds % _UNITS[unit] == 0:
            return f"{seconds / _UNITS[unit]:.0f}{unit}"
    return f"{seconds:.6f}".rstrip("0").rstrip(".") + "s"
