"""Counters are told from gauges within each series, whatever stands between its events."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.growth import Series, label_codes, needless, series_codes
from state.inference import infer
from state.kinds import NAMED, WHOLE, kind_of


def measure(name, values, **labels):
    found = infer(pa.table({**labels, name: values}))
    return next(each for each in found.measures if each.name == name)


def growth(values, codes=None):
    values = np.asarray(values, float)
    return Series(np.zeros(len(values), np.int64) if codes is None else codes).growth(values)


@st.composite
def sawteeth(draw):
    """A counter that restarts now and then, each time after a good while."""
    runs = draw(st.lists(st.lists(st.integers(0, 50), min_size=20, max_size=60), min_size=1, max_size=4))
    steps = [np.cumsum([1 + step for step in run]) for run in runs]
    return np.concatenate(steps)


@given(sawteeth())
def test_a_sawtooth_with_restarts_is_a_counter(values):
    assert growth(values).counts_up(NAMED)


@given(st.integers(0, 2**32 - 1))
def test_a_random_walk_is_none(seed):
    steps = np.random.default_rng(seed).choice([-1.0, 1.0], 200)
    assert not growth(1000 + np.cumsum(steps)).counts_up(NAMED)


@given(st.integers(0, 2**32 - 1))
def test_a_gauge_that_grows_with_noise_is_none(seed):
    noise = np.random.default_rng(seed).normal(0, 3, 60)
    assert not growth(100 + np.arange(60) + noise).counts_up(NAMED)


@given(st.integers(2, 6), st.integers(0, 2**32 - 1))
def test_counters_of_several_series_in_any_turn_are_each_judged_on_their_own(series, seed):
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, series, 200)
    values = np.zeros(200)
    for code in range(series):
        own = codes == code
        values[own] = rng.integers(0, 10**6) + np.cumsum(rng.integers(1, 9, own.sum()))
    assert growth(values, codes).counts_up(WHOLE)


def test_fewer_than_five_rising_steps_are_no_evidence():
    assert not growth([1, 2, 3, 4, 5]).counts_up(0)
    assert growth([1, 2, 3, 4, 5, 6]).counts_up(0)


def test_short_series_that_all_rise_without_a_fall_are_evidence_together():
    codes = np.arange(16) % 4
    rising = 1000 * codes + 7 * np.arange(16)
    assert growth(rising, codes).counts_up(WHOLE)
    assert not growth(rising[:12], codes[:12]).counts_up(NAMED)
    rising[9] -= 40
    assert not growth(rising, codes).counts_up(NAMED)


def test_what_is_named_as_an_amount_but_only_grows_for_each_metric_and_thing_is_a_counter():
    things, metrics = ["north", "south", "east", "west"] * 10, ["fill"] * 20 + ["octets_in"] * 20
    values = [50 + n * 37 % 23 for n in range(20)] + [900_000 * (n % 4) + 311 * n for n in range(20)]
    order = [n // 2 + 20 * (n % 2) for n in range(40)]
    table = pa.table({"metric": metrics, "gate": things, "value": values}).take(order)
    assert {each.name: each.kind for each in infer(table).measures} == {"fill": "gauge", "octets_in": "counter"}


def test_a_counter_that_mostly_stands_still_is_one():
    assert growth(np.repeat(np.arange(8), 30)).counts_up(NAMED)


def test_what_falls_below_zero_counts_nothing():
    assert not growth(np.arange(-10, 10)).counts_up(0)


def test_a_few_events_out_of_order_speak_against_nothing():
    values = np.arange(300.0)
    values[[100, 101]] = values[[101, 100]]
    assert growth(values).counts_up(NAMED)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("http_requests_total", "counter"),
        ("bytes_sent", "counter"),
        ("net.rxBytes", "counter"),
        ("uptime", "counter"),
        ("energy_kwh", "counter"),
        ("activeEnergyKwh", "counter"),
        ("handled", "counter"),
        ("temperature", "gauge"),
        ("queue_depth", "gauge"),
        ("memory_used_bytes", "gauge"),
    ],
)
def test_the_kind_of_numbers_that_only_grow(name, kind):
    values = [1000 * (n % 2) + 3 * n + n % 5 for n in range(80)]
    assert measure(name, values, host=["a", "b"] * 40).kind == kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("quantity", "amount"),
        ("fare_amount", "amount"),
        ("response.bytes", "amount"),
        ("revenue_usd", "amount"),
        ("requests", "amount"),
        ("volume_24h", "gauge"),
        ("heap_bytes", "gauge"),
        ("latency_ms", "gauge"),
        ("price", "gauge"),
        ("active_requests", "gauge"),
        ("requests_per_second", "gauge"),
    ],
)
def test_the_kind_of_numbers_that_go_up_and_down(name, kind):
    rng = np.random.default_rng(1)
    assert measure(name, rng.uniform(0, 100, 80).round(2), host=["a", "b"] * 40).kind == kind


def test_a_type_that_says_counter_is_believed_unless_the_numbers_fall():
    steady, falling = growth([1, 2, 3]), growth([5, 1, 2, 3, 4, 5, 6, 4, 5, 3, 6])
    assert kind_of("x", steady, whole=True, said="counter")[0] == "counter"
    assert kind_of("x", falling, whole=True, said="counter")[0] == "amount"


def test_labels_that_change_within_a_counter_do_not_tell_it_from_others():
    hosts = ["a", "b"] * 60
    states = ["ok", "ok", "slow", "ok", "ok", "slow"] * 20
    table = pa.table({"host": hosts, "state": states, "bytes_total": [10_000 * (n % 2) + 7 * n for n in range(120)]})
    found = infer(table)
    assert found.measures[0].kind == "counter"
    assert found.identity == ("host",)


def test_labels_that_tell_counters_apart_are_kept():
    rows = 120
    columns = {"host": np.array([0, 0, 1, 1] * 30), "core": np.array([0, 1] * 60)}
    starts = np.array([10, 5000, 900_000, 70_000])[np.arange(rows) % 4]
    assert needless(columns, [starts + np.arange(rows)], rows) == set()


def test_series_are_told_by_all_labels_and_nulls_are_a_value():
    one = label_codes(pa.chunked_array([["a", "a", None, None]]))
    two = label_codes(pa.chunked_array([["x", "y", "x", "x"]]))
    codes = series_codes([one, two], 4)
    assert len(set(codes[:3])) == 3
    assert codes[2] == codes[3]


def test_very_many_labels_run_over_into_nothing():
    labels = [np.arange(1000) % 997 for _ in range(12)]
    assert len(set(series_codes(labels, 1000).tolist())) == 997
