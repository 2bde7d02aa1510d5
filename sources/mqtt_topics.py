"""Topics and what is said in them: which are subscribed to, which levels tell one from another, which one says what is measured."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from sources.errors import BadSettings
from sources.fields.units import unit
from sources.fields.vocabulary import AMOUNTS, COUNTED, COUNTERS, STATES
from sources.fields.words import listed, words

MOST_FILTERS = 50
MOST_CHARS = 1000
MOST_LEVELS = 8
"""Levels beyond this stand in the topic alone."""

Filter = tuple[str, ...]
"""The levels of a topic filter: `+` is any one, `#`, the last, is any number of them."""

_QUANTITIES = AMOUNTS | COUNTED | COUNTERS | STATES | listed("motion contact presence leak smoke door window")
_GENERIC = listed("value val state status get reading data raw")
"""Levels that say no more than that something has a value."""
_PARTS = listed("total max min avg mean average sum count last today yesterday")
"""What was made of a quantity, which the level before names."""
_IDENTIFIER = re.compile(r"\d+|(0x)?[0-9a-fA-F]{6,}|[0-9a-fA-F-]{36}")


def filters_of(text: str) -> tuple[Filter, ...]:
    """The topic filters in a text, without those that another one covers. Raises BadSettings beside `topic`.

    >>> filters_of("house/+/temperature, house/kitchen/temperature")
    (('house', '+', 'temperature'),)
    """
    found = [_checked(each.strip()) for each in text.split(",") if each.strip()]
    if not found:
        raise BadSettings("topic", "topic is empty: name what to subscribe to, such as house/+/temperature or #")
    if len(found) > MOST_FILTERS:
        raise BadSettings("topic", f"topic holds {len(found)} filters: name at most {MOST_FILTERS}, or use + and #")
    found = list(dict.fromkeys(found))
    return tuple(each for each in found if not any(covers(other, each) for other in found if other != each))


def _checked(text: str) -> Filter:
    if len(text) > MOST_CHARS or not text.isprintable():
        raise BadSettings("topic", f"{text[:60]!r} is no topic: use at most {MOST_CHARS} printable characters")
    levels = tuple(text.split("/"))
    if levels[0] == "$share":
        raise BadSettings(
            "topic", "a shared subscription takes messages from others: subscribe to the topics themselves"
        )
    for at, level in enumerate(levels):
        if level == "#" and at < len(levels) - 1:
            raise BadSettings("topic", f"# stands before the end of {text[:60]!r}: use + for a single level")
        if len(level) > 1 and ("+" in level or "#" in level):
            raise BadSettings("topic", f"{level[:40]!r} mixes a wildcard with text: + and # stand for whole levels")
    return levels


def covers(broad: Filter, narrow: Filter) -> bool:
    """Whether every topic of `narrow` is one of `broad`.

    >>> covers(("a", "#"), ("a", "+", "c")), covers(("a", "+"), ("a", "b", "c")), covers(("#",), ("$SYS", "#"))
    (True, False, False)
    """
    if narrow[0].startswith("$") and broad[0] in ("+", "#"):
        return False
    for at, level in enumerate(broad):
        if level == "#":
            return True
        if at >= len(narrow) or narrow[at] == "#" or (level != "+" and level != narrow[at]):
            return False
    return len(broad) == len(narrow)


@dataclass(frozen=True)
class Topic:
    """A topic that has messages."""

    text: str

    @cached_property
    def levels(self) -> list[str]:
        """Its levels."""
        return self.text.split("/")

    @cached_property
    def naming(self) -> tuple[str, frozenset[int]]:
        """What its bare values are called, and which levels, from 0, were made into that name."""
        return _naming(self.levels)

    @property
    def field(self) -> str:
        """The name of a value that comes without one.

        >>> [Topic(each).field for each in ("house/kitchen/temperature", "humidity/cellar", "plug/7/energy/total", "relay/0")]
        ['temperature', 'humidity', 'energy_total', 'relay']
        >>> Topic("$SYS/broker/load/messages/received/1min").field, Topic("ha/sensor/hall_lux/state").field
        ('load.messages.received.1min', 'hall_lux')
        """
        return self.naming[0]


def _naming(levels: Sequence[str]) -> tuple[str, frozenset[int]]:
    if levels[0] == "$SYS" and len(levels) > 2:  # noqa: PLR2004 - what stands below `$SYS/broker`
        return ".".join(levels[2:]), frozenset(range(2, len(levels)))
    candidates = [at for at in range(len(levels)) if levels[at] and not _IDENTIFIER.fullmatch(levels[at])]
    if not candidates:
        return "value", frozenset()
    telling = [at for at in candidates if not set(words(levels[at])) <= _GENERIC] or candidates
    quantities = [at for at in telling if _is_quantity(levels[at])]
    at = quantities[-1] if quantities else telling[-1]
    name, used = levels[at], [at]
    if set(words(name)) <= _PARTS and at - 1 in telling:
        name, used = f"{levels[at - 1]}_{name}", [at - 1, at]
    return name, frozenset(used)


def _is_quantity(level: str) -> bool:
    return bool(unit(level)) or not _QUANTITIES.isdisjoint(words(level))


class Levels:
    """Which levels of the topics that are subscribed to tell them apart."""

    def __init__(self, filters: Sequence[Filter]) -> None:
        self._open_from = min((each.index("#") for each in filters if "#" in each), default=MOST_LEVELS)
        longest = max(map(len, filters))
        self._single = {
            at
            for at in range(longest)
            if len({_level(each, at) for each in filters}) > 1 or _level(filters[0], at) == "+"
        }

    def of(self, topic: Topic, without: frozenset[int] = frozenset()) -> dict[str, str]:
        """The levels by their names, from `level_1`; not those of `without`.

        >>> Levels([("house", "+", "temperature")]).of(Topic("house/kitchen/temperature"))
        {'level_2': 'kitchen'}
        """
        return {
            f"level_{at + 1}": level
            for at, level in enumerate(topic.levels[:MOST_LEVELS])
            if (at in self._single or at >= self._open_from) and at not in without
        }


def _level(levels: Filter, at: int) -> str:
    return levels[at] if at < len(levels) else ""
