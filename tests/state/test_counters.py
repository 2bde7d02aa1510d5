"""Increases against a plain loop over the samples of each counter, microsecond by microsecond."""

from collections import defaultdict
from statistics import median_high

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from state.counters import LONG, PATIENCE, Counters
from state.intervals import RECENT, SURE

BUCKET = 10
BUCKETS = 8
NOW = 1_000
LEFT = (NOW // BUCKET - BUCKETS + 1) * BUCKET
US = 1_000_000

sample = st.tuples(
    st.integers(LEFT - 30, NOW + 40),  # time
    st.integers(-1, 3),  # counter; of the pairs 0, 1 and 2, 3 each counts to one series
    st.integers(0, 100).map(float) | st.sampled_from([np.nan, np.inf]),
)
shuffled = st.lists(sample, max_size=40)
orderly = st.lists(sample, max_size=60).map(sorted)
SAMPLES = shuffled | orderly


def fed(samples, cuts=(), now=NOW):
    counters = Counters(BUCKET, BUCKETS)
    counters.advance(now)
    rates = []
    for batch in np.split(np.array(samples, float).reshape(-1, 3), sorted(min(cut, len(samples)) for cut in cuts)):
        time, counter = batch[:, 0].astype(np.int64), batch[:, 1].astype(np.int32)
        counters.update(time, counter, counter // 2 * (counter >= 0), batch[:, 2])
        rates += counters.rates.tolist()
    return counters, rates


class Oracle:
    def __init__(self, samples):
        self.increase = defaultdict(float)  # by series and bucket
        observed = defaultdict(int)  # by counter, series and bucket
        self.first, self.newest, self.gaps = {}, {}, defaultdict(list)
        self.rates, self.outdated, self.skipped, self.outside = [], 0, 0, 0
        for time, counter, value in samples:
            self.rates.append(np.nan)
            if counter < 0 or not np.isfinite(value):
                self.skipped += 1
            elif not LEFT <= time < NOW // BUCKET * BUCKET + BUCKET + BUCKETS // 4 * BUCKET:
                self.outside += 1
            elif counter not in self.newest:
                self.newest[counter] = self.first[counter] = time, value
            elif time <= self.newest[counter][0]:
                self.outdated += 1
            else:
                before, old = self.newest[counter]
                gap, recent = time - before, self.gaps[counter][-RECENT:]
                if gap <= BUCKET * BUCKETS and not (len(recent) >= SURE and gap > LONG * median_high(recent)):
                    grown = value - old if value >= old else value
                    self.rates[-1] = grown / gap * US
                    for us in range(before, time):
                        self.increase[counter // 2, us // BUCKET] += grown / gap
                        observed[counter, us // BUCKET] += 1
                self.gaps[counter].append(gap)
                self.newest[counter] = time, value
        self.observed = defaultdict(int)
        for (counter, bucket), length in observed.items():
            self.observed[counter // 2, bucket] = max(self.observed[counter // 2, bucket], length)

    def complete(self, series):
        """From which bucket on and up to which instant all counters of a series have been heard."""
        usual = {counter: median_high(gaps[-RECENT:]) for counter, gaps in self.gaps.items() if gaps}
        began = min((time for time, _ in self.first.values()), default=0)
        since, until = -np.inf, np.inf
        for counter in [counter for counter in self.newest if counter // 2 == series]:
            wait = usual.get(counter, np.median(list(usual.values())) if usual else np.inf)
            patience = max(PATIENCE * wait, 2 * BUCKET)
            first, last = self.first[counter][0], self.newest[counter][0]
            if max(time for time, _ in self.newest.values()) - last <= patience:
                until = min(until, last)
            if first - began <= patience:
                since = max(since, -(-first // BUCKET))
        return since, until

    def known(self, series):
        since, until = self.complete(series)
        for bucket in range(LEFT // BUCKET, LEFT // BUCKET + BUCKETS):
            if bucket >= since and (bucket + 1) * BUCKET <= until:
                yield self.increase[series, bucket], self.observed[series, bucket]
            else:
                yield 0.0, 0


@given(SAMPLES, st.lists(st.integers(0, 60), max_size=5))
@settings(max_examples=300, deadline=None)
def test_every_bucket_equals_the_loop_in_any_batching(samples, cuts):
    counters, rates = fed(samples, cuts)
    oracle = Oracle(samples)
    np.testing.assert_allclose(rates, oracle.rates, rtol=1e-9)
    assert (counters.outdated, counters.skipped) == (oracle.outdated, oracle.skipped)
    assert counters.ring.late + counters.ring.early == oracle.outside
    shown, totals = counters.values([0, 1]), counters.totals()
    for series in (0, 1):
        increase, observed = np.array(list(oracle.known(series))).T
        with np.errstate(invalid="ignore"):
            np.testing.assert_allclose(shown[:, series], increase / observed * US, rtol=1e-9, atol=1e-6)
            expected = increase.sum() / observed.sum() * US
        if series < len(totals):
            np.testing.assert_allclose(totals[series], expected, rtol=1e-9, atol=1e-6)


@given(SAMPLES)
@settings(deadline=None)
def test_several_series_together_are_what_one_series_of_them_is(samples):
    counters, _ = fed(samples)
    one = Counters(BUCKET, BUCKETS)
    one.advance(NOW)
    time, counter, value = np.array(samples, float).reshape(-1, 3).T
    one.update(time.astype(np.int64), counter.astype(np.int32), np.zeros(len(time), np.int32), value)
    expected = one.values([0])[:, 0]
    np.testing.assert_allclose(counters.together([0, 1]), expected, rtol=1e-9, atol=1e-6)
    counters.pour(np.array([1]), 0)
    np.testing.assert_allclose(counters.values([0])[:, 0], expected, rtol=1e-9, atol=1e-6)


@given(
    st.lists(st.tuples(st.integers(3, 9), st.integers(0, 50)), min_size=8, max_size=60),
    st.lists(st.integers(0, 60), max_size=5),
)
@settings(deadline=None)
def test_the_area_under_the_rates_is_the_increase_resets_included(steps, cuts):
    """Regular samples of one counter; a step of more than 40 is a restart that ends at the value step - 40."""
    times = LEFT + np.cumsum([gap for gap, _ in steps])
    steps = [step for step, time in zip(steps, times, strict=True) if time < NOW]
    times = times[times < NOW].tolist()
    values, grown = [1000.0], [0.0]
    for _, step in steps[1:]:
        values.append(float(step - 40) if step > 40 else values[-1] + step)
        grown.append(values[-1] if values[-1] < values[-2] else values[-1] - values[-2])
    counters, _ = fed([(time, 0, value) for time, value in zip(times, values, strict=True)], cuts)
    shown = counters.values([0])[:, 0]
    full = [
        (row, start)
        for row, start in enumerate(counters.ring.times_us)
        if start >= times[0] and start + BUCKET <= times[-1]
    ]
    upto = np.concatenate(([0], np.cumsum(grown[1:]))) if len(grown) > 1 else np.zeros(1)
    for row, start in full:
        expected = np.interp(start + BUCKET, times, upto) - np.interp(start, times, upto)
        assert shown[row] * BUCKET / US == pytest.approx(expected, abs=1e-6)


def test_a_counter_scraped_every_fifteen_seconds_shows_a_steady_rate_in_buckets_of_one() -> None:
    """Three hosts at different phases; the newest buckets wait for the slowest of them.

    .   a  x──────────────x──────────────x            rate 10
        b       x──────────────x──────────────x       rate 20
        c            x──────────────x──────────────x  rate 30
        sum    10   30        60          │ not yet known
    """
    counters = Counters(US, 60)
    for now in range(100):
        counters.advance(now * US)
        hosts = [host for host in range(3) if now % 15 == 5 * host]
        counters.update(
            np.full(len(hosts), now * US),
            np.array(hosts, np.int32),
            np.zeros(len(hosts), np.int32),
            np.array([10.0 * (host + 1) * now for host in hosts]),
        )
        if now > 75:
            shown = counters.values([0])[:, 0]
            known = shown[~np.isnan(shown)]
            np.testing.assert_allclose(known, 60.0)
            assert 45 <= len(known) <= 50
            assert np.isnan(shown[-10:]).all()


def test_a_counter_that_falls_silent_leaves_a_gap_and_comes_back_without_a_spike() -> None:
    at = [*range(20), *range(40, 50)]
    counters = Counters(US, 60)
    counters.advance(50 * US)
    zeros = np.zeros(len(at), np.int32)
    counters.update(np.array(at) * US, zeros, zeros, np.array(at) * 7.0)
    shown = counters.values([0])[-51:, 0]
    np.testing.assert_allclose(shown[:19], 7.0)
    assert np.isnan(shown[19:40]).all()
    np.testing.assert_allclose(shown[40:49], 7.0)
    assert np.isnan(shown[49:]).all()


def test_one_counter_that_died_is_waited_for_two_intervals_and_no_longer() -> None:
    counters = Counters(US, 60)
    now = 59
    counters.advance(now * US)
    for last, counter in ((59, 0), (40, 1)):
        at = np.arange(0, last + 1) * US
        counters.update(at, np.full(len(at), counter, np.int32), np.zeros(len(at), np.int32), at / US)
    shown = counters.values([0])[:, 0]
    np.testing.assert_allclose(shown[:40], 2.0)
    np.testing.assert_allclose(shown[40:59], 1.0)


def test_counters_that_left_the_window_are_forgotten() -> None:
    counters, _ = fed([(NOW, 0, 1.0), (NOW + 1, 0, 2.0)])
    assert counters.series().tolist() == [0]
    counters.advance(NOW + 500)
    assert not counters.active().any()
    assert len(counters.series()) == 0
    assert np.isnan(counters.values([0])).all()


def test_counters_whose_samples_all_come_late_are_summed_over_whole_buckets_only() -> None:
    second, speeds, within = 1_000_000, (1000.0, 2000.0, 500.0), (400_000, 100_000, 700_000)
    counters = Counters(second, 30)
    for now in range(20):
        counters.advance(now * second)
        if now < 2:
            continue
        at = np.array([(now - 2) * second + each for each in within])  # two seconds old when they come
        counters.update(at, np.arange(3, dtype=np.int32), np.zeros(3, np.int32), np.array(speeds) * at / second)
        shown = counters.values([0])[:, 0]
        np.testing.assert_allclose(shown[np.isfinite(shown)], sum(speeds))
    assert np.isfinite(shown).sum() >= 14
