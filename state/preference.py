"""Which measure a board shows first and what it is split by, where nobody has chosen."""

import re
from collections.abc import Iterable, Mapping

from sources.batch import RESERVED
from sources.fields.units import unit
from sources.fields.vocabulary import AGES
from sources.fields.words import listed, words
from state.field_seen import FieldSeen
from state.measure import Measure

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
)
"""What people watch."""
_LEFT_ASIDE = listed(
    "linkquality rssi snr battery quality heading altitude accuracy interval retries limit capacity max min threshold target"
    " setpoint tax surcharge fee extra ttl precision dop hdop pdop satellites sat offset index seq size lag lsn iowait idle"
    " steal cache cached buffers swap inodes errors failed dropped drops missed missing expected bid ask age"
    " gc scrape go process tolls tip discount discounts spent customer orders width height std stddev variance"
    " count reads writes system sys bearing direction dir cog turn yaw pitch roll"
)
"""What people look at next."""
_SPLIT_BY = listed(
    "host hostname service symbol sym s region type product device sensor station location site city country instance node"
    " server name model category method exchange market pair currency app component line machine datacenter dc"
    " cluster pod namespace container carrier route team plan tier endpoint event domain side room plant"
    " zone topic shop store queue worker action operation source logger"
)
_SPLIT_TOO = listed("level severity status priority")
"""Next to these, where they are words: as numbers they are as likely how full a tank is."""
_SPLIT_LAST = listed(
    "flag version env environment test locale state mode unit units agent message kind thread span process"
)
_LEVEL = re.compile(r"level_\d+")
"""How sources call the levels of the topics that messages have."""
_OF_THE_NAME_BEFORE = listed("name id key code no number")
"""Last parts of a dotted name that say it is another way to call what stands before them."""


def by_preference(
    measures: Iterable[Measure], fields: Mapping[str, FieldSeen], varied: Mapping[str, int]
) -> tuple[Measure, ...]:
    """The measures, what a person would look at first first; among equals those in the order of the events' fields.

    varied  how many values each measure has that differ
    """
    found = list(measures)
    worth = {each.name: _worth(each, fields, varied.get(each.name, 0)) - 0.01 * at for at, each in enumerate(found)}
    return tuple(sorted(found, key=lambda each: -worth[each.name]))


def _worth(measure: Measure, fields: Mapping[str, FieldSeen], distinct: int) -> float:
    said = set(words(measure.name))
    seen = fields.get(measure.field or (measure.parts.count if measure.parts else ""))
    worth = 2.0 * (not said.isdisjoint(_LOOKED_AT)) - 3.0 * (not said.isdisjoint(_LEFT_ASIDE))
    if seen is not None and not measure.where:
        worth += 3.0 * seen.values / max(1, seen.rows) + 1.0 * (measure.parts is not None or not seen.whole)
    if seen is not None and measure.field and not measure.where:
        worth -= 2.0 * (distinct <= FEW and seen.values >= max(MANY, EACH * distinct))
        worth -= 3.0 * _mostly_one(seen)
    if distinct <= 1 and measure.parts is None:
        worth -= 10.0
    if measure.kind == "counter":
        worth -= 8.0 if not said.isdisjoint(AGES) or unit(measure.name) in ("s", "ms", "h") else 2.5
    return worth


def _mostly_one(seen: FieldSeen) -> bool:
    """Whether more than half of many values are one and the same: nothing has turned, gone wrong or been left over."""
    return len(seen.readable) >= MANY and bool(2 * (seen.readable == seen.middle).sum() > len(seen.readable))


def _said(name: str) -> set[str]:
    """What the last part of a dotted name says, and the part before it where that alone says what it is of."""
    *_, before, last = ("", *name.split("."))
    own = set(words(last))
    return own | set(words(before)) if own <= _OF_THE_NAME_BEFORE else own


def split_by(dimensions: Iterable[str], fields: Mapping[str, FieldSeen], measure: Measure | None) -> str:
    """The field that a board of this measure is split by: of 2 to MOST_SERIES values, there in most events; "" for none."""
    own = {measure.field, *(each.partition(":")[0] for each in measure.where)} if measure else set()
    best, chosen = 0.0, ""
    dimensions = list(dimensions)
    level = _only_level(dimensions, fields)
    for at, name in enumerate(dimensions):
        seen = fields.get(name)
        if seen is None or name.startswith(RESERVED) or name in own or not 1 < seen.distinct <= MOST_SERIES:
            continue
        said = _said(name)
        worth = 10.0 + 6.0 * seen.values / seen.rows - 0.1 * at
        worth += 3.0 * (not said.isdisjoint(_SPLIT_BY)) - 3.0 * (not said.isdisjoint(_SPLIT_LAST))
        worth += 2.0 * (seen.kind == "string" and not said.isdisjoint(_SPLIT_TOO))
        worth += 4.0 * (name == level)
        worth -= 4.0 * (seen.kind == "boolean") + 2.0 * (seen.kind == "number")
        if worth > best:
            best, chosen = worth, name
    return chosen


def _only_level(dimensions: Iterable[str], fields: Mapping[str, FieldSeen]) -> str:
    """The level of a topic that alone tells topics apart, and in fewer words than they do; "" where there are none or several."""
    levels = [name for name in dimensions if _LEVEL.fullmatch(name) and name in fields and fields[name].distinct > 1]
    return levels[0] if len(levels) == 1 else ""
