"""From a sample of events to what a board can choose from: roles, measures and the way to tell series apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from sources.batch import RESERVED, TIME
from sources.fields.units import unit
from state.aggregated import find_parts, part_fields
from state.field_seen import FieldSeen, Floats
from state.found import Found, Steps
from state.growth import Codes, Growth, Series, label_codes, needless, series_codes
from state.kinds import kind_of
from state.long_feed import MAX_NAMES, LongFeed, find_long_feed, long_measures
from state.measure import Kind, Measure
from state.metrics_seen import MetricsSeen
from state.preference import by_preference, split_by
from state.roles import role
from state.sample import is_full

MOST_LABELS = 8
"""Numbers are followed within the values of so many fields, one by one; and within those of all together."""

SETTLED = 200
"""Of so many values of the first measure on, the order of a wide feed's measures stands."""


@dataclass(frozen=True, slots=True)
class Inferred:
    """What one sample shows.

    roles       of each field, in order of appearance
    measures    the default first
    dimensions  fields that can split
    split       the default; "" for none
    identity    fields that tell one counter from another
    settled     whether so much was seen of the first measure that the order may stand
    still       measures that have not changed so far, as far as enough was seen of them
    """

    roles: Mapping[str, Found]
    measures: tuple[Measure, ...] = ()
    dimensions: tuple[str, ...] = ()
    split: str = ""
    identity: tuple[str, ...] = ()
    settled: bool = False
    still: frozenset[str] = frozenset()


@np.errstate(over="ignore", invalid="ignore")  # numbers near the largest there is, and infinity
def infer(sample: pa.Table, time_field: str = "", near_us: int | None = None) -> Inferred:
    """Judge the fields of a sample, rows in order of arrival.

    time_field  the field that event time is read from
    near_us     an event time of the sample, microseconds: other fields that hold about the same are times too

    >>> inferred = infer(pa.table({"host": ["a", "b"] * 9, "cpu_pct": [0.5, 0.7] * 9}))
    >>> [(each.name, each.unit) for each in inferred.measures], inferred.split
    ([('cpu_pct', '%')], 'host')
    """
    fields = {name: FieldSeen(name, sample[name]) for name in sample.column_names if name != TIME}
    roles = {name: role(seen, time_field, near_us=near_us) for name, seen in fields.items()}
    groups = _Groups(fields, roles, len(sample))
    for name, seen in fields.items():
        if roles[name].role == "measure" and seen.whole:
            roles[name] = role(seen, time_field, groups.steps(seen), near_us)
    numbers = [name for name, found in roles.items() if found.role == "measure" and not name.startswith(RESERVED)]
    texts = [
        name
        for name, found in roles.items()
        if fields[name].is_text and found.role in ("dimension", "identifier") and not name.startswith(RESERVED)
    ]
    long = find_long_feed(fields, numbers, texts, MAX_NAMES)
    if long is not None:
        return _of_long(long, fields, roles, len(sample))
    return _of_wide(fields, roles, numbers, groups)


def _of_wide(
    fields: Mapping[str, FieldSeen], roles: dict[str, Found], numbers: Sequence[str], groups: "_Groups"
) -> Inferred:
    parts = find_parts({name: fields[name] for name in numbers})
    growths = {name: groups.growth(fields[name]) for name in numbers}
    parts = {
        name: each for name, each in parts.items() if _kind(fields[each.count], growths[each.count])[0] != "counter"
    }
    part_of = {field: name for name, each in parts.items() for field in part_fields(each)}
    measures, varied = [], {}
    for name in numbers:
        whole = part_of.get(name)
        if whole is None:
            kind, why = _kind(fields[name], growths[name])
            measures.append(
                Measure(name, name, (), kind, fields[name].unit_behind or unit(name), None, f"{roles[name].why}; {why}")
            )
            varied[name] = fields[name].distinct
        else:
            roles[name] = Found("measure", f"part of {whole}, which comes aggregated")
            if all(each.name != whole for each in measures):
                why = "comes aggregated: " + ", ".join(sorted(part_fields(parts[whole])))
                measures.append(Measure(whole, "", (), "gauge", unit(whole), parts[whole], why))
                varied[whole] = fields[name].distinct
    ordered = by_preference(measures, fields, varied)
    dimensions = _dimensions(roles)
    counters = [fields[each.field].numbers for each in ordered if each.kind == "counter"]
    identity = _identity(fields, roles, counters, groups.rows)
    first = next(iter(ordered), None)
    settled = first is not None and _held(first, fields).values >= SETTLED
    split = split_by(dimensions, _beside(first, fields), first)
    still = frozenset(name for name, values in varied.items() if values <= 1)
    return Inferred(roles, ordered, dimensions, split, identity, settled, still)


def _held(measure: Measure, fields: Mapping[str, FieldSeen]) -> FieldSeen:
    """The field that a measure of a wide feed is read from; of an aggregate the one that counts."""
    return fields[measure.field or (measure.parts.count if measure.parts else "")]


def _beside(measure: Measure | None, fields: Mapping[str, FieldSeen]) -> Mapping[str, FieldSeen]:
    """The fields as they are in the events that have the measure: the answer to a subscription has a `type` of its own, and no price."""
    held = _held(measure, fields) if measure else None
    if held is None or held.values == held.rows:
        return fields
    there = np.flatnonzero(held.column.is_valid().to_numpy())
    return {name: FieldSeen(name, seen.column.take(there)) for name, seen in fields.items()}


def _of_long(long: LongFeed, fields: Mapping[str, FieldSeen], roles: dict[str, Found], rows: int) -> Inferred:
    for name in long.own & roles.keys():
        if name == long.name:
            roles[name] = Found("name", "names what is measured")
        elif name in long.about:
            roles[name] = Found("name", f"says what {long.name} is counted in, or of what type it is")
        else:
            roles[name] = Found("measure", f"holds what {long.name} names")
    labels = [name for name in _labels(fields, roles) if name not in long.own]
    codes = series_codes([label_codes(fields[name].column) for name in labels], rows)
    values = fields[long.value].numbers if long.value else np.full(rows, np.nan)
    seen = MetricsSeen(fields[long.name].column, values, codes, full=is_full(rows, len(fields)))
    varied = dict(zip(seen.names, np.where(seen.still, 1, 2).tolist(), strict=True))
    ordered = by_preference(long_measures(long, fields, seen), fields, varied)
    of_first = _of_measure(ordered, long, fields)
    for name, found in roles.items():
        if found.role == "identifier" and name not in long.own and not name.startswith(RESERVED):
            # What names a few things of the first measure may name very many of another: processes beside cores.
            there = role(of_first[name])
            roles[name] = there if there.role == "dimension" else found
    dimensions = _dimensions(roles)
    if all(name.startswith(RESERVED) for name in dimensions):
        dimensions = (long.name, *dimensions)
    split = split_by(dimensions, of_first, next(iter(ordered), None))
    settled = bool(ordered) and bool(seen.known[seen.names.index(ordered[0].name)])
    still = frozenset(name for name, values in varied.items() if values <= 1)
    return Inferred(roles, ordered, dimensions, split, tuple(labels), settled, still)


def _of_measure(ordered: Sequence[Measure], long: LongFeed, fields: Mapping[str, FieldSeen]) -> dict[str, FieldSeen]:
    """The fields as they are in the events of the first measure: its labels may be others than its neighbour's."""
    if not ordered:
        return dict(fields)
    own = np.flatnonzero(fields[long.name].column.to_numpy(zero_copy_only=False) == ordered[0].name)
    return {name: FieldSeen(name, seen.column.take(own)) for name, seen in fields.items()}


def _kind(seen: FieldSeen, growth: Growth) -> tuple[Kind, str]:
    return kind_of(seen.name, growth, whole=seen.whole)


def _dimensions(roles: Mapping[str, Found]) -> tuple[str, ...]:
    """Those of the message first, then the transport's."""
    found = [name for name, each in roles.items() if each.role == "dimension"]
    return tuple(sorted(found, key=lambda name: name.startswith(RESERVED)))


def _labels(fields: Mapping[str, FieldSeen], roles: Mapping[str, Found]) -> list[str]:
    """Fields whose values come again and again: what may tell one counter from another."""
    return [
        name
        for name, found in roles.items()
        if not name.startswith(RESERVED)
        and (
            found.role == "dimension"
            or (found.role == "identifier" and 2 * fields[name].distinct < fields[name].values)
        )
    ]


def _identity(
    fields: Mapping[str, FieldSeen], roles: Mapping[str, Found], counters: Sequence[Floats], rows: int
) -> tuple[str, ...]:
    labels = {name: label_codes(fields[name].column) for name in _labels(fields, roles) if fields[name].distinct > 1}
    gone = needless(labels, counters, rows) if counters else set()
    return tuple(name for name in _labels(fields, roles) if name not in gone)


class _Groups:
    """The rows by the values of one label each, by those of all labels, and all in one."""

    def __init__(self, fields: Mapping[str, FieldSeen], roles: Mapping[str, Found], rows: int) -> None:
        self.rows = rows
        labels = [fields[name] for name in _labels(fields, roles) if fields[name].distinct > 1]
        labels.sort(key=lambda seen: -seen.values)
        codes = [label_codes(seen.column) for seen in labels]
        groups: list[Codes] = [np.zeros(rows, np.int64), *codes[:MOST_LABELS]]
        groups += [series_codes(codes, rows)] if len(codes) > 1 else []
        self._series = [Series(group) for group in groups]

    def steps(self, seen: FieldSeen) -> Steps:
        """How a field's numbers go on, in the grouping in which they do so most evenly."""
        return max((series.steps(seen.numbers) for series in self._series), key=lambda each: (each.ones, each.ups))

    def growth(self, seen: FieldSeen) -> Growth:
        """How they grow, in the grouping in which they fall least."""
        found = [series.growth(seen.numbers) for series in self._series]
        return min(found, key=lambda each: (each.falls / max(1, each.rises) if each.rises else np.inf, -each.rises))
