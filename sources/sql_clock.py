"""The column that says when a row is of: to find where history begins, and to believe times that name no zone."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from sources.fields.instants import NOT_A_TIME, PER_UNIT, Instants, read, unit_of
from sources.fields.offsets import NEAR_UTC_S
from sources.fields.time_names import UNNAMED, certainty

_ISO = re.compile(r"\d{4}-\d\d-\d\d(?P<sep>[T ])?.{0,24}?(?P<zone>Z|[+-]\d\d:?\d\d)?$")
YEAR_2000_US = 946_684_800_000_000
AHEAD_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Clock:
    """How the times of one column are written.

    name     the column
    kind     aware, naive, date: Python's; text: as ISO 8601; number: an epoch
    unit     of an epoch
    sample   a text of the column
    zone     of times that name none; "" where nobody knows
    newest   the newest time, as if of `zone` or UTC, microseconds
    """

    name: str
    kind: str
    unit: str
    sample: str
    zone: str
    newest: int

    @property
    def sure(self) -> bool:
        """Whether its times are instants, and not only a wall clock's."""
        return bool(self.zone)

    def instants(self, values: Sequence[Any]) -> Instants:
        """(n,) microseconds UTC; NOT_A_TIME where there is none."""
        if self.kind == "number":
            return read(pa.chunked_array([pa.array([_number(each) for each in values], pa.float64())]), self.unit)
        texts = [
            each.isoformat() if isinstance(each, date) else each if isinstance(each, str) else None for each in values
        ]
        return read(pa.chunked_array([pa.array(texts, pa.string())]), "", self.zone or "UTC")

    def value_at(self, us: int) -> Any:
        """That instant as the column has it."""
        at = datetime.fromtimestamp(us / 1e6, UTC)
        if self.kind == "number":
            return round(us / PER_UNIT[self.unit])
        if self.kind == "aware":
            return at
        wall = at.astimezone(ZoneInfo(self.zone or "UTC")).replace(tzinfo=None)
        if self.kind == "naive":
            return wall
        if self.kind == "date":
            return wall.date()
        found = _ISO.match(self.sample)
        zone = (found and found["zone"]) or ""
        if zone and zone != "Z":
            sign = -1 if zone[0] == "-" else 1
            wall += sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
        separator = found["sep"] if found else " "
        return wall.isoformat(separator, "seconds") if separator else wall.date().isoformat()


def clock_of(newest: Mapping[str, Any], wanted: str, watermark: str, zone: str, now_s: float) -> Clock | None:
    """The clock of a table, going by its newest row; None where no column holds a time.

    A time that names no zone is believed to be UTC if the newest one then lies within 7 minutes of now.
    """
    names = [wanted] if wanted else sorted(newest, key=lambda name: (name == watermark, certainty(name)), reverse=True)
    for name in names:
        clock = _clock(name, newest.get(name), zone, now_s, forced=name in {wanted, watermark})
        if clock is not None:
            return clock
    return None


def _clock(name: str, value: Any, zone: str, now_s: float, *, forced: bool) -> Clock | None:
    kind, unit, sample = _kind(value)
    if not kind or (kind in {"number", "text"} and certainty(name) <= UNNAMED and not (forced and kind == "text")):
        return None
    has_zone = kind in {"aware", "number"} or (kind == "text" and bool((found := _ISO.match(sample)) and found["zone"]))
    known = Clock(name, kind, unit, sample, "UTC" if has_zone else zone, 0)
    newest = int(known.instants([value])[0])
    if newest == NOT_A_TIME or not YEAR_2000_US < newest < now_s * 1e6 + 2 * AHEAD_US:
        return None
    if not known.zone and abs(newest / 1e6 - now_s) <= NEAR_UTC_S and kind != "date":
        return Clock(name, kind, unit, sample, "UTC", newest)
    return Clock(name, kind, unit, sample, known.zone, newest)


def _kind(value: Any) -> tuple[str, str, str]:
    if isinstance(value, datetime):
        return ("naive" if value.utcoffset() is None else "aware"), "", ""
    if isinstance(value, date):
        return "date", "", ""
    if isinstance(value, str):
        return ("text" if _ISO.match(value) else ""), "", value
    number = _number(value)
    if number is None or number < 1e8:  # noqa: PLR2004 - no epoch since 1973 in any unit
        return "", "", ""
    return "number", unit_of(pa.chunked_array([pa.array([number], pa.float64())])), ""


def _number(value: Any) -> float | None:
    try:
        number = float(value) if not isinstance(value, bool | str | bytes | type(None)) else np.nan
    except (TypeError, ValueError, OverflowError):
        return None
    return number if np.isfinite(number) else None
