"""The numbers of a measure in the rows of a table."""

import numpy as np
import pyarrow as pa

from sources.fields.numbers import numbers
from state.frame import Floats
from state.measure import Measure, Parts


def values(measure: Measure, table: pa.Table) -> Floats:
    """(n,) one number a row, NaN where there is none: 1 if events are counted, the mean of a row that is an aggregate.

    >>> values(Measure("", ""), pa.table({"load": [0.5, 0.7]}))
    array([1., 1.])
    """
    if measure.parts is not None:
        return means(rows(measure.parts, table))
    return numbers(table, measure.field) if measure.field else np.ones(len(table))


def rows(parts: Parts, table: pa.Table) -> Floats:
    """(4, n) count, sum, min and max of each row, as `Rollup.update_rows` takes them; NaN where the row does not say.

    >>> rows(Parts(count="n", mean="avg"), pa.table({"n": [4, 0], "avg": [2.5, None]})).tolist()
    [[4.0, 0.0], [10.0, nan], [nan, nan], [nan, nan]]
    """
    count = numbers(table, parts.count)
    with np.errstate(over="ignore", invalid="ignore"):
        total = numbers(table, parts.sum) if parts.sum else count * numbers(table, parts.mean)
    low, high = (numbers(table, name) if name else np.full(len(table), np.nan) for name in (parts.min, parts.max))
    return np.stack([count, total, low, high])


def means(parts: Floats) -> Floats:
    """(n,) what each of (4, n) rows holds in the mean; NaN for one that stands for no event."""
    count, total = parts[0], parts[1]
    usable = np.isfinite(count) & np.isfinite(total) & (count > 0)
    return np.asarray(np.divide(total, count, out=np.full(len(count), np.nan), where=usable))
