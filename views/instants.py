"""Instants as a viewer reads and types them: in the zone of the browser."""

import contextlib
import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo

import streamlit as st

from sources.zones import is_zone
from state.choice import MICROSECONDS
from state.settings import quoted
from views.numbers import local

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def viewers_zone() -> dt.tzinfo:
    """The browser's zone; UTC where it names none that this machine knows."""
    return _zone(st.context.timezone)


@lru_cache(maxsize=64)
def _zone(name: str | None) -> dt.tzinfo:
    return ZoneInfo(name) if name and is_zone(name) else dt.UTC


def since_epoch(moment: dt.datetime) -> int:
    """Microseconds since the epoch of a moment that knows its zone."""
    return (moment - _EPOCH) // dt.timedelta(microseconds=1)


def typed_instant(text: str, zone: dt.tzinfo, near_us: int) -> int:
    """What a viewer means, microseconds since the epoch: an ISO instant, or the time of day that is nearest to `near_us`; in their zone.

    Raises ValueError for the user.

    >>> typed_instant("00:01:30.5", dt.UTC, 0), typed_instant("1970-01-01 00:01+01:00", dt.UTC, 0)
    (90500000, -3540000000)
    >>> typed_instant("23:59", dt.UTC, 0)
    -60000000
    """
    text = text.strip()
    with contextlib.suppress(ValueError, OverflowError):
        return _since_epoch_in(zone, dt.datetime.fromisoformat(text))
    with contextlib.suppress(ValueError, OverflowError):
        time, day = dt.time.fromisoformat(text), local(near_us, zone).date()
        days = (day + dt.timedelta(days=each) for each in (-1, 0, 1))
        return min(
            (_since_epoch_in(zone, dt.datetime.combine(each, time)) for each in days), key=lambda us: abs(us - near_us)
        )
    raise ValueError(f"{quoted(text)} is no instant: write it as 12:30:05.250 or 2024-05-01 12:30:05")


def _since_epoch_in(zone: dt.tzinfo, moment: dt.datetime) -> int:
    return since_epoch(moment if moment.tzinfo else moment.replace(tzinfo=zone))


def short_instant(us: int, zone: dt.tzinfo, near_us: int, *, exact: bool = True) -> str:
    """The time of day, with the date where it is another than that of `near_us`; milliseconds where there are any.

    >>> short_instant(90_500_000, dt.UTC, 0), short_instant(90_000_000, dt.UTC, 10**12)
    ('00:01:30.500', '1970-01-01 00:01:30')
    """
    moment = local(us, zone)
    millis = us % MICROSECONDS // 1000
    text = moment.strftime("%H:%M:%S") + (f".{millis:03d}" if exact and millis else "")
    return text if moment.date() == local(near_us, zone).date() else f"{moment.date().isoformat()} {text}"
