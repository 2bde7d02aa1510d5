"""Which measure a board shows first and what it is split by, where nobody has chosen."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from sources.batch import RESERVED
from sources.fields.units import unit
from sources.fields.vocabulary import AGES, CODES, IDS
from sources.fields.words import last_word, listed, words
from state.field_seen import FieldSeen, Floats
from state.levels import LEVEL
from state.measure import Measure
from state.repeating import is_state_of

MOST_SERIES = 20
"""A board is split into so many series at the most, unless told."""
FEW = 12
"""A measure of so few values, in a sample of many, is hardly worth a look."""
MANY, EACH = 40, 6
"""A sample is of many where there are so many values, and so many times as many as differ."""

_LOOKED_AT = listed(
    "latency duration price value temperature temp speed sog power cpu load amount usage utilization utilisation pressure humidity"
    " mag magnitude response fare revenue consumption requests throughput wind demand output delay"
    " total distance rate percent pct volume close user busy working level flow discharge length"
    " receive received transmit transmitted"
)
"""What people watch."""
_LOOKED_AT_TOO = listed("available avail")
"""Next to these."""
_LEFT_ASIDE = listed(
    "linkquality rssi snr battery quality heading altitude accuracy interval retries limit capacity max min threshold target"
    " setpoint tax surcharge fee extra ttl precision dop hdop pdop satellites sat offset index seq size lag lsn iowait idle"
    " steal cache cached buffers swap inodes errors failed dropped drops missed missing expected bid ask age"
    " gc scrape go process tolls tip discount discounts spent customer orders width height std stddev variance"
    " count reads writes system sys bearing direction dir cog turn yaw pitch roll"
)
"""What people look at next."""
_KEPT_BUSY = listed("cpu cpus busy working")
"""Time that these are counted in tells how busy they are; other counters of time go on as the clock does, or as other work does."""
_TOLD_OF = IDS | CODES | {"info"}
"""Metrics that end so hold what something is, and not how much: a number, a code, or that it is there, with its labels."""
_ENDS = listed("total")
"""Metrics' names end so where they are counters: that is nothing to look at as the total of an order is."""
_SPLIT_BY = listed(
    "host hostname service symbol sym s region type product device sensor station location site city country instance node"
    " server name model category method exchange market pair currency app component line machine datacenter dc"
    " cluster pod namespace container carrier route team plan tier endpoint event domain side room plant"
    " zone topic shop store queue worker action operation source logger"
)
_SPLIT_TOO = listed("level severity priority")
"""Next to these, where they are words: as numbers they are as likely how full a tank is."""
_SPLIT_LAST = listed(
    "flag version env environment test locale state mode unit units agent message kind thread span process"
)
_STATES = listed("status condition phase stage")
"""Behind others, for they are hardly what has been measured."""
A_STATE = 4.0
"""So much less a state is split by than what it is a state of."""
_OF_THE_NAME_BEFORE = listed("name id key code no number")
"""Last parts of a dotted name that say it is another way to call what stands before them."""


NEVER_CHANGES = 10.0
"""What never changes comes after all that does."""


def promise(names: Sequence[str]) -> Floats:
    """(names,) how much each metric of a long feed promises by what it is called."""
    return np.array([_said_worth(name, metric=True) for name in names], np.float64)


def _said_worth(name: str, *, metric: bool) -> float:
    """What a measure's name says; `metric`: that of a long feed, in which no roles keep codes and numbers aside."""
    said = set(words(name)) - (_ENDS if metric else set())
    worth = 2.0 if not said.isdisjoint(_LOOKED_AT) else 1.0 if not said.isdisjoint(_LOOKED_AT_TOO) else 0.0
    return worth - 3.0 * (not said.isdisjoint(_LEFT_ASIDE)) - 3.0 * (metric and last_word(name) in _TOLD_OF)


def by_preference(
    measures: Iterable[Measure], fields: Mapping[str, FieldSeen], varied: Mapping[str, int]
) -> tuple[Measure, ...]:
    """The measures, what a person would look at first first; among equals those in the order of the events' fields.

    varied  how many values each measure has that differ
    """
    found = list(measures)
    worth = {
        each.name: _worth(each, fields, varied.get(each.name, 0)) - (0.01 * at if not each.where else 0.0)
        for at, each in enumerate(found)
    }
    return tuple(sorted(found, key=lambda each: -worth[each.name]))


def _worth(measure: Measure, fields: Mapping[str, FieldSeen], distinct: int) -> float:
    said = set(words(measure.name))
    seen = fields.get(measure.field or (measure.parts.count if measure.parts else ""))
    worth = _said_worth(measure.name, metric=bool(measure.where))
    if seen is not None and not measure.where:
        worth += 3.0 * seen.values / max(1, seen.rows) + 1.0 * (measure.parts is not None or not seen.whole)
    if seen is not None and measure.field and not measure.where:
        worth -= 2.0 * (distinct <= FEW and seen.values >= max(MANY, EACH * distinct))
        worth -= 3.0 * _mostly_one(seen)
    if distinct <= 1 and measure.parts is None:
        worth -= NEVER_CHANGES
    if measure.kind == "counter":
        of_time = unit(measure.name) in ("s", "ms", "h") and said.isdisjoint(_KEPT_BUSY)
        worth -= 8.0 if of_time or not said.isdisjoint(AGES) else 1.5 if measure.where else 2.5
    return worth


def _mostly_one(seen: FieldSeen) -> bool:
    """Whether more than half of many values are one and the same: nothing has turned, gone wrong or been left over."""
    return len(seen.readable) >= MANY and bool(2 * (seen.readable == seen.middle).sum() > len(seen.readable))


def _said(name: str) -> set[str]:
    """What the last part of a dotted name says, and the part before it where that alone says what it is of."""
    *_, before, last = ("", *name.split("."))
    own = set(words(last))
    return set(words(before)) or own if own <= _OF_THE_NAME_BEFORE else own


def split_by(dimensions: Iterable[str], fields: Mapping[str, FieldSeen], measure: Measure | None) -> str:
    """The field that a board of this measure is split by: of 2 to MOST_SERIES values, there in most events; "" for none."""
    own = {measure.field, *(each.partition(":")[0] for each in measure.where)} if measure else set()
    dimensions = list(dimensions)
    level = _only_level(dimensions, fields)
    worth: dict[str, float] = {}
    for at, name in enumerate(dimensions):
        seen = fields.get(name)
        if seen is None or name.startswith(RESERVED) or name in own or not 1 < seen.distinct <= MOST_SERIES:
            continue
        said = _said(name)
        worth[name] = 10.0 + 6.0 * seen.values / seen.rows - 0.1 * at
        worth[name] += 3.0 * (not said.isdisjoint(_SPLIT_BY)) - 3.0 * (not said.isdisjoint(_SPLIT_LAST))
        worth[name] += 2.0 * (seen.kind == "string" and not said.isdisjoint(_SPLIT_TOO))
        worth[name] -= 1.0 * (not said.isdisjoint(_STATES))
        worth[name] += 4.0 * (name == level)
        worth[name] -= 4.0 * (seen.kind == "boolean") + 2.0 * (seen.kind == "number")
    return _no_state(worth, fields)


def _no_state(worth: Mapping[str, float], fields: Mapping[str, FieldSeen]) -> str:
    """The field of most worth, or the next of those that it is a state of; "" where none has any."""
    found = sorted((name for name in worth if worth[name] > 0), key=lambda name: -worth[name])
    for name in found:
        near = [other for other in found if other != name and worth[other] > worth[name] - A_STATE]
        if not any(is_state_of(fields[name], fields[other]) for other in near):
            return name
    return next(iter(found), "")


def _only_level(dimensions: Iterable[str], fields: Mapping[str, FieldSeen]) -> str:
    """The level of a topic that alone tells topics apart, and in fewer words than they do; "" where there are none or several."""
    levels = [name for name in dimensions if LEVEL.fullmatch(name) and name in fields and fields[name].distinct > 1]
    return levels[0] if len(levels) == 1 else ""
