"""Every number of a frame equals what pandas says of the same events, whatever their order and batching."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.fields.event_time import TimeField, event_times, with_event_time
from state.choice import AGGREGATES, Choice
from state.frame import SLOTS, Health
from state.lens import MOST_AHEAD, Lens
from state.measure import Measure, Parts
from state.newest import NEWEST_EVENTS
from state.raw import RAW_EVENTS
from state.segment import Segment, Span
from tests.state.feeds_by_hand import START, events
from tests.state.lens_by_hand import at_second, give, lens_at, look, table_of

US = 1_000_000
NOW = 90
"""Seconds after START at which the frames below are read."""
WINDOW = 60


def spans(batches):
    """Each batch as a span of one shared segment, as a feed hands them on."""
    segment = Segment(0)
    for batch in batches:
        before = len(segment)
        table = batch.table
        segment.append(with_event_time(table, event_times(batch, TimeField("time"))[0]))
        yield Span(segment, before, len(segment))


def frame_of(choice, batches):
    lens = Lens(choice)
    lens.advance((START + NOW) * US)
    for span in spans(batches):
        lens.update([span])
    return lens, lens.frame(seen=0, newest_us=None, health=Health())


row = st.tuples(
    st.integers(0, NOW),  # second of the event
    st.sampled_from("abc"),
    st.one_of(st.floats(-1e6, 1e6), st.just(float("nan"))),
)
feeds = st.lists(st.lists(row, min_size=1, max_size=20), min_size=1, max_size=10)


def batches_of(feed):
    return [
        events([value for _, _, value in rows], at=[at for at, _, _ in rows], host=[host for _, host, _ in rows])
        for rows in feed
    ]


def truth(feed, agg, bucket_s):
    """(bucket, host) → aggregate of the events in the window, by pandas."""
    rows = pd.DataFrame([each for rows in feed for each in rows], columns=["at", "host", "value"]).dropna()
    rows["bucket"] = (START + rows["at"]) // bucket_s * bucket_s
    newest = (START + NOW) // bucket_s * bucket_s
    rows = rows[(rows["bucket"] > newest - WINDOW) & (rows["bucket"] <= newest)]
    # by event time; at equal times the later arrival wins
    groups = rows.sort_values("at", kind="stable").groupby(["bucket", "host"])["value"]
    return groups.count() / bucket_s if agg == "rate" else groups.agg(agg)


@pytest.mark.parametrize("agg", [agg for agg in AGGREGATES if not agg.startswith("p")])
@given(feed=feeds)
def test_every_bucket_equals_pandas(agg, feed):
    choice = Choice(value="value", by="host", agg=agg, window_s=WINDOW, points=12)
    _, frame = frame_of(choice, batches_of(feed))
    expected = truth(feed, agg, choice.bucket_us // US)
    empty = 0.0 if agg in ("count", "rate", "sum") else np.nan
    for slot, host in enumerate(frame.slots):
        first = min((bucket for bucket, name in expected.index if name == host), default=None)
        for at, got in zip(frame.times_us // US, frame.values[:, slot], strict=True):
            known = host is not None and at >= first
            want = expected.get((at, host), empty if known else np.nan)
            assert got == pytest.approx(want, rel=1e-9, abs=1e-6, nan_ok=True)


@given(feed=feeds)
def test_the_counts_of_all_panels_agree_with_the_events(feed):
    lens, frame = frame_of(Choice(value="value", by="host", agg="count", window_s=WINDOW, points=60), batches_of(feed))
    given_events = [each for rows in feed for each in rows]
    finite = [each for each in given_events if not np.isnan(each[2])]
    young = [each for each in finite if each[0] > NOW - WINDOW]
    assert frame.window_events == len(young)
    assert frame.counts.sum() == len(young)
    assert sum(frame.totals.values()) == len(young)
    assert lens.late == len(finite) - len(young)
    assert lens.valueless == len(given_events) - len(finite)
    raw = [each for each in young if each[1] == frame.raw_series]
    assert frame.raw_events == len(raw)
    assert sorted(frame.raw_values) == sorted(value for _, _, value in raw)
    assert len(frame.newest) == min(NEWEST_EVENTS, len(given_events))


@given(feed=feeds, cuts=st.integers(1, 5))
def test_batching_changes_nothing(feed, cuts):
    choice = Choice(value="value", by="host", agg="mean", window_s=WINDOW, points=60)
    flat = [each for rows in feed for each in rows]
    rebatched = [flat[start : start + cuts] for start in range(0, len(flat), cuts)]
    _, one = frame_of(choice, batches_of(feed))
    _, other = frame_of(choice, batches_of(rebatched))
    if one.slots == other.slots:  # who sits where depends on who came first, by design
        np.testing.assert_allclose(one.values, other.values, rtol=1e-9, atol=1e-6)
    np.testing.assert_array_equal(one.counts, other.counts)
    assert {k: pytest.approx(v, rel=1e-9, abs=1e-6) for k, v in one.totals.items()} == dict(other.totals)


@given(values=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=200))
def test_quantiles_are_within_one_percent_of_the_order_statistic(values):
    _, frame = frame_of(Choice(value="value", window_s=WINDOW), [events(values, at=[NOW] * len(values))])
    for name, q in (("p50", 0.50), ("p95", 0.95), ("p99", 0.99)):
        exact = float(np.quantile(values, q, method="inverted_cdf"))
        assert frame.quantiles[name] == pytest.approx(exact, rel=0.0101, abs=1e-12)


def test_a_series_keeps_its_slot_while_others_come_and_go():
    choice = Choice(value="value", by="host", window_s=10)
    lens = Lens(choice)
    feed = [
        events([1.0, 1.0], at=[0, 0], host=["a", "b"]),
        events([1.0, 1.0], at=[8, 8], host=["b", "c"]),  # a falls silent
        events([1.0, 1.0], at=[16, 16], host=["b", "d"]),  # a has left the window, d takes its slot
    ]
    seated = []
    for now, span in zip((0, 8, 16), spans(feed), strict=True):
        lens.advance((START + now) * US)
        lens.update([span])
        seated.append(lens.frame(seen=0, newest_us=None, health=Health()).slots[:4])
    assert seated == [("a", "b", None, None), ("a", "b", "c", None), ("d", "b", "c", None)]


def test_more_series_than_slots_shows_the_busiest_and_counts_the_rest():
    hosts = [f"host-{n:02}" for n in range(20)]
    rows = [host for n, host in enumerate(hosts) for _ in range(n + 1)]
    _, frame = frame_of(
        Choice(value="value", by="host", agg="count", window_s=WINDOW),
        [events([1.0] * len(rows), at=[NOW] * len(rows), host=rows)],
    )
    assert frame.series == 20
    assert sorted(filter(None, frame.slots)) == hosts[-SLOTS:]
    assert next(iter(frame.totals)) == "host-19"


def test_filters_hold_for_every_panel():
    choice = Choice(value="value", by="host", agg="count", where=("host:eq:a", "value:gt:1"), window_s=WINDOW)
    _, frame = frame_of(choice, [events([1, 2, 3, 4], at=[NOW] * 4, host=["a", "a", "b", "a"])])
    assert frame.window_events == 2
    assert dict(frame.totals) == {"a": 2}
    assert frame.newest["value"].to_pylist() == [4, 2]
    assert frame.raw_values.tolist() == [2, 4]


def test_a_feed_without_a_measure_is_counted():
    _, frame = frame_of(Choice(agg="count", window_s=WINDOW), [events([np.nan] * 3, at=[NOW] * 3)])
    assert dict(frame.totals) == {"events": 3}


def test_history_older_than_the_window_is_not_late():
    lens = Lens(Choice(value="value", window_s=WINDOW))
    lens.advance((START + NOW) * US)
    lens.update(spans([events([1.0, 2.0], at=[0, NOW])]), history=True)
    assert lens.late == 0
    assert lens.frame(seen=0, newest_us=None, health=Health()).window_events == 1


def test_raw_points_are_the_newest_events_of_the_series_even_after_it_changed():
    values = np.arange(3.0 * RAW_EVENTS)
    hosts = ["a", "b"] * (len(values) // 2)
    lens = Lens(Choice(value="value", by="host", window_s=WINDOW, points=10**6))
    lens.advance((START + NOW) * US)
    lens.update(spans([events(values, at=np.linspace(NOW - 10, NOW, len(values)).tolist(), host=hosts)]))
    frame = lens.frame(seen=0, newest_us=None, health=Health())
    assert frame.raw_series == "a"
    assert frame.raw_events == RAW_EVENTS
    assert set(frame.raw_values) <= set(values[hosts.index("a") :: 2][-RAW_EVENTS:])


def test_the_histogram_regains_its_detail_once_an_outlier_has_left():
    lens = Lens(Choice(value="value", window_s=10))
    feed = list(spans([events([1e9], at=[0]), events(np.linspace(0, 1, 100).tolist(), at=[9] * 100)]))
    lens.advance((START + 9) * US)
    lens.update(feed)
    assert lens.frame(seen=0, newest_us=None, health=Health()).counts[:, 0].sum() == 100
    lens.advance((START + 12) * US)
    frame = lens.frame(seen=0, newest_us=None, health=Health())
    assert frame.counts.shape[1] > 20
    assert frame.counts.sum() == 100


def test_an_empty_board_is_all_missing_and_raises_nothing():
    lens = Lens(Choice(value="value", by="host", window_s=WINDOW))
    lens.advance(START * US)
    frame = lens.frame(seen=0, newest_us=None, health=Health())
    assert frame.slots == (None,) * SLOTS
    assert np.isnan(frame.values).all()
    assert (frame.window_events, len(frame.newest), dict(frame.quantiles)) == (0, 0, {})


@pytest.mark.parametrize("agg", [agg for agg in AGGREGATES if not agg.startswith("p")])
def test_the_series_without_a_slot_are_one_line_as_pandas_has_it(agg):
    rng = np.random.default_rng(7)
    rows = [
        (int(at), f"host-{host:02}", float(at if agg == "last" else value))  # of equal times, any may be the last
        for at, host, value in zip(
            np.sort(rng.integers(0, NOW + 1, 2000)), rng.integers(0, 20, 2000), rng.normal(5, 3, 2000), strict=True
        )
    ]
    feed = [rows[start : start + 100] for start in range(0, 2000, 100)]
    choice = Choice(value="value", by="host", agg=agg, window_s=WINDOW, points=12)
    lens = Lens(choice)
    lens.advance((START + NOW) * US)
    for span in spans(batches_of(feed)):
        lens.update([span])
        frame = lens.frame(seen=0, newest_us=None, health=Health())
    rest = [[(at, "rest", value) for at, host, value in batch if host not in frame.slots] for batch in feed]
    expected = truth(rest, agg, choice.bucket_us // US)
    assert (frame.others, frame.series, frame.distinct) == (12, 20, 20)
    np.testing.assert_allclose(frame.other, [expected[at, "rest"] for at in frame.times_us // US], rtol=1e-9)


def test_where_every_series_has_a_slot_there_are_no_others():
    _, frame = frame_of(Choice(value="value", by="host", window_s=WINDOW), [events([1.0, 2.0], at=[NOW, NOW])])
    assert (frame.others, len(frame.other), dict(frame.unsure), dict(frame.overview)) == (0, 0, {}, {})


def test_a_measure_of_a_long_feed_is_read_where_its_name_says_so():
    load = Measure("load", "value", where=("host:eq:load",))
    choice = Choice(value="load", agg="mean", window_s=WINDOW, where=("value:lt:9",), measure=load)
    _, frame = frame_of(choice, [events([1, 2, 3, 9], at=[NOW] * 4, host=["load", "heat", "load", "load"])])
    assert dict(frame.totals) == {"load": 2.0}
    assert frame.window_events == 2
    assert frame.newest["value"].to_pylist() == [3, 1]


def test_rows_that_are_aggregates_are_merged_and_the_frame_counts_rows():
    latency = Measure("latency", "", parts=Parts(count="n", mean="avg", min="low", max="high"))
    columns = {
        "host": ["a", "a", "a", "b", "b"],
        "n": [1, 3, 0, 2, None],
        "avg": [10.0, 20.0, None, 7.0, 1.0],
        "low": [10.0, 5.0, None, 6.0, 0.0],
        "high": [10.0, 40.0, None, 8.0, 99.0],
    }
    shown = {}
    for agg in AGGREGATES:
        lens = lens_at(Choice("latency", "host", agg, window_s=10, points=10, measure=latency), 9)
        give(lens, table_of([8, 8, 8, 9, 9], **columns))
        frame = look(lens)
        shown[agg] = frame.totals
        assert frame.window_events == frame.counts.sum() == 3
        assert frame.raw_values.tolist() == [10.0, 20.0]
        assert lens.valueless == 1
    assert shown["count"] == {"a": 4, "b": 2}
    assert shown["mean"] == {"a": 17.5, "b": 7}
    assert shown["sum"] == {"a": 70, "b": 14}
    assert (shown["min"], shown["max"]) == ({"b": 6, "a": 5}, {"a": 40, "b": 8})
    assert shown["last"] == {"a": 20, "b": 7}
    assert shown["rate"] == {"a": 2, "b": 2}
    assert shown["p50"] == pytest.approx({"a": 10, "b": 7}, rel=0.003)


def test_of_events_that_came_too_early_only_so_many_are_remembered():
    early = [NOW + 10_000] * (MOST_AHEAD // 4)
    lens, _ = frame_of(Choice(value="value", window_s=WINDOW), [events([1.0] * len(early), at=early)] * 5)
    assert lens.early == 5 * len(early)
    assert len(lens._ahead) == MOST_AHEAD


def test_an_event_that_came_too_early_is_in_no_panel_when_its_time_comes():
    lens = lens_at(Choice("load", window_s=60, points=60), 0)
    give(lens, table_of([0, 1, 1, 1, 20], load=[1e9, 1.0, 2.0, 3.0, 2.5]))
    lens.advance(at_second(60.5))  # the outlier has left, so the histogram is counted anew, from what is held
    frame = look(lens)
    assert frame.counts.shape[1] > 20
    assert (lens.early, frame.window_events, frame.counts.sum()) == (1, 3, 3)
    assert frame.raw_values.tolist() == [1.0, 2.0, 3.0]


def test_a_histogram_is_not_counted_anew_from_less_than_it_holds():
    lens = lens_at(Choice("load", where=("host:eq:a",), window_s=60, points=60), 0)
    lens.window.max_events = 4
    give(lens, table_of([0, 1, 1, 1], host=["a"] * 4, load=[1e9, 1.0, 2.0, 3.0]))
    give(lens, table_of([2, 2, 2], host=["b"] * 3, load=[0.0] * 3))  # takes the room of what is shown
    lens.advance(at_second(60.5))
    frame = look(lens)
    assert frame.window_events == frame.counts.sum() == 3


def test_all_that_the_first_bucket_shows_is_held():
    """A window of 7 s in buckets of 2 s begins up to a second before it would."""
    lens = lens_at(Choice("load", window_s=7, points=4), 0.5)
    give(lens, table_of([0.5], load=[1.0]))
    lens.advance(at_second(7.9))
    assert len(lens.window) == look(lens).window_events == 1
