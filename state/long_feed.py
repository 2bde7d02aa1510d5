"""Long feeds: one field names the measure, another holds its value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sources.fields.units import unit, written_unit
from sources.fields.words import last_word, listed
from state.aggregated import find_parts, part_fields
from state.field_seen import FieldSeen, Floats
from state.filters import Filter
from state.growth import Growth, Series
from state.kinds import kind_of, said_kind
from state.levels import naming_level
from state.measure import Measure, Parts
from state.metrics_seen import MetricsSeen
from state.other_times import is_another_time
from state.preference import NEVER_CHANGES, promise
from state.sample import TOLD_BY

MAX_METRICS = 500
"""So many metrics of one feed are offered, those first that people look at and that change: all of a machine's exporter."""
MAX_NAMES = 1000
"""Names of more metrics than these are names of something else."""
COMPARED = 200
"""So many names are compared to see whether they are of things."""
ENOUGH = 5
"""A metric of fewer values says nothing of its size."""
READABLE = 0.3
"""Of the values of a long feed so many are numbers at least; the others are metrics that hold text."""

RARE = 0.2
"""Numbers that are in so few of the rows with a value are of some metrics alone, and make no wide feed."""

_NAMES = (
    "metric", "metricname", "measurement", "name", "measure", "parameter", "variable", "kpi", "sensor", "quantity",
    "signal", "indicator", "stat", "statistic", "series", "characteristic", "observable", "property", "tag", "field",
    "key", "channel", "point", "datapoint", "attribute", "topic", "entity",
)  # fmt: skip
"""The last word of the field that names what is measured, the likeliest first; `name` and `id` after one count as well."""
_VALUES = listed("value val v values reading measurement measure result number asdouble asint double float observation")
_BESIDE = listed(
    "rate interval flags flag quality qos scale count sum min max mean avg version seq period step confidence"
)
"""Numbers that may stand beside the value: they are about it."""
_THINGS = listed("sensor tag channel point datapoint key name entity topic series signal")
"""What these name may be things that all measure the same: that is a label."""
_TYPES = frozenset(("type", "kind", "metrictype", "mtype"))
_UNITS = frozenset(("unit", "units", "uom"))
_ABOUT = _UNITS | _TYPES


@dataclass(frozen=True, slots=True)
class LongFeed:
    """Which fields of a long feed say what.

    name   what is measured
    value  how much; "" where all rows are aggregates
    parts  the fields of rows that are aggregates; None where there are none
    about  fields that say something of the measure and are no labels: its type and its unit
    """

    name: str
    value: str
    parts: Parts | None = None
    about: tuple[str, ...] = ()

    @property
    def own(self) -> set[str]:
        """Fields that are neither measures of their own nor labels."""
        return {self.name, self.value, *self.about, *(part_fields(self.parts) if self.parts else ())} - {""}


def find_long_feed(
    fields: Mapping[str, FieldSeen], measures: Sequence[str], texts: Sequence[str], max_distinct: int
) -> LongFeed | None:
    """How to read a long feed; None for a wide one.

    measures  fields of numbers that would be measures in a wide feed
    texts     fields of strings
    """
    named = [
        name
        for name in texts
        if _rank(fields[name]) < len(_NAMES) and 0 < fields[name].distinct <= max_distinct and any(fields[name].some)
    ]
    if not named:
        return None
    name = min(named, key=lambda each: (_tells_nothing(each, named, fields), _rank(fields[each]), each.count(".")))
    parts = find_parts({each: fields[each] for each in measures}).get("value")
    values = [each for each in measures if _says_value(fields[each])] or [
        each
        for each in texts
        if each not in named
        and _says_value(fields[each])
        and len(fields[each].readable) >= READABLE * fields[each].values
    ]
    rare = RARE * max((fields[each].values for each in values), default=0)
    others = [
        each
        for each in measures
        if each not in values and fields[each].last_word not in _BESIDE and fields[each].values >= rare
    ]
    if others or len(values) > 1 or not (values or parts):
        counts = [each for each in measures if fields[each].own_words == ("count",)]
        if values or others or not counts or _rank(fields[name]) > _NAMES.index("measurement"):
            return None
        values, parts = counts, None
    if fields[name].last_word in _THINGS and _alike(fields[name], _sizes(fields, values, parts)):
        return None
    if fields[name].own_words == ("topic",):
        name = naming_level(name, fields)
    about = tuple(each for each in texts if fields[each].last_word in _UNITS or _is_type(fields[each]))
    return LongFeed(name, values[0] if values else "", parts, about)


def long_measures(feed: LongFeed, fields: Mapping[str, FieldSeen], seen: MetricsSeen) -> list[Measure]:
    """One measure a metric, the most active first."""
    about = {name: seen.common(fields[name].column) for name in feed.about}
    likely = promise(seen.names) - NEVER_CHANGES * seen.still
    chosen = np.lexsort((-seen.often, -likely))[:MAX_METRICS]
    found = []
    for code in chosen[np.lexsort((chosen, -seen.often[chosen]))].tolist():
        metric = seen.names[code]
        if not 0 < len(metric) < TOLD_BY:
            continue  # one without a name cannot be chosen, and one cut by the sample has a filter that keeps nothing
        rows = seen.rows(code)
        rows_known = rows[np.isfinite(seen.values[rows])]
        values = seen.values[rows_known]
        parts = feed.parts if feed.parts and not len(values) and _counted(feed.parts, fields, rows) else None
        if len(values) and _is_time(metric, values):
            continue
        if len(values) or parts:
            said = {name: texts[code] for name, texts in about.items()}
            growth = Series(seen.labels[rows_known]).growth(values) if len(values) else Growth()
            found.append(_measure(feed, metric, said, values, growth, parts))
    return found


def _measure(  # noqa: PLR0913, PLR0917 - what is known of one metric
    feed: LongFeed, metric: str, about: Mapping[str, str], values: Floats, growth: Growth, parts: Parts | None
) -> Measure:
    said = written = ""
    for name, text in about.items():
        if last_word(name) in _UNITS:
            written = written_unit(text)
        elif said_kind(text):
            said = text.strip().lower()
    where = (str(Filter(feed.name, "eq", metric)),)
    symbol = written or unit(metric) or ("ms" if said in ("ms", "timing", "timer") else "")
    if parts:
        return Measure(metric, "", where, "gauge", symbol, parts, f"rows of {feed.name} {metric} are aggregates")
    whole = bool((values == np.floor(values)).all())
    # Prometheus says of the sum and the count of a histogram that they are one; what they are is running totals.
    running = said in ("histogram", "summary") and last_word(metric) in ("sum", "count", "bucket", "total")
    kind, why = kind_of(metric, growth, whole=whole, said="counter" if running else said_kind(said))
    return Measure(metric, feed.value, where, kind, symbol, None, f"named by {feed.name}; {why}")


def _is_time(metric: str, values: Floats) -> bool:
    """Whether a metric holds instants, such as when a counter began to count."""
    return is_another_time(FieldSeen(metric, pa.chunked_array([values]))) is not None


def _counted(parts: Parts, fields: Mapping[str, FieldSeen], rows: npt.NDArray[np.int64]) -> bool:
    return bool(np.isfinite(fields[parts.count].numbers[rows]).any())


def _sizes(fields: Mapping[str, FieldSeen], values: Sequence[str], parts: Parts | None) -> Floats:
    """(rows,) how large each row's value is: what it holds, or the mean of what it is an aggregate of."""
    if values or parts is None:
        return fields[values[0]].numbers
    if parts.mean:
        return fields[parts.mean].numbers
    with np.errstate(divide="ignore", invalid="ignore"):
        return fields[parts.sum].numbers / fields[parts.count].numbers


def _alike(name: FieldSeen, sizes: Floats) -> bool:
    """Whether the values under all names are of one size: then the names are of things, not of measures.

    Judged by the middle 80 % of each; names of too few values are left out.
    """
    codes = name.column.combine_chunks().dictionary_encode().indices.fill_null(-1).to_numpy()
    spans = []
    for code in range(min(name.distinct, COMPARED)):
        values = sizes[(codes == code) & np.isfinite(sizes)]
        if len(values) >= ENOUGH:
            spans.append(np.quantile(values, (0.1, 0.9)))
    if len(spans) < 2:  # noqa: PLR2004 - nothing to compare
        return False
    low, high = np.array(spans).T
    return bool(
        low.max() <= high.min()
        or ((low >= 0).all() and high.max() <= 2 * max(high.min(), 1e-12) and low.min() >= 0.5 * low.max())
    )


def _tells_nothing(name: str, named: Sequence[str], fields: Mapping[str, FieldSeen]) -> bool:
    """Whether a name is always the same, where another tells measures apart that is not one of things."""
    others = [fields[each] for each in named if each != name]
    return fields[name].distinct == 1 and any(each.distinct > 1 and each.last_word not in _THINGS for each in others)


def _rank(seen: FieldSeen) -> float:
    """The place of its name among those that name measures, the likeliest first; len(_NAMES) for another name."""
    own = seen.own_words
    joined = "".join(own)
    for rank, name in enumerate(_NAMES):
        if joined in (name, f"{name}name", f"{name}id", f"{name}key"):
            return rank
    if own[:1] == ("metric",) and own[-1] not in _ABOUT:
        return 0.5  # more is said, such as of which stream of metrics it is the name
    return len(_NAMES)


def _says_value(seen: FieldSeen) -> bool:
    own = seen.own_words
    return "".join(own) in _VALUES or (bool(own) and own[-1] in ("value", "val", "reading"))


def _is_type(seen: FieldSeen) -> bool:
    own = seen.own_words
    return "".join(own) in _TYPES and any(said_kind(text) for text in seen.some)
