"""Quantiles of histograms, against what was really observed."""

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.http_histograms import Histograms, increase, quantile
from sources.messages import Message, MessageDecoder

BOUNDS = (0.1, 0.5, 1.0, 2.0, 5.0)


def exposition(observed: list[float], *, path: str = "/a", bounds: tuple[float, ...] = BOUNDS) -> bytes:
    lines = ["# TYPE latency_seconds histogram"]
    for bound in (*bounds, math.inf):
        name = "+Inf" if math.isinf(bound) else bound
        lines.append(f'latency_seconds_bucket{{path="{path}",le="{name}"}} {sum(each <= bound for each in observed)}')
    lines += [f'latency_seconds_sum{{path="{path}"}} {sum(observed)}']
    lines += [f'latency_seconds_count{{path="{path}"}} {len(observed)}']
    return "\n".join(lines).encode()


def scrape(text: bytes) -> pa.Table:
    return MessageDecoder("prometheus").batch([Message(text, 1_800_000_000_000_000)]).table


def values(table: pa.Table) -> dict[tuple[str, str | None], float]:
    paths = table["path"].to_pylist() if "path" in table.column_names else [None] * len(table)
    return dict(zip(zip(table["metric"].to_pylist(), paths, strict=True), table["value"].to_pylist(), strict=True))


@given(
    st.lists(st.floats(0, 5, exclude_min=True), max_size=20),
    st.lists(st.floats(0, 5, exclude_min=True), min_size=1, max_size=200),
)
def test_quantiles_lie_in_the_bucket_of_what_was_observed_in_between(before: list[float], since: list[float]) -> None:
    """The oracle knows each observation; of buckets no more can be known than which one it is, and its share of it."""
    histograms = Histograms()
    assert not [name for name, _ in values(histograms.quantiles(scrape(exposition(before)))) if "_p" in name]
    found = values(histograms.quantiles(scrape(exposition(before + since))))
    assert not [name for name, _ in found if name.endswith("_bucket")]
    for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
        value = found[f"latency_seconds_{name}", "/a"]
        rank = share * len(since)
        true = sorted(since)[max(0, math.ceil(rank) - 1)]
        at = next(index for index, bound in enumerate(BOUNDS) if true <= bound)
        low, high = (BOUNDS[at - 1] if at else 0.0), BOUNDS[at]
        under = sum(each <= low for each in since) if at else 0
        inside = sum(low < each <= high for each in since)
        assert value == pytest.approx(low + (high - low) * (rank - under) / inside)
        assert low <= value <= high


def test_many_even_observations_give_nearly_their_true_quantiles() -> None:
    observed = np.random.default_rng(3).uniform(0, 5, 5000).tolist()
    histograms = Histograms()
    histograms.quantiles(scrape(exposition([])))
    found = values(histograms.quantiles(scrape(exposition(observed))))
    for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
        assert found[f"latency_seconds_{name}", "/a"] == pytest.approx(np.quantile(observed, share), abs=0.1)


def test_sum_and_count_and_other_metrics_pass_as_they_are() -> None:
    histograms = Histograms()
    text = exposition([0.2]) + b'\n# TYPE gc summary\ngc{quantile="0.5"} 0.25\n# TYPE up gauge\nup 1'
    histograms.quantiles(scrape(text))
    found = values(histograms.quantiles(scrape(text)))
    assert found == {
        ("latency_seconds_sum", "/a"): 0.2,
        ("latency_seconds_count", "/a"): 1,
        ("gc", None): 0.25,
        ("up", None): 1,
    }


def test_series_are_told_apart_by_their_labels() -> None:
    histograms = Histograms()
    histograms.quantiles(scrape(exposition([], path="/a") + b"\n" + exposition([], path="/b")))
    found = values(
        histograms.quantiles(scrape(exposition([0.2] * 9, path="/a") + b"\n" + exposition([4.0] * 9, path="/b")))
    )
    assert 0.1 < found["latency_seconds_p95", "/a"] <= 0.5
    assert 2.0 < found["latency_seconds_p95", "/b"] <= 5.0


def test_a_histogram_that_begins_anew_has_increased_by_what_it_holds() -> None:
    histograms = Histograms()
    histograms.quantiles(scrape(exposition([4.0] * 50)))
    found = values(histograms.quantiles(scrape(exposition([0.2] * 10))))
    assert 0.1 < found["latency_seconds_p50", "/a"] <= 0.5


def test_a_histogram_whose_buckets_have_changed_begins_again() -> None:
    histograms = Histograms()
    histograms.quantiles(scrape(exposition([0.2])))
    found = values(histograms.quantiles(scrape(exposition([0.2] * 5, bounds=(1.0, 3.0)))))
    assert not [name for name, _ in found if "_p" in name]


@pytest.mark.parametrize(
    ("buckets", "share", "expected"),
    [
        ({1.0: 4.0, 2.0: 8.0, math.inf: 8.0}, 0.5, 1.0),
        ({1.0: 4.0, 2.0: 8.0, math.inf: 16.0}, 0.99, 2.0),  # in the last bucket: the highest bound there is
        ({-1.0: 4.0, math.inf: 4.0}, 0.5, -1.0),
        ({1.0: 4.0, 2.0: 3.0, 4.0: 8.0, math.inf: 8.0}, 0.75, 3.0),  # not monotonic: made so
        ({1.0: 0.0, math.inf: 0.0}, 0.5, None),
        ({math.inf: 4.0}, 0.5, None),
        ({1.0: 4.0, 2.0: 8.0}, 0.5, None),
        (None, 0.5, None),
    ],
)
def test_a_quantile_is_as_promql_has_it(
    buckets: dict[float, float] | None, share: float, expected: float | None
) -> None:
    assert quantile(share, buckets) == expected


def test_nothing_to_compare_with_is_no_increase() -> None:
    assert increase(None, {1.0: 1.0}) is None
