"""The words that a field's name is made of."""

import re
from functools import lru_cache

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_]+")

Words = tuple[str, ...]


def listed(text: str) -> frozenset[str]:
    """The words of a text: how vocabulary is written down here."""
    return frozenset(text.split())


_NO_IDS = listed(
    "humid grid fluid solid acid valid invalid paid unpaid prepaid rapid liquid android hybrid covid void avoid avid arid guid uuid"
    " lipid ovoid squid amid raid maid laid said triad plasmid ieee"
)
_NO_PORTS = listed(
    "report support airport seaport heliport carport transport teleport export import passport rapport deport comport"
    " disport purport reimport reexport spaceport esport motorsport watersport"
)
_WHICH = listed("old new before after prev")
"""Last words that say which of two, or that there is more to say."""


@lru_cache(maxsize=4096)
def words(name: str) -> Words:
    """The words of a name in lower case, across dots, underscores and capitals.

    >>> words("oven.tempCelsius"), words("order_no"), words("PULocationID"), words("HTTPCode"), words("pm25")
    (('oven', 'temp', 'celsius'), ('order', 'no'), ('pu', 'location', 'id'), ('http', 'code'), ('pm', '25'))
    """
    return tuple(part.lower() for part in _WORD.findall(name))


def last_word(name: str) -> str:
    """The last word of a name that is no number and says what it is of; "" where there is none.

    >>> last_word("pm25"), last_word("revision.old"), last_word("id.orig_port")
    ('pm', 'revision', 'id')
    """
    parts = name.split(".")
    if len(parts) > 1 and parts[-2].lower() in ("id", "ids"):
        return "id"
    said = [word for word in words(name) if not word.isdigit()]
    while len(said) > 1 and said[-1] in _WHICH:
        said.pop()
    return _ending(said[-1]) if said else ""


def _ending(word: str) -> str:
    """How a word ends that is two run together, such as `navstatus`, `txid` or `srcport`; else the word."""
    if len(word) > 3 and word.endswith("id") and word not in _NO_IDS:  # noqa: PLR2004 - `bid` and `sid` are short
        return "id"
    if word.endswith("port") and word not in _NO_PORTS:
        return "port"
    return next((end for end in ("status", "type", "code") if word.endswith(end)), word)
