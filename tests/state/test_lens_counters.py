"""A board of counters: what is shown is how fast they grow, in every panel."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from state.choice import Choice
from state.measure import Measure
from tests.state.lens_by_hand import US, give, lens_at, look, table_of

BYTES = Measure("bytes", "value", where=("name:eq:bytes",), kind="counter")
CHOICE = Choice("bytes", "host", "rate", window_s=60, points=60, measure=BYTES, identity=("host", "disk"))
SPEED = {("a", "x"): 10.0, ("a", "y"): 20.0, ("b", "x"): 5.0}


def scraped(start, stop, every=5):
    """Every disk of every host at its own phase, and another measure among them."""
    rows = [
        (second, host, disk, "bytes", str(1000 + speed * second))
        for second in range(start, stop)
        for phase, ((host, disk), speed) in enumerate(SPEED.items())
        if second % every == phase
    ]
    rows += [(second, "a", "x", "load", "0.5") for second in range(start, stop)]
    at, host, disk, name, value = zip(*sorted(rows), strict=True)
    return table_of(at, host=list(host), disk=list(disk), name=list(name), value=list(value))


@pytest.fixture
def lens():
    lens = lens_at(CHOICE, 60)
    give(lens, scraped(1, 61))
    return lens


def test_a_series_grows_as_fast_as_its_counters_together(lens):
    frame = look(lens)
    assert frame.slots[:2] == ("a", "b")
    a, b = frame.values[:, 0], frame.values[:, 1]
    np.testing.assert_allclose(a[5:50], 30.0)
    np.testing.assert_allclose(b[5:50], 5.0)
    assert np.isnan(a[-3:]).all()
    assert frame.totals["a"] == pytest.approx(30, rel=0.02)
    assert frame.totals["b"] == pytest.approx(5)
    assert (lens.late, lens.early, lens.valueless) == (0, 0, 0)


def test_the_distribution_and_the_raw_points_show_increases_too(lens):
    frame = look(lens)
    assert set(np.round(frame.raw_values, 6)) == {10.0, 20.0}
    assert frame.counts.sum() == frame.window_events
    assert (frame.edges[0], frame.edges[-1]) == (pytest.approx(5, abs=1), pytest.approx(20, abs=1))
    assert frame.quantiles["p99"] == pytest.approx(20, rel=0.01)


def test_raw_points_fetched_from_the_window_are_those_that_came(lens):
    once = look(lens)
    lens._raw_code = None
    again = look(lens)
    np.testing.assert_array_equal(once.raw_us, again.raw_us)
    np.testing.assert_allclose(once.raw_values, again.raw_values)


@pytest.mark.parametrize("agg", ["mean", "max", "last", "count", "p95"])
def test_any_other_aggregate_is_one_of_the_values_themselves(agg):
    lens = lens_at(Choice("bytes", "host", agg, window_s=60, points=60, measure=BYTES), 60)
    give(lens, table_of([60, 60], host=["a", "a"], name=["bytes"] * 2, value=["7", "7"]))
    assert look(lens).totals["a"] == pytest.approx(2 if agg == "count" else 7)


@given(st.lists(st.integers(2, 59), max_size=6).map(sorted))
@settings(max_examples=20, deadline=None)
def test_batching_changes_no_rate(cuts):
    whole, parts = lens_at(CHOICE, 60), lens_at(CHOICE, 60)
    give(whole, scraped(1, 61))
    for start, stop in zip([1, *cuts], [*cuts, 61], strict=True):
        if start < stop:
            give(parts, scraped(start, stop))
    one, other = look(whole), look(parts)
    np.testing.assert_allclose(one.values, other.values, rtol=1e-9)
    np.testing.assert_array_equal(one.counts, other.counts)
    assert one.totals == pytest.approx(other.totals)


def test_samples_out_of_order_are_late_and_what_is_no_number_is_valueless(lens):
    give(lens, table_of([40, 61], host=["a", "a"], disk=["x", "x"], name=["bytes"] * 2, value=["3", "oops"]))
    assert (lens.late, lens.valueless) == (1, 1)


def test_the_series_without_a_slot_grow_as_fast_as_they_do_together():
    lens = lens_at(CHOICE, 60)
    hosts = [f"h{n:02}" for n in range(20)]
    for second in range(5, 61, 5):
        columns = {"host": hosts, "disk": ["x"] * 20, "name": ["bytes"] * 20}
        give(lens, table_of([second] * 20, value=[n * second for n in range(20)], **columns))
    frame = look(lens)
    shown = [int(name[1:]) for name in frame.slots]
    assert frame.others == 12
    known = frame.other[~np.isnan(frame.other)]
    assert len(known) >= 50
    np.testing.assert_allclose(known, sum(range(20)) - sum(shown))


def test_a_scrape_every_fifteen_seconds_neither_dips_nor_spikes_as_the_clock_runs():
    lens = lens_at(CHOICE, 0)
    for second in range(120):
        lens.advance(1_700_000_000 * US + second * US)
        if second % 15 in (0, 4):
            give(
                lens,
                table_of([second], host=["a"], disk=[str(second % 15)], name=["bytes"], value=[second * 2.0]),
            )
        shown = look(lens).values[:, 0]
        if second > 60:
            np.testing.assert_allclose(shown[~np.isnan(shown)], 4.0)
            assert np.count_nonzero(~np.isnan(shown)) > 40
