"""Time zones as settings name them."""

import re
from zoneinfo import ZoneInfo

from sources.errors import BadSettings

_NAME = re.compile(r"[A-Za-z0-9_+-]{1,40}(/[A-Za-z0-9_+-]{1,40}){0,3}")
"""Where a name has more parts, Python looks for as many packages within each other, until its stack is full."""


def is_zone(zone: str) -> bool:
    """Whether there is a time zone of that name.

    >>> is_zone("Europe/Berlin"), is_zone("Europe")
    (True, False)
    """
    if not _NAME.fullmatch(zone):
        return False
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError; `Europe` is a folder
        return False
    return True


def check_zone(zone: str) -> None:
    """Raise BadSettings for a name that is no time zone; "" is none and fine."""
    if zone and not is_zone(zone):
        raise BadSettings("zone", f"zone: {zone[:60]!r} is no time zone: write UTC, or a name such as Europe/Berlin")
