"""What a field is: a measure, something to split by, a name for one thing, a time, a text, a place; and why."""

import re
from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa

from sources.batch import RESERVED
from state.field_seen import MOSTLY, FieldSeen
from state.units import unit
from state.words import AGES, CODES, COUNTED, IDS, LATITUDES, LEVELS, LONGITUDES, POSTAL, SEQUENCES

Role = Literal[
    "time", "measure", "dimension", "identifier", "text", "latitude", "longitude", "empty"
]

MAX_DISTINCT = 1000
"""Past so many distinct values a string is an identifier or text, however many events there are."""
FEW = 20
"""So few distinct values make a dimension at once, before there are events enough for a share."""
REPEATED = 3
"""Each value of a dimension of names that read like identifiers comes so often on average."""
TEXT_CHARACTERS = 60
"""Longer than this on average is text, not a name."""
ENOUGH = 12
"""Of fewer values none is judged by how they are spread."""
STEPS = 5
"""So many steps of one make a sequence."""
EPOCHS = ((6.3e8, 4.2e9), (6.3e11, 4.2e12), (6.3e14, 4.2e15), (6.3e17, 4.2e18))
"""1990 to 2103 in seconds, milliseconds, microseconds and nanoseconds."""
NEAR_US = 2 * 86_400e6
"""Instants of one event are so near each other."""

TIME_WORDS = frozenset(
    "time timestamp ts datetime date epoch at when utc start end begin updated created expires seen modified deadline since until".split()
)
TIME_ENDINGS = ("time", "timestamp", "date")
_LANGUAGE = frozenset("message msg text title description comment summary body note notes reason stack stacktrace query".split())
_LISTS = re.compile(r"\s*[\[{].*[\]}]\s*", re.DOTALL)
_PLACES = {"latitude": (LATITUDES, 90.0), "longitude": (LONGITUDES, 180.0)}


class Found(NamedTuple):
    """A role and the reason for it. Reasons hold no counts that grow with the feed: a changed one redraws the page."""

    role: Role
    why: str


def role(
    seen: FieldSeen, time_field: str = "", steps: "Steps | None" = None, near_us: int | None = None
) -> Found:
    """What a field is, judged by its name and by a sample of its values.

    time_field  the field that event time is read from
    steps       how its numbers go on within one series; None where nobody looked
    near_us     an event time of the sample, microseconds
    """
    if seen.name == time_field:
        return Found("time", "the events' own time")
    if seen.kind == "empty":
        return Found("empty", "no value yet")
    if seen.name.startswith(RESERVED) and seen.kind == "number":
        return Found("dimension" if seen.name == "_partition" else "identifier", "comes from the transport")
    if seen.kind == "time":
        return Found("time", "holds instants")
    if seen.kind == "boolean":
        return Found("dimension", "true or false")
    if seen.kind == "number" and near_us is not None and _is_near(seen, near_us):
        return Found("time", "about the events' own time")
    return _of_numbers(seen, steps or Steps()) if seen.kind == "number" else _of_texts(seen)


class Steps(NamedTuple):
    """How a field's numbers go on within one series.

    ones  the share of steps that are exactly one up
    ups   the share of steps that do not go down
    many  how many steps were looked at
    """

    ones: float = 0.0
    ups: float = 0.0
    many: int = 0


def is_epoch(seen: FieldSeen) -> bool:
    """Whether a field of numbers is named as a time and holds what could be one: 1990 to 2103."""
    middle = float(np.median(seen.readable))
    return says_time(seen) and any(low < middle < high for low, high in EPOCHS)


def _is_near(seen: FieldSeen, near_us: int) -> bool:
    """Whether whole numbers without a quantity's name are instants within two days of the events' own, in some unit."""
    if not seen.whole or is_counted(seen):
        return False
    middle = float(np.median(seen.readable))
    return any(abs(middle * per_unit - near_us) < NEAR_US for per_unit in (1e6, 1e3, 1.0, 1e-3))


def says_time(seen: FieldSeen) -> bool:
    """Whether the name is that of a time."""
    return not TIME_WORDS.isdisjoint(seen.own_words) or seen.last_word.endswith(TIME_ENDINGS)


def is_counted(seen: FieldSeen) -> bool:
    """Whether the name is that of a quantity, however few whole values it takes."""
    last = seen.last_word
    plural = len(last) > 3 and last.endswith("s") and not last.endswith(("ss", "us", "is"))  # noqa: PLR2004 - no `gas`
    return last in COUNTED or bool(unit(seen.name)) or (plural and last not in CODES | LEVELS | IDS)


def _of_numbers(seen: FieldSeen, steps: Steps) -> Found:
    for name, (vocabulary, limit) in _PLACES.items():
        if seen.last_word in vocabulary and max(abs(seen.low), abs(seen.high)) <= limit and not unit(seen.name):
            return Found("latitude" if name == "latitude" else "longitude", "named so, and in its range")
    if is_epoch(seen):
        return Found("time", "another time than the events' own")
    if not seen.is_text and seen.distinct == 2 and seen.values >= ENOUGH and _digital(seen):  # noqa: PLR2004 - on and off
        return Found("dimension", "0 or 1")
    coded = _of_codes(seen, steps) if seen.whole else None
    if coded is not None:
        return coded
    if not seen.whole and seen.last_word in ("version", "ver", "release") and seen.distinct <= FEW:
        return Found("dimension", "a version")
    return Found("measure", _why_measure(seen))


def _why_measure(seen: FieldSeen) -> str:
    held = "numbers, written as text" if seen.is_text and seen.odd == 0 else "numbers"
    if seen.odd > 0:
        return f"holds {held}; {max(1, round(100 * seen.odd))} % of its values are no numbers"
    if seen.distinct == 1 and seen.values >= ENOUGH:
        return f"holds {held}, always the same so far"
    return f"holds {held}"


def _of_codes(seen: FieldSeen, steps: Steps) -> Found | None:  # noqa: C901, PLR0911 - a table of guards reads best
    """Whole numbers that are no quantity; None for those that are."""
    last, own = seen.last_word, seen.own_words
    repeated = seen.distinct <= FEW and seen.values >= REPEATED * seen.distinct
    if last in POSTAL:
        return Found("dimension" if repeated else "identifier", "digits that are no number")
    if last in SEQUENCES or not SEQUENCES.isdisjoint(own[:1]):
        return Found("identifier", "numbers that count messages")
    if last in IDS:
        return Found("dimension" if repeated else "identifier", f"whole numbers named as an identifier: {last}")
    if is_counted(seen):
        return None
    if last in CODES:
        few = seen.distinct <= max(FEW, seen.values // 10) and seen.distinct <= MAX_DISTINCT
        return Found("dimension" if few else "identifier", f"whole numbers that stand for something: {last}")
    if last in LEVELS and seen.distinct <= FEW and seen.values > seen.distinct:
        return Found("dimension", f"few whole numbers that stand for something: {last}")
    if last in AGES:
        return None
    if steps.many >= STEPS and steps.ones >= MOSTLY:
        return Found("identifier", "counts up one by one")
    if seen.values >= ENOUGH:
        if seen.unique and steps.ups >= MOSTLY and seen.low > seen.values and _dense(seen):
            return Found("identifier", "whole numbers that never come twice and only go up")
        if 1 < seen.distinct <= FEW and seen.values >= FEW and repeated and (_gappy(seen) or _far(seen)):
            return Found("dimension", "few whole numbers that are far from each other, or from zero")
    return None


def _digital(seen: FieldSeen) -> bool:
    """Whether a field of 0 and 1 is a signal and no count: counts are named as such and no fractions."""
    fractions = pa.types.is_floating(seen.column.type)
    return (seen.low, seen.high) == (0, 1) and (seen.last_word not in COUNTED if fractions else not is_counted(seen))


def _dense(seen: FieldSeen) -> bool:
    """Whether the numbers hardly grow, for their size: identifiers given out by others in between."""
    return seen.high - seen.low < 0.01 * seen.high


def _gappy(seen: FieldSeen) -> bool:
    values = np.unique(seen.readable)
    return bool(np.diff(values).min() > 1) and seen.high - seen.low > 5 * len(values) and seen.low >= 0


def _far(seen: FieldSeen) -> bool:
    """Whether whole numbers are far from zero for how little they differ: 1001, 1002, 1003."""
    return seen.low >= 100 and seen.high - seen.low < 0.1 * seen.low  # noqa: PLR2004 - three digits


def _of_texts(seen: FieldSeen) -> Found:  # noqa: PLR0911 - a table of guards reads best
    if seen.instants:
        return Found("time", "holds instants, written as text")
    if seen.mostly(_LISTS):
        return Found("text", "lists or objects, kept as JSON")
    named = seen.last_word in IDS or seen.uuids
    few = seen.distinct <= MAX_DISTINCT and seen.distinct <= max(FEW, seen.values // 10)
    repeated = seen.distinct <= MAX_DISTINCT and seen.values >= REPEATED * seen.distinct
    if seen.characters > TEXT_CHARACTERS and not repeated:
        return Found("text", f"more than {TEXT_CHARACTERS} characters on average")
    if seen.sentences and (not few or (seen.last_word in _LANGUAGE and not repeated)):
        return Found("text", "several words each")
    if seen.uuids and not repeated:
        return Found("identifier", "long numbers that tell one thing from another")
    if named and not repeated:
        return Found("identifier", f"named as an identifier: {seen.last_word}")
    if few and not (seen.unique and seen.values >= ENOUGH):
        return Found("dimension", _how_many(seen.distinct))
    if seen.sentences:
        return Found("text", "several words each")
    return Found("identifier", (f"over {MAX_DISTINCT} distinct values" if seen.distinct > MAX_DISTINCT else "hardly any value comes twice"))


def _how_many(distinct: int) -> str:
    """In steps, so that a further value does not change the words.

    >>> _how_many(1), _how_many(4), _how_many(300)
    ('always the same so far', 'up to 5 values', 'up to 500 values')
    """
    if distinct == 1:
        return "always the same so far"
    return f"up to {next(most for most in (2, 5, 10, 20, 50, 100, 200, 500, MAX_DISTINCT) if distinct <= most)} values"
