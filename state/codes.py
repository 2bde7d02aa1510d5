"""Whole numbers that stand for something, and are no quantity: codes, identifiers, signals, sequences."""

import numpy as np
import pyarrow as pa

from sources.fields.units import unit
from sources.fields.vocabulary import AGES, AMOUNTS, CODES, COUNTED, COUNTERS, IDS, LEVELS, POSTAL, SEQUENCES, STATES
from state.field_seen import AGAIN, MOSTLY, FieldSeen
from state.found import ENOUGH, Found, Role, Steps

MAX_DISTINCT = 1000
"""Past so many distinct values none is a dimension, however many events there are."""
FEW = 20
"""So few distinct values make a dimension at once, before there are events enough for a share."""
STEPS = 5
"""So many steps of one make a sequence."""
SURELY = 30
"""So many zeros and nothing else, which no fraction is among, are a flag that was not raised yet."""
LONG_DIGITS = 1e8
"""Texts of so large whole numbers are hardly quantities."""


def code(seen: FieldSeen, steps: Steps) -> Found | None:
    """What a field of numbers stands for; None for a quantity."""
    if _is_signal(seen):
        return Found("dimension", "0 or 1")
    if not seen.whole or seen.unit_behind:
        return None
    named = _by_identity(seen)
    if named is not None:
        return named
    if is_counted(seen):
        return None
    return _by_code(seen) or (None if seen.last_word in AGES else _by_spread(seen, steps))


def is_counted(seen: FieldSeen) -> bool:
    """Whether the name is that of a quantity, however few whole values it takes."""
    last = seen.last_word
    plural = len(last) > 3 and last.endswith("s") and not last.endswith(("ss", "us", "is"))  # noqa: PLR2004 - no `gas`
    return last in COUNTED or bool(unit(seen.name)) or (plural and last not in CODES | LEVELS | IDS)


def _is_of_quantity(seen: FieldSeen) -> bool:
    """Whether a word of the name, wherever it stands, is of a quantity: `amount_refunded`, `queue_now`."""
    return not (AMOUNTS | COUNTED | COUNTERS | STATES).isdisjoint(seen.own_words)


def _is_flag_not_raised(seen: FieldSeen) -> bool:
    """Whether zeros and nothing else stand under one word that is of no quantity and of nothing done: `rejected` is counted."""
    plain = len(seen.own_words) == 1 and not seen.last_word.endswith(("ed", "ing"))
    whole = bool(pa.types.is_integer(seen.column.type))
    return seen.values >= SURELY and whole and plain and not _is_of_quantity(seen)


def _few(seen: FieldSeen) -> bool:
    """Whether there are few values, each of them often."""
    return seen.distinct <= FEW and seen.values >= AGAIN * seen.distinct


def _is_settled(seen: FieldSeen) -> bool:
    return seen.distinct <= MAX_DISTINCT and seen.settled


def _by_identity(seen: FieldSeen) -> Found | None:
    """Named as what tells one thing from another."""
    last = seen.last_word
    if last in SEQUENCES or seen.own_words[:1] in (("seq",), ("sequence",)):
        return Found("identifier", "numbers that count messages")
    role: Role = "dimension" if _few(seen) or _is_settled(seen) else "identifier"
    if last in POSTAL:
        return Found(role, "digits that are no number")
    if last in IDS:
        return Found(role, f"whole numbers named as an identifier: {last}")
    return None


def _by_code(seen: FieldSeen) -> Found | None:
    """Named as what stands for something."""
    last = seen.last_word
    if last in CODES:
        few = seen.distinct <= max(FEW, min(seen.values // 10, MAX_DISTINCT)) or _is_settled(seen)
        return Found("dimension" if few else "identifier", f"whole numbers that stand for something: {last}")
    if last in LEVELS and seen.distinct <= FEW and seen.values > seen.distinct:
        return Found("dimension", f"few whole numbers that stand for something: {last}")
    return None


def _by_spread(seen: FieldSeen, steps: Steps) -> Found | None:  # noqa: PLR0911 - a table of guards reads best
    """Spread as no quantity is, under a name that says nothing."""
    if steps.many >= STEPS and steps.ones >= MOSTLY:
        return Found("identifier", "counts up one by one")
    if seen.values < ENOUGH:
        return None
    if seen.distinct == 1 and (seen.low != 0 or _is_flag_not_raised(seen)):
        return Found("dimension", "a whole number that is always the same so far")
    if seen.is_text and (_few(seen) or _of_one_length(seen)):
        return Found("dimension" if _few(seen) else "identifier", "digits, written as text")
    if seen.unique and steps.ups >= MOSTLY and seen.low > seen.values and _dense(seen):
        return Found("identifier", "whole numbers that never come twice and only go up")
    if (
        seen.distinct > 1
        and seen.values >= FEW
        and _few(seen)
        and (_gappy(seen) or _far(seen))
        and not _is_of_quantity(seen)
    ):
        return Found("dimension", "few whole numbers that are far from each other, or from zero")
    return None


def _is_signal(seen: FieldSeen) -> bool:
    """Whether a field of 0 and 1 is a signal and no count: counts are named as such, and no fractions."""
    if seen.is_text or seen.values < ENOUGH or (seen.low, seen.high) != (0, 1) or seen.distinct > 2:  # noqa: PLR2004
        return False
    return seen.last_word not in COUNTED if pa.types.is_floating(seen.column.type) else not is_counted(seen)


def _of_one_length(seen: FieldSeen) -> bool:
    """Whether these are long digits that hardly come twice."""
    return seen.unique and seen.low >= LONG_DIGITS and len({len(text) for text in seen.some}) == 1


def _dense(seen: FieldSeen) -> bool:
    """Whether the numbers hardly grow, for their size: identifiers given out by others in between."""
    return seen.high - seen.low < 0.01 * seen.high


def _gappy(seen: FieldSeen) -> bool:
    """Whether whole numbers leave most of their range out: 200, 404, 500."""
    values = np.unique(seen.readable)
    return (
        bool(np.diff(values).min(initial=np.inf) > 1)
        and len(values) > 1
        and seen.high - seen.low > 5 * len(values)
        and seen.low >= 0
    )


def _far(seen: FieldSeen) -> bool:
    """Whether whole numbers are far from zero for how little they differ: 1001, 1002, 1003."""
    return seen.low >= 100 and seen.high - seen.low < 0.1 * seen.low  # noqa: PLR2004 - three digits
