"""What a field is: a measure, something to split by, a name for one thing, a time, a text, a place; and why."""

import re

from sources.batch import RESERVED
from sources.fields.units import unit
from sources.fields.vocabulary import IDS, LATITUDES, LONGITUDES, SETTINGS
from sources.fields.words import listed
from state.codes import FEW, MAX_DISTINCT, code
from state.field_seen import AGAIN, FieldSeen
from state.found import ENOUGH, Found, Steps
from state.other_times import is_another_time, is_near

TEXT_CHARACTERS = 60
"""Longer than this on average is text, not a name."""

FEW_ODD, MOST_ODD = 0.05, 0.5
"""Up to the one share values that are no numbers are few, beyond the other they are most."""

_LANGUAGE = listed("message msg text title description comment summary body note notes reason stack stacktrace query")
_LISTS = re.compile(r"\s*[\[{].*[\]}]\s*", re.DOTALL)
_QUANTILES = listed("quantile le percentile")
_VERSIONS = listed("version ver release")


def role(seen: FieldSeen, time_field: str = "", steps: Steps | None = None, near_us: int | None = None) -> Found:
    """What a field is, judged by its name and by a sample of its values.

    time_field  the field that event time is read from
    steps       how its numbers go on within one series; None where nobody looked
    near_us     an event time of the sample, microseconds
    """
    if seen.name == time_field:
        return Found("time", "the events' own time")
    plain = _PLAIN.get(seen.kind)
    if plain is not None:
        return plain
    if seen.kind == "string":
        return _of_texts(seen)
    if seen.name.startswith(RESERVED):
        return Found("dimension" if seen.name == "_partition" else "identifier", "comes from the transport")
    if near_us is not None and is_near(seen, near_us):
        return Found("time", "about the events' own time")
    return _of_numbers(seen, steps or Steps())


_PLAIN = {
    "empty": Found("empty", "no value yet"),
    "time": Found("time", "holds instants"),
    "boolean": Found("dimension", "true or false"),
}


def _of_numbers(seen: FieldSeen, steps: Steps) -> Found:
    aside = _place(seen) or is_another_time(seen) or _setting(seen) or code(seen, steps)
    return aside or Found("measure", _why_measure(seen))


def _place(seen: FieldSeen) -> Found | None:
    furthest = max(abs(seen.low), abs(seen.high))
    if unit(seen.name):
        return None
    if seen.last_word in LATITUDES and furthest <= 90:  # noqa: PLR2004 - degrees
        return Found("latitude", "named so, and in its range")
    if seen.last_word in LONGITUDES and furthest <= 180:  # noqa: PLR2004 - degrees
        return Found("longitude", "named so, and in its range")
    return None


def _setting(seen: FieldSeen) -> Found | None:
    """Numbers that say something of the others."""
    if seen.last_word in _QUANTILES:
        return Found("dimension", "says which part of a distribution")
    if seen.last_word in _VERSIONS and seen.distinct <= FEW:
        return Found("dimension", "a version")
    if seen.distinct == 1 and seen.values >= ENOUGH and seen.last_word in SETTINGS:
        return Found("dimension", "a setting that is always the same so far")
    return None


def _why_measure(seen: FieldSeen) -> str:
    held = "numbers, written as text" if seen.is_text and seen.odd == 0 else "numbers"
    if seen.odd > 0:
        return f"holds {held}; {_how_often(seen.odd)} of its values are no numbers"
    if seen.distinct == 1 and seen.values >= ENOUGH:
        return f"holds {held}, always the same so far"
    return f"holds {held}"


def _how_often(share: float) -> str:
    """In steps, so that a further value does not change the words.

    >>> _how_often(0.01), _how_often(0.06), _how_often(0.8)
    ('a few', 'many', 'most')
    """
    return "a few" if share <= FEW_ODD else "many" if share <= MOST_ODD else "most"


def _of_texts(seen: FieldSeen) -> Found:  # noqa: PLR0911 - a table of guards reads best
    if seen.instants:
        return Found("time", "holds instants, written as text")
    if seen.mostly(_LISTS):
        return Found("text", "lists or objects, kept as JSON")
    named = seen.last_word in IDS or seen.uuids
    few = seen.distinct <= MAX_DISTINCT and (seen.distinct <= max(FEW, seen.values // 10) or seen.settled)
    repeated = seen.distinct <= MAX_DISTINCT and seen.values >= AGAIN * seen.distinct
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
    return Found(
        "identifier", "hardly any value comes twice" if seen.unique else "too many different values to split by"
    )


def _how_many(distinct: int) -> str:
    """In steps, so that a further value does not change the words.

    >>> _how_many(1), _how_many(4), _how_many(300)
    ('always the same so far', 'up to 5 values', 'up to 500 values')
    """
    if distinct == 1:
        return "always the same so far"
    return f"up to {next(most for most in (2, 5, 10, 20, 50, 100, 200, 500, MAX_DISTINCT) if distinct <= most)} values"
