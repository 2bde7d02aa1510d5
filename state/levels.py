"""The levels of the topics that messages have, as sources call them: which of them says what."""

import re
from collections.abc import Mapping

from sources.fields.units import unit
from sources.fields.vocabulary import AMOUNTS, COUNTED, STATES
from sources.fields.words import last_word
from state.field_seen import FieldSeen

LEVEL = re.compile(r"level_\d+")
"""How sources call them."""
_QUANTITIES = AMOUNTS | COUNTED | STATES


def naming_level(topic: str, fields: Mapping[str, FieldSeen]) -> str:
    """Of a feed whose topics name what is measured, the level that does so: the last one that holds quantities.

    Else the level that alone tells topics apart, in fewer words than they do; and where there is none, the topic itself.

    >>> topics = {"topic": ["a.kitchen.temp", "a.attic.temp"], "level_2": ["kitchen", "attic"], "level_3": ["temp", "temp"]}
    >>> import pyarrow as pa
    >>> naming_level("topic", {name: FieldSeen(name, pa.chunked_array([held])) for name, held in topics.items()})
    'level_3'
    """
    levels = [name for name in fields if LEVEL.fullmatch(name)]
    for name in reversed(levels):
        texts = set(fields[name].some)
        if texts and 2 * sum(_is_quantity(text) for text in texts) >= len(texts):
            return name
    apart = [name for name in levels if fields[name].distinct > 1]
    whole = len(apart) == 1 and fields[apart[0]].distinct == fields[topic].distinct
    return apart[0] if whole else topic


def _is_quantity(text: str) -> bool:
    return last_word(text) in _QUANTITIES or bool(unit(text))
