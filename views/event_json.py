"""One event whole, as JSON that keeps every digit."""

import datetime as dt
import json
import re
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from sources.batch import RESERVED
from sources.columns import REST

MOST_CHARS = 100_000
"""So much of an event is shown; a browser takes seconds over more."""

_UNSEEN = re.compile("[\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
"""What no text on its way to a browser may hold, and what would turn round the text after it."""


def event_json(event: pa.Table) -> str:
    """The fields of one row that hold something, without those of the transport, as indented JSON, cut if it is huge.

    >>> print(event_json(pa.table({"a.b": [2**60 + 1], "a.c": ["[1]"], "n": [None], "_key": ["k"]})))
    {
      "a": {
        "b": 1152921504606846977,
        "c": [
          1
        ]
      }
    }
    """
    fields = {name: _value(value) for name, value in present(event).items() if _is_message(name)}
    text = json.dumps(nested(fields), indent=2, ensure_ascii=False, default=str)
    text = _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    if len(text) <= MOST_CHARS:
        return text
    return f"{text[:MOST_CHARS]}\n… cut here: the first {MOST_CHARS:,} of {len(text):,} characters"


def present(event: pa.Table) -> dict[str, Any]:
    """The fields of one row that are not null."""
    row: dict[str, Any] = event.to_pylist()[0]
    return {name: value for name, value in row.items() if value is not None}


def nested(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Dotted names as objects in objects again; a name stays dotted where another field stands in the place of its object.

    >>> nested({"a.b": 1, "a.c.d": 2, "e": 3, "e.f": 4, ".g": 5})
    {'a': {'b': 1, 'c': {'d': 2}}, 'e': 3, 'e.f': 4, '.g': 5}
    """
    tree: dict[str, Any] = {}
    for name, value in fields.items():
        parts = name.split(".")
        outer = (".".join(parts[:length]) for length in range(1, len(parts)))
        if not all(parts) or any(each in fields for each in outer):
            tree[name] = value
            continue
        place = tree
        for part in parts[:-1]:
            place = place.setdefault(part, {})
        place[parts[-1]] = value
    return tree


def _is_message(name: str) -> bool:
    return not name.startswith(RESERVED) or name == REST


def _value(value: Any) -> Any:
    """A cell as JSON has it: instants as ISO, and text that holds a list or an object as what it holds."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, str) and value[:1] in ("[", "{"):
        try:
            return json.loads(value, object_pairs_hook=_told_once)
        except (ValueError, RecursionError):  # text after all, or nested deeper than could be written again
            return value
    return value


def _told_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; raises ValueError if it says a name twice, because one of the two would be lost."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return found
