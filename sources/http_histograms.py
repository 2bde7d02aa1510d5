"""From the buckets of Prometheus's histograms to quantiles of what was observed between two scrapes.

Done as PromQL's `histogram_quantile` does it over `increase`: each bucket's increase, and within the bucket in which a
quantile falls, a straight line from its lower to its upper bound. A histogram that begins anew, as after a restart, has
increased by what it holds. https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile
"""

import math
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sources.batch import RESERVED

QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
SUFFIX = "_bucket"
BOUND = "le"
_OWN = frozenset(("metric", "type", "value", BOUND, "time"))

Buckets = dict[float, float]
"""Upper bound → how many observations up to it, in ascending order of bounds."""


class Histograms:
    """Remembers the last scrape's buckets of each series."""

    def __init__(self) -> None:
        self._before: dict[Any, Buckets] = {}

    def quantiles(self, table: pa.Table) -> pa.Table:
        """A scrape's rows with NAME_p50, NAME_p95 and NAME_p99 in the place of its histograms' buckets.

        A histogram of which the scrape before knew nothing, or to which nothing has come since, has none.
        """
        if not {"metric", "type", "value", BOUND} <= set(table.column_names):
            self._before = {}
            return table
        metric = table["metric"].cast(pa.string())
        is_bucket = pc.and_(pc.ends_with(metric, SUFFIX), pc.is_valid(table[BOUND]))
        is_bucket = pc.and_(is_bucket, pc.is_in(table["type"], pa.array(["histogram", "unknown"])))
        is_bucket = pc.fill_null(is_bucket, fill_value=False)
        rows = pc.indices_nonzero(is_bucket).to_pylist()
        if not rows:
            self._before = {}
            return table
        now, first = _buckets(table.take(rows), rows)
        found: list[tuple[int, str, float]] = []
        for series, buckets in now.items():
            grown = increase(self._before.get(series), buckets)
            name = series[0].removesuffix(SUFFIX)
            for suffix, share in QUANTILES.items():
                value = quantile(share, grown)
                if value is not None:
                    found.append((first[series], f"{name}_{suffix}", value))
        self._before = now
        others = table.filter(pc.invert(is_bucket))
        if not found:
            return others
        made = _in_place(
            table.take([row for row, _, _ in found]), [each[1] for each in found], [each[2] for each in found]
        )
        return pa.concat_tables([others, made], promote_options="permissive")


def increase(before: Buckets | None, now: Buckets) -> Buckets | None:
    """By how much each bucket has grown; None where there is nothing to compare with.

    >>> increase({1.0: 4, math.inf: 5}, {1.0: 6, math.inf: 9})
    {1.0: 2, inf: 4}
    >>> increase({1.0: 4, math.inf: 5}, {1.0: 1, math.inf: 1})
    {1.0: 1, inf: 1}
    """
    if before is None or before.keys() != now.keys():
        return None
    if any(now[bound] < before[bound] for bound in now):
        return now
    return {bound: now[bound] - before[bound] for bound in now}


def quantile(share: float, buckets: Buckets | None) -> float | None:
    """The value below which that share of the observations lies; None where there were none, or no bucket tells.

    >>> quantile(0.5, {1.0: 0, 2.0: 10, math.inf: 10})
    1.5
    """
    if not buckets or len(buckets) < 2 or not math.isinf(next(reversed(buckets))):  # noqa: PLR2004 - as in PromQL
        return None
    bounds, counts = list(buckets), []
    highest = 0.0
    for count in buckets.values():  # a scrape may catch a histogram between two of its buckets
        highest = max(highest, count)
        counts.append(highest)
    if not highest > 0:
        return None
    rank = share * highest
    at = next(index for index, count in enumerate(counts) if count >= rank)
    if at == len(bounds) - 1:
        return bounds[-2]
    if at == 0 and bounds[0] <= 0:
        return bounds[0]
    start, under = (bounds[at - 1], counts[at - 1]) if at else (0.0, 0.0)
    inside = counts[at] - under
    return start + (bounds[at] - start) * ((rank - under) / inside) if inside else bounds[at]


def _buckets(table: pa.Table, rows: Sequence[int]) -> tuple[dict[Any, Buckets], dict[Any, int]]:
    """The buckets of each series, and which row is its first. A series is the metric's name and its labels."""
    labels = [
        name
        for name in table.column_names
        if name not in _OWN and not name.startswith(RESERVED) and table[name].null_count < len(table)
    ]
    columns = [table[name].to_pylist() for name in labels]
    found: dict[Any, Buckets] = {}
    first: dict[Any, int] = {}
    cells = zip(table["metric"].to_pylist(), table[BOUND].to_pylist(), table["value"].to_pylist(), strict=True)
    for index, (metric, bound, value) in enumerate(cells):
        upper = _bound(bound)
        if upper is None or value is None:
            continue
        pairs = tuple(
            (name, column[index]) for name, column in zip(labels, columns, strict=True) if column[index] is not None
        )
        series = (metric, pairs)
        found.setdefault(series, {})[upper] = float(value)
        first.setdefault(series, rows[index])
    return {series: dict(sorted(each.items())) for series, each in found.items()}, first


def _bound(text: Any) -> float | None:
    try:
        bound = float(text)
    except (TypeError, ValueError):
        return None
    return None if math.isnan(bound) else bound


def _in_place(table: pa.Table, names: list[str], values: list[float]) -> pa.Table:
    """The rows as gauges of these names and values."""
    made = {name: table[name] for name in table.column_names}
    made["metric"] = pa.array(names, pa.string())
    made["type"] = pa.array(["gauge"] * len(names), pa.string())
    made["value"] = pa.array(values, pa.float64())
    made[BOUND] = pa.nulls(len(names), pa.string())
    return pa.table(made)
