"""A board's measure and aggregate as lines of pandas."""

import pyarrow as pa

from state.choice import MICROSECONDS, Choice
from state.measure import Parts
from state.rollup import ADDITIVE, PERCENTILES
from views.exports.script_filters import type_of


def columns(choice: Choice, schema: pa.Schema) -> dict[str, str]:
    """The columns of numbers that the aggregate needs, name → expression."""
    measure = choice.read
    if measure.parts is not None:
        return _parts(measure.parts, schema)
    made = {"value": _numbers(measure.field, schema) if measure.field else "1.0"}
    if choice.counts_up:
        fields = (field for field in dict.fromkeys((*choice.identity, choice.by)) if field)
        known = [field for field in fields if type_of(field, schema) is not None]
        made |= {f"counter {n}": f"text(events[{field!r}]).fillna('')" for n, field in enumerate(known, 1)}
    return made


def usable(choice: Choice, schema: pa.Schema, *, spread: bool) -> list[str]:
    """The lines that leave out events without a number, and give each event its own.

    spread  whether a counter's values are left as they are, for `aggregated` to spread their increase
    """
    parts = choice.read.parts
    if parts is not None:
        return [
            "rows = rows[np.isfinite(rows['count']) & np.isfinite(rows['sum']) & (rows['count'] > 0)]",
            "rows['value'] = rows['sum'] / rows['count']",
        ]
    lines = ["rows = rows[np.isfinite(rows['value'])]"]
    if choice.counts_up and not spread:
        lines += [
            "# A counter's value is its increase a second since the sample before; where it falls, it has begun again.",
            "# Approximate: the board leaves out long gaps.",
            f"samples = rows.groupby({_counter(choice, schema)!r})",
            "step = samples['value'].diff()",
            "rows['value'] = step.where(~(step < 0), rows['value']) / samples['time'].diff().dt.total_seconds()",
            "rows = rows[np.isfinite(rows['value'])]",
        ]
    return lines


def aggregated(choice: Choice, schema: pa.Schema) -> list[str]:
    """The lines that make `table`: one row a bucket, one column a series."""
    seconds = choice.bucket_us / MICROSECONDS
    if choice.counts_up and choice.read.parts is None:
        return ["", *_grown(choice, schema, seconds)]
    lines = [
        "",
        "# Of each bucket and series the aggregate.",
        "grouped = rows.groupby([rows['time'].dt.floor(buckets.freq), 'series'])",
        f"aggregate = {f'{_count(choice)} / {seconds!r}' if choice.agg == 'rate' else aggregate(choice)}",
        "table = aggregate.unstack().reindex(index=buckets, columns=shown)",
    ]
    if choice.agg in ADDITIVE:
        lines.append("table = table.fillna(0).where(table.ffill().notna())  # nothing is 0, from the first event on")
    return lines


def aggregate(choice: Choice) -> str:
    """The aggregate of each of `grouped`, as an expression; not of a rate."""
    parts, agg = choice.read.parts is not None, choice.agg
    if agg in PERCENTILES:
        return f"grouped['value'].agg(lambda each: np.quantile(each, {PERCENTILES[agg]}, method='inverted_cdf'))"
    if agg == "count":
        return _count(choice)
    if not parts or agg == "last":
        return f"grouped['value'].{agg}()"
    if agg == "mean":
        return "grouped['sum'].sum() / grouped['count'].sum()"
    return f"grouped[{agg!r}].{agg}()"


def _count(choice: Choice) -> str:
    return "grouped['count'].sum()" if choice.read.parts else "grouped['value'].count()"


def _grown(choice: Choice, schema: pa.Schema, seconds: float) -> list[str]:
    return [
        "# How fast counters grow: the increase between two samples is spread evenly over the time between them; where a",
        "# value falls, the counter has begun again. Approximate: the board also leaves out long gaps, and knows buckets in part.",
        f"edges = np.arange(len(buckets) + 1) * {seconds!r}",
        "",
        "",
        "def grown(samples):",
        "    step = samples['value'].diff()",
        "    total = step.where(~(step < 0), samples['value']).fillna(0).cumsum()",
        "    at = (samples['time'] - start).dt.total_seconds()",
        "    return pd.Series(np.diff(np.interp(edges, at, total, left=np.nan, right=np.nan)), buckets)",
        "",
        "",
        f"each = [grown(samples).rename(key[0]) for key, samples in rows.groupby({['series', *_counter(choice, schema)]!r})]",
        f"table = pd.concat([pd.DataFrame(index=buckets), *each], axis=1).T.groupby(level=0).sum(min_count=1).T / {seconds!r}",
        "table = table.reindex(columns=shown)",
    ]


def _counter(choice: Choice, schema: pa.Schema) -> list[str]:
    """The columns that together tell one counter from another."""
    return [name for name in columns(choice, schema) if name != "value"] or ["series"]


def _parts(parts: Parts, schema: pa.Schema) -> dict[str, str]:
    count = _numbers(parts.count, schema)
    total = _numbers(parts.sum, schema) if parts.sum else f"{count} * {_numbers(parts.mean, schema)}"
    return {
        "count": count,
        "sum": total,
        "min": _numbers(parts.min, schema) if parts.min else "np.nan",
        "max": _numbers(parts.max, schema) if parts.max else "np.nan",
    }


def _numbers(field: str, schema: pa.Schema) -> str:
    """A field as float64; of texts only plain numbers count."""
    kind = type_of(field, schema)
    if kind is None or pa.types.is_timestamp(kind):
        return "np.nan"
    column = f"events[{field!r}]"
    return f"number({column}).astype('float64')" if pa.types.is_string(kind) else f"{column}.astype('float64')"
