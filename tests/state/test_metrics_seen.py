"""What a sample shows of a long feed's metrics, held against a look at each by itself."""

from collections import Counter

import numpy as np
import pyarrow as pa

from state.metrics_seen import STEPS, MetricsSeen

CHANCE = np.random.default_rng(4)


def sample(rows=2000):
    """Metrics of a few series each, some of which never change."""
    metric = [f"m{n}" for n in CHANCE.integers(0, 30, rows)]
    labels = CHANCE.integers(0, 4, rows)
    values = np.array(
        [float(labels[at]) if name[-1] in "13" else float(CHANCE.integers(0, 3)) for at, name in enumerate(metric)]
    )
    values[CHANCE.random(rows) < 0.1] = np.nan
    return metric, values, labels


def test_steps_and_what_stands_still_are_those_of_each_series():
    metric, values, labels = sample()
    seen = MetricsSeen(pa.chunked_array([metric]), values, labels)
    for code, name in enumerate(seen.names):
        rows = [at for at, each in enumerate(metric) if each == name]
        assert seen.rows(code).tolist() == rows
        series = [
            [values[at] for at in rows if labels[at] == label and np.isfinite(values[at])] for label in set(labels)
        ]
        series = [each for each in series if each]
        assert seen.steps[code] == (sum(map(len, series)) - len(series)) / len(series)
        changes = any(len(set(each)) > 1 for each in series)
        assert bool(seen.still[code]) == (not changes and seen.steps[code] >= STEPS)
    assert 0 < seen.still.sum() < len(seen.names)


def test_of_one_scrape_nothing_is_known():
    seen = MetricsSeen(pa.chunked_array([["a", "b", "b"]]), np.array([1.0, 2.0, 2.0]), np.array([0, 1, 2]))
    assert not seen.known.any()
    assert not seen.still.any()


def test_where_a_sample_holds_no_more_fewer_steps_tell():
    metric, values = pa.chunked_array([["a", "b"] * 5]), np.array([1.0, 7.0, 2.0, 7.0, 3.0, 7.0] + [4.0, 7.0] * 2)
    few, full = (MetricsSeen(metric, values, np.zeros(10, np.int64), full=full) for full in (False, True))
    assert (few.known.any(), full.known.all(), full.still.tolist()) == (False, True, [False, True])


def test_the_commonest_text_of_each_metric():
    metric, values, labels = sample(300)
    texts = [None if n % 7 == 0 else "xyz"[int(each)] for n, each in enumerate(CHANCE.integers(0, 3, 300))]
    seen = MetricsSeen(pa.chunked_array([[*metric, "bare"]]), np.append(values, 1.0), np.append(labels, 0))
    for name, common in zip(seen.names, seen.common(pa.chunked_array([[*texts, None]])), strict=True):
        counts = Counter(
            text for at, text in zip([*metric, "bare"], [*texts, None], strict=True) if at == name and text
        )
        assert (common in {text for text in counts if counts[text] == max(counts.values())}) if counts else common == ""


def test_rows_without_a_name_or_a_number_are_of_no_metric():
    seen = MetricsSeen(
        pa.chunked_array([[None, "a", None, "a"]]), np.array([1.0, np.nan, 2.0, np.nan]), np.zeros(4, int)
    )
    assert (seen.names, seen.rows(0).tolist(), seen.steps.tolist()) == (["a"], [1, 3], [0.0])
