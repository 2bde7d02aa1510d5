"""Time zones as settings name them."""

from zoneinfo import ZoneInfo

from sources.errors import BadSettings


def is_zone(zone: str) -> bool:
    """Whether there is a time zone of that name.

    >>> is_zone("Europe/Berlin"), is_zone("Europe")
    (True, False)
    """
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError; `Europe` is a folder
        return False
    return True


def check_zone(zone: str) -> None:
    """Raise BadSettings for a name that is no time zone; "" is none and fine."""
    if zone and not is_zone(zone):
        raise BadSettings("zone", f"zone: {zone[:60]!r} is no time zone: write UTC, or a name such as Europe/Berlin")
