"""Fields that are the count, sum, minimum and maximum of one thing are one measure."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.inference import infer
from state.measure import Parts


def of(**columns):
    return {each.name: each.parts for each in infer(pa.table(columns)).measures}


def rows(values):
    """Count, sum, min and max of each of some lists of numbers."""
    return (
        [len(each) for each in values],
        [sum(each) for each in values],
        [min(each) for each in values],
        [max(each) for each in values],
    )


@given(st.lists(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=5), min_size=2, max_size=20))
def test_true_aggregates_are_always_taken_for_ones(values):
    count, total, low, high = rows(values)
    found = of(rtt_count=count, rtt_sum=total, rtt_min=low, rtt_max=high)
    assert found == {"rtt": Parts("rtt_count", "rtt_sum", "rtt_min", "rtt_max")}


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        (("latency.count", "latency.sum", "latency.min", "latency.max"), "latency"),
        (("latencyCount", "latencySum", "latencyMin", "latencyMax"), "latency"),
        (("count_ms", "sum_ms", "min_ms", "max_ms"), "ms"),
        (("count", "sum", "min", "max"), "value"),
        (("count", "total", "minimum", "maximum"), "value"),
    ],
)
def test_parts_are_found_in_every_way_of_naming_them(fields, name):
    columns = dict(zip(fields, rows([[1.0, 2.5], [3.0, 4.0, 9.0]]), strict=True))
    assert of(**columns) == {name: Parts(*fields)}


def test_a_mean_stands_for_the_sum():
    found = of(count=[2, 3], avg=[1.5, 2.5], min=[1.0, 2.0], max=[2.0, 4.0])
    assert found == {"value": Parts("count", "", "min", "max", "avg")}


def test_fields_that_contradict_each_other_are_no_parts():
    found = of(count=[2] * 20, sum=[1.0 + n for n in range(20)], min=[50.0 + n for n in range(20)], max=[90.5] * 20)
    assert found["sum"] is None


def test_bars_of_prices_are_no_aggregates():
    rng = np.random.default_rng(2)
    columns = {name: rng.uniform(90, 110, 50) for name in ("open", "high", "low", "close")}
    found = of(**columns, volume=rng.integers(1, 900, 50), count=rng.integers(1, 90, 50))
    assert set(found.values()) == {None}


def test_running_totals_are_no_aggregates_of_a_bucket():
    grows = np.arange(1, 60)
    found = of(request_count=grows, request_sum=grows * 1.5)
    assert set(found.values()) == {None}


def test_a_count_beside_a_price_is_no_aggregate():
    assert set(of(count=[1, 2, 3], total=[9.0, 20.5, 31.0]).values()) == {None}
