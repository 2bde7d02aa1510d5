"""A chart without what a viewer picks on it: nobody listens where it is taken to."""

import json
import re
from collections.abc import Iterator
from typing import Any


def without_picking(spec: Any) -> Any:
    """The spec without its selection parameters; whatever depends on one looks as it does while nothing is picked.

    A parameter whose name an expression uses stays: it is harmless, and the expression would fail without it.

    >>> brush = {"name": "brush", "select": "interval"}
    >>> without_picking({"params": [brush], "mark": "bar", "transform": [{"filter": {"param": "brush"}}]})
    {'mark': 'bar', 'transform': []}
    """
    names = {each["name"] for each in _params(spec) if "select" in each}
    stripped = _stripped(spec, names)
    used = json.dumps(stripped)
    kept = {
        name for name in names if re.search(rf"\b{re.escape(name)}(_store)?\b(?!\()", used)
    }  # not what calls a function
    return _stripped(spec, names - kept) if kept else stripped


def _params(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        yield from part.get("params", ())
    children = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    for each in children:
        yield from _params(each)


def _stripped(part: Any, names: set[str]) -> Any:
    if isinstance(part, list):
        return [_stripped(each, names) for each in part if not _filters_by(each, names)]
    if not isinstance(part, dict):
        return part
    made = {key: _stripped(each, names) for key, each in part.items()}
    if "params" in made:
        made["params"] = [each for each in made["params"] if each.get("name") not in names]
        if not made["params"]:
            del made["params"]
    condition = made.get("condition")
    if isinstance(condition, dict) and condition.get("param") in names:
        del made["condition"]
        if condition.get("empty") is not False:  # nothing picked counts as all picked
            made |= {key: each for key, each in condition.items() if key not in ("param", "empty")}
    return made


def _filters_by(part: Any, names: set[str]) -> bool:
    """Whether it is a transform that keeps what is picked."""
    kept = part.get("filter") if isinstance(part, dict) else None
    return isinstance(kept, dict) and kept.get("param") in names
