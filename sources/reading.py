"""The settings that say how messages are read: the same in every source that reads messages."""

from typing import Any

from sources.formats.names import AUTO, NAMES, check_format
from sources.protocol import setting
from sources.zones import check_zone


def format_setting(
    help: str = (  # noqa: A002 - as in `setting`
        "How its messages are read; `auto` finds out by looking at them. What a format can't read is counted as malformed."
    ),
    *,
    more: tuple[str, ...] = (),
) -> Any:
    """The setting `format`; `more` are formats that only this source can read."""
    return setting(AUTO, help, label="Format", choices=(AUTO, *NAMES, *more))


def time_setting(help: str = "The field that holds the event time. Empty: found by looking.") -> Any:  # noqa: A002
    """The setting `time`."""
    return setting("", help, label="Time field")


def zone_setting(empty: str = "they are not believed") -> Any:
    """The setting `zone`; `empty` is what becomes of times without a zone where none is named."""
    return setting(
        "", f"The zone of times that name none, such as `UTC` or `Europe/Berlin`. Empty: {empty}.", label="Time zone"
    )


def check_reading(format: str, zone: str, *, registry: bool = False) -> None:  # noqa: A002 - as in the link
    """Raise BadSettings beside `format` or `zone`. `registry` is as in `check_format`."""
    check_format(format, registry=registry)
    check_zone(zone)
