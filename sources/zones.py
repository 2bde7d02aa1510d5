"""Time zones as settings name them."""

from zoneinfo import ZoneInfo

from sources.errors import BadSettings


def check_zone(zone: str) -> None:
    """Raise BadSettings for a name that is no time zone; "" is none and fine."""
    if not zone:
        return
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError; `Europe` is a folder
        raise BadSettings(
            "zone", f"zone: {zone[:60]!r} is no time zone: write UTC, or a name such as Europe/Berlin"
        ) from None
