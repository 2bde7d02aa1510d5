"""Rows that are aggregates already: fields that are the count, sum, minimum and maximum of one measure."""

import re
from collections.abc import Mapping

import numpy as np

from state.field_seen import FieldSeen
from state.measure import Parts

CONSISTENT = 0.95
"""In so many of the rows the mean lies between the minimum and the maximum."""
_ROUNDED = 1e-3
"""Means and extremes are rounded apart from each other by so much at the most."""

_STATS = {
    "count": "count", "cnt": "count", "n": "count", "samples": "count", "sum": "sum", "total": "total",
    "mean": "mean", "avg": "mean", "average": "mean", "min": "min", "minimum": "min", "max": "max", "maximum": "max",
}  # fmt: skip
_LAST = re.compile(r"(?P<prefix>.*?)(?:[._ -]|(?<=[a-z0-9])(?=[A-Z])|^)(?P<stat>(?i:" + "|".join(_STATS) + "))")
_FIRST = re.compile(r"(?P<parent>(?:.*\.)?)(?P<stat>[a-z]+)(?:[_ -]|(?=[A-Z]))(?P<rest>[^.]+)")


def split_stat(name: str) -> tuple[str, str] | None:
    """What a field's name says it is of, and which statistic; None where it says none.

    >>> split_stat("latency_ms_count"), split_stat("rtt.avg"), split_stat("maxTemp"), split_stat("sum"), split_stat("max_age.x")
    (('latency_ms', 'count'), ('rtt', 'mean'), ('Temp', 'max'), ('', 'sum'), None)
    """
    last = _LAST.fullmatch(name)
    if last:
        return last["prefix"], _STATS[last["stat"].lower()]
    first = _FIRST.fullmatch(name)
    if first and first["stat"] in _STATS:
        return first["parent"] + first["rest"], _STATS[first["stat"]]
    return None


def find_parts(fields: Mapping[str, FieldSeen]) -> dict[str, Parts]:
    """The pre-aggregated measures among fields of numbers, by the name that their parts share; `value` if they share none."""
    stats: dict[str, dict[str, str]] = {}
    for name in fields:
        split = split_stat(name)
        if split is not None:
            stats.setdefault(split[0], {}).setdefault(split[1], name)
    found = {}
    for prefix, have in stats.items():
        count = have.get("count") or stats.get(prefix.rpartition(".")[0], {}).get("count", "")
        has_bounds = "min" in have or "max" in have
        total = have.get("sum") or (have.get("total") if has_bounds else "") or ""
        if not count or not (total or "mean" in have) or not (has_bounds or (prefix and "count" in have)):
            continue
        mean = "" if total else have["mean"]
        parts = Parts(count, sum=total, min=have.get("min", ""), max=have.get("max", ""), mean=mean)
        if _consistent(parts, fields):
            found[prefix or "value"] = parts
    return found


def part_fields(parts: Parts) -> set[str]:
    """The names of the fields that it is made of."""
    return {name for name in (parts.count, parts.sum, parts.min, parts.max, parts.mean) if name}


def _consistent(parts: Parts, fields: Mapping[str, FieldSeen]) -> bool:
    count = fields[parts.count].numbers
    there = count > 0
    if not fields[parts.count].whole or fields[parts.count].low < 0 or not there.any():
        return False
    with np.errstate(invalid="ignore"):
        mean = fields[parts.mean].numbers[there] if parts.mean else fields[parts.sum].numbers[there] / count[there]
        slack = _ROUNDED * np.abs(mean) + _ROUNDED
        good = np.isfinite(mean)
        both = int(good.sum())
        if parts.min:
            good &= ~(fields[parts.min].numbers[there] > mean + slack)
        if parts.max:
            good &= ~(fields[parts.max].numbers[there] < mean - slack)
    return both > 0 and bool(good.sum() >= CONSISTENT * both)
