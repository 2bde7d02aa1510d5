"""Instants as messages write them: epochs in four units, ISO 8601, and what logs and mail use; with a zone or without."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sources.batch import TIME_TYPE
from sources.fields.numbers import numbers

Instants = npt.NDArray[np.int64]
NOT_A_TIME = np.iinfo(np.int64).min
PER_UNIT = {"s": 1e6, "ms": 1e3, "us": 1.0, "ns": 1e-3}

_NUMBER = r"^\d{9,19}(\.\d+)?$"
_DATE = r"^\d{4}-\d\d-\d\d"  # "2020" is ISO 8601 too, but a feed that says so means a label
_DOTTED_DATE = r"^\d{1,2}\.\d{1,2}\.\d{4}$"
_OFFSET = r"[+-]\d\d:?(?:\d\d)?"
_SAID_TWICE = r"( ?" + _OFFSET + r") (?:[A-Z]{2,5}|[+-]\d\d(?:\d\d)?)(?: m=[+-][\d.]+)?$"  # Go's `+0000 UTC m=+0.5`
_ZONED = r"(?:Z|z|UTC|GMT|" + _OFFSET + r"|" + _SAID_TWICE + r")$"
_NAMED = r" ?(?:UTC|GMT)$"
_COMMA = r"(:\d\d),(\d+)"


@dataclass(frozen=True, slots=True)
class _Writing:
    """A way to write instants other than ISO 8601: how it looks, for Arrow and as `strptime` has it."""

    looks: str
    format: str


_WRITINGS = (
    _Writing(r"^\d{1,2}/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}$", "%d/%b/%Y:%H:%M:%S %z"),
    _Writing(r"^[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (GMT|UTC)$", "%a, %d %b %Y %H:%M:%S %Z"),
    _Writing(r"^[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}$", "%a, %d %b %Y %H:%M:%S %z"),
    _Writing(r"^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d$", "%Y/%m/%d %H:%M:%S"),
    _Writing(r"^\d{1,2}\.\d{1,2}\.\d{4} \d\d:\d\d:\d\d$", "%d.%m.%Y %H:%M:%S"),
    _Writing(r"^\d{1,2}\.\d{1,2}\.\d{4} \d\d:\d\d$", "%d.%m.%Y %H:%M"),
    _Writing(_DOTTED_DATE, "%d.%m.%Y"),
    _Writing(r"^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$", "%a %b %d %H:%M:%S %Y"),
)


def is_number(column: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_integer(column.type) or pa.types.is_floating(column.type))


def holds_epochs(column: pa.ChunkedArray) -> bool:
    """Whether most texts are numbers long enough for an epoch."""
    if not pa.types.is_string(column.type):
        return False
    looks = pc.sum(pc.match_substring_regex(column, _NUMBER)).as_py() or 0
    return bool(2 * looks > len(column) - column.null_count)


def may_be_instants(column: pa.ChunkedArray) -> bool:
    """Whether any of the texts has a day or a time of day in it, which those that are none mostly have not."""
    return bool(pc.any(pc.match_substring_regex(column, rf"{_DATE}|\d\d:\d\d|{_DOTTED_DATE}")).as_py())


def names_zone(column: pa.ChunkedArray) -> bool:
    """Whether most of the instants, written as text, say their zone; the `-01` that a day ends in is none."""
    zoned = pc.and_not(pc.match_substring_regex(column, _ZONED), pc.match_substring_regex(column, _DATE + "$"))
    zoned = pc.sum(zoned).as_py() or 0
    return bool(2 * zoned > len(column) - column.null_count)


def is_dates(column: pa.ChunkedArray) -> bool:
    """Whether the texts are days without a time of day."""
    days = pc.sum(pc.match_substring_regex(column, f"{_DATE}$|{_DOTTED_DATE}")).as_py() or 0
    return bool(2 * days > len(column) - column.null_count)


def unit_of(column: pa.ChunkedArray) -> str:
    """The unit in which an epoch of this size falls between 1973 and 5138: the four ranges do not overlap."""
    if not is_number(column):
        column = pa.chunked_array([numbers(pa.table({"": column}), "")])
    size = abs(float(pc.approximate_median(column).as_py() or 0.0))
    for unit, limit in (("s", 1e11), ("ms", 1e14), ("us", 1e17)):
        if size < limit:
            return unit
    return "ns"


def read(column: pa.ChunkedArray, unit: str = "", zone: str = "", near: Instants | None = None) -> Instants:
    """Microseconds since the epoch; NOT_A_TIME where there is none.

    unit  of numbers, and of texts that are numbers; "" to go by their size, and for instants and other texts
    zone  of texts that name none, which are no time without it
    near  (n,) of two instants that a text may mean where the clocks go back, the one nearer to this is taken
    """
    if pa.types.is_timestamp(column.type):
        instants = column.cast(pa.int64())
        return np.asarray((instants.fill_null(NOT_A_TIME) if instants.null_count else instants).to_numpy(), np.int64)
    if is_number(column):
        return _read_numbers(column, unit or unit_of(column))
    if not pa.types.is_string(column.type):
        return np.full(len(column), NOT_A_TIME)
    if unit or holds_epochs(column):
        return _read_numbers(pa.chunked_array([numbers(pa.table({"": column}), "")]), unit or unit_of(column))
    return _read_text(column, zone, near)


def _read_numbers(column: pa.ChunkedArray, unit: str) -> Instants:
    if pa.types.is_integer(column.type) and unit in ("us", "ms") and not column.null_count:
        exact = np.asarray(column.cast(pa.int64(), safe=False).to_numpy(), np.int64)
        per_unit = int(PER_UNIT[unit])
        usable = np.abs(exact) < 2**62 // per_unit
        return np.where(usable, np.where(usable, exact, 0) * per_unit, NOT_A_TIME)
    with np.errstate(over="ignore", invalid="ignore"):  # infinity is no time either
        scaled = np.asarray(column.cast(pa.float64(), safe=False).to_numpy(), np.float64) * PER_UNIT[unit]
    usable = np.abs(scaled) < 2.0**62
    return np.where(usable, np.where(usable, scaled, 0.0).round().astype(np.int64), NOT_A_TIME)


def _read_text(column: pa.ChunkedArray, zone: str, near: Instants | None) -> Instants:
    nothing = pa.scalar(None, pa.string())
    iso = pc.match_substring_regex(column, _DATE)
    if not pc.any(iso).as_py():
        return _read_other(column, zone, near)
    column = pc.if_else(iso, column, nothing)
    try:
        return read(column.cast(TIME_TYPE))
    except pa.ArrowInvalid:  # one of them is no ISO instant, or names no zone: each is judged on its own
        zoned = pc.match_substring_regex(column, r"\d{4}-\d\d-\d\d.*" + _ZONED)
    column = pc.replace_substring_regex(column, _COMMA, r"\1.\2")
    tidy = pc.replace_substring_regex(pc.replace_substring_regex(column, _SAID_TWICE, r"\1"), _NAMED, "Z")
    own = _parsed(pc.if_else(zoned, tidy, nothing), "ISO8601")
    if not zone:
        return own
    return np.where(
        own != NOT_A_TIME, own, _local(pc.if_else(pc.invert(zoned), column, nothing), "ISO8601", zone, near)
    )


def _read_other(column: pa.ChunkedArray, zone: str, near: Instants | None) -> Instants:
    """Instants in the writing that most of them have."""
    given = len(column) - column.null_count
    for writing in _WRITINGS:
        looks = pc.match_substring_regex(column, writing.looks)
        if 2 * (pc.sum(looks).as_py() or 0) > given:
            texts = pc.if_else(looks, column, pa.scalar(None, pa.string()))
            if "%z" in writing.format or "%Z" in writing.format:
                return _parsed(texts, writing.format)
            return _local(texts, writing.format, zone, near) if zone else np.full(len(column), NOT_A_TIME)
    return np.full(len(column), NOT_A_TIME)


def _series(column: pa.ChunkedArray) -> pd.Series:
    return pd.Series(column.to_pylist(), dtype=object)


def _parsed(column: pa.ChunkedArray, form: str) -> Instants:
    return _micros(pd.to_datetime(_series(column), format=form, utc=True, errors="coerce"))


def _local(column: pa.ChunkedArray, form: str, zone: str, near: Instants | None) -> Instants:
    """Instants of clocks in that zone. An hour that comes twice is the nearer one, one that is left out begins after the gap."""
    naive = pd.to_datetime(_series(column), format=form, errors="coerce").dt.as_unit("us")

    def at(first: bool) -> Instants:  # noqa: FBT001 - the one of two
        return _micros(naive.dt.tz_localize(zone, ambiguous=np.full(len(naive), first), nonexistent="shift_forward"))

    early, late = at(True), at(False)
    if near is None or (early == late).all():
        return early
    return np.where(np.abs(late - near) < np.abs(early - near), late, early)


def _micros(parsed: pd.Series) -> Instants:
    instants = parsed.dt.as_unit("us").astype("int64").to_numpy()
    return np.where(parsed.isna().to_numpy(), NOT_A_TIME, instants)
