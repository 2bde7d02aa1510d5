"""Fields of numbers that are times beside the events' own, and so no measures."""

from sources.fields.time_names import unit_said
from sources.fields.vocabulary import CODES, IDS, LEVELS, SEQUENCES, TIME_ENDINGS, TIME_WORDS
from sources.fields.words import listed
from state.codes import is_counted
from state.field_seen import FieldSeen
from state.found import Found

EPOCHS = {"s": (6.3e8, 4.2e9), "ms": (6.3e11, 4.2e12), "us": (6.3e14, 4.2e15), "ns": (6.3e17, 4.2e18)}
"""1990 to 2103 in each unit."""
YEARS = (1700, 2200)
"""Numbers of years between these."""
_YEAR_WORDS = listed("year yr date time decimal dec fractional frac")
DAYS = (7305, 48_700)
"""The same in days since 1970."""
NEAR_US = 2 * 86_400e6
"""Instants of one event are so near each other."""


def is_another_time(seen: FieldSeen) -> Found | None:
    """Whether a field is named as a time and holds what could be one."""
    named = not TIME_WORDS.isdisjoint(seen.own_words) or seen.last_word.endswith(TIME_ENDINGS)
    said = unit_said(seen.name)
    if named and any(low < seen.middle < high for unit, (low, high) in EPOCHS.items() if said in ("", unit)):
        return Found("time", "another time than the events' own")
    if seen.whole and seen.last_word.endswith(("date", "day")):
        if DAYS[0] < seen.low and seen.high < DAYS[1]:
            return Found("time", "days since 1970")
        if _are_written_days(seen):
            return Found("time", "days, written as digits")
    if set(seen.own_words) <= _YEAR_WORDS and not seen.whole and YEARS[0] <= seen.low and seen.high < YEARS[1]:
        return Found("time", "years and fractions of them")
    return None


def _are_written_days(seen: FieldSeen) -> bool:
    """Whether whole numbers are such as 20260501."""
    days = seen.readable
    month, day = days // 100 % 100, days % 100
    calendar = (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)  # noqa: PLR2004 - as calendars have them
    return YEARS[0] * 1e4 < seen.low and seen.high < YEARS[1] * 1e4 and bool(calendar.all())


def is_near(seen: FieldSeen, near_us: int) -> bool:
    """Whether whole numbers without another meaning are instants within two days of the events' own, in some unit."""
    if not seen.whole or is_counted(seen) or seen.last_word in IDS | SEQUENCES | CODES | LEVELS:
        return False
    middle = seen.middle
    return any(abs(middle * per_unit - near_us) < NEAR_US for per_unit in (1e6, 1e3, 1.0, 1e-3))
