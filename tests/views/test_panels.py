"""What each panel makes of its data."""

import datetime as dt
import math
import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.choice import Choice
from state.frame import Frame, Health
from state.measure import Measure
from tests.views.sample_frames import NOW_US, SLOTS, crowded_frame, empty_frame, sample_frame
from views import PANELS, breakdown, distribution, heatmap, kpi, vega
from views.numbers import duration, number
from views.palette import NEUTRAL, SLOT_COLORS
from views.panel import FILLING, Chart, Html, Missing, Table


def table_of(name: str, frame: Frame) -> pa.Table:
    payload = PANELS[name].prepare(frame)
    assert isinstance(payload, Chart)
    return pa.ipc.open_stream(payload.rows).read_all()


def rows_of(name: str, frame: Frame) -> dict[str, np.ndarray]:
    table = table_of(name, frame)
    return {field: np.array(table[field].to_pylist(), float) for field in table.column_names}


def html_of(name: str, frame: Frame) -> str:
    payload = PANELS[name].prepare(frame)
    assert isinstance(payload, Html)
    return payload.text


@pytest.mark.parametrize("agg", ["mean", *FILLING])
def test_series_shows_every_bucket_but_a_sum_that_is_still_growing(agg: str) -> None:
    frame = sample_frame(choice=Choice("latency_ms", "service", agg))
    rows = rows_of("series", frame)
    values = frame.values.copy()
    values[-1] = np.nan if agg in FILLING else values[-1]
    for slot in range(3):
        np.testing.assert_allclose(rows[f"s{slot}"], values[:, slot], rtol=1e-6)
    assert set(rows) == {"t0", "s0", "s1", "s2"}
    buckets = np.arange(len(frame.times_us))
    np.testing.assert_array_equal(rows["t0"] + buckets * frame.choice.bucket_us / 1000, frame.times_us / 1000)


@given(st.lists(st.booleans(), min_size=1, max_size=40))
def test_a_line_passes_over_usual_gaps_and_what_it_cannot_reach_is_a_dot(known: list[bool]) -> None:
    frame = sample_frame()
    buckets = len(frame.times_us)
    values = np.full((buckets, SLOTS), np.nan)
    values[: len(known), 2] = np.where(known, 1.0, np.nan)
    values[-1, 0] = 1.0
    places = [place for place, here in enumerate(known) if here]
    steps = [after - before for before, after in pairwise(places)]
    usual = 3 * sorted(steps)[math.floor(0.95 * (len(steps) - 1))] if len(steps) > 1 else 1
    joined = [(before, after) for before, after in pairwise(places) if after - before <= usual]
    rows = table_of("series", replace(frame, values=values))
    passed_over = np.flatnonzero(rows["s2"].is_null().to_numpy())
    assert passed_over.tolist() == [place for before, after in joined for place in range(before + 1, after)]
    reached = {place for pair in joined for place in pair}
    assert np.flatnonzero(rows["lone"].to_numpy() & 4).tolist() == [place for place in places if place not in reached]


def test_a_series_keeps_its_colour_while_others_come_and_go() -> None:
    slots = (None, "b", None, *[None] * (SLOTS - 3))
    payload = PANELS["series"].prepare(replace(sample_frame(), slots=slots))
    assert isinstance(payload, Chart)
    color = payload.spec["layer"][0]["encoding"]["color"]
    assert color["scale"] == {"domain": ["s1"], "range": [SLOT_COLORS[1]]}


def test_raw_spans_its_own_points_and_breaks_where_there_was_silence() -> None:
    frame = sample_frame()
    times = np.concatenate((np.arange(100), np.arange(200, 280))) * 1_000_000 + frame.start_us
    rows = rows_of("raw", replace(frame, raw_us=times, raw_values=np.ones(180)))
    assert rows["ms"][0] == 0
    assert rows["ms"][-1] == 279_000
    assert np.flatnonzero(np.isnan(rows["v"])).tolist() == [100]


@pytest.mark.parametrize("last_us", [65_535_000, 65_535_400, 65_535_700, 65_536_000])
def test_raw_times_are_right_at_the_end_of_what_two_bytes_hold(last_us: int) -> None:
    frame = sample_frame()
    rows = rows_of("raw", replace(frame, raw_us=np.array([0, last_us]) + frame.start_us, raw_values=np.ones(2)))
    assert rows["ms"][-1] == pytest.approx(last_us / 1000, abs=0.5)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=200).filter(any), st.integers(1, 60))
def test_merged_bins_are_few_cover_every_event_and_start_at_multiples_of_their_width(
    counts: list[int], most: int
) -> None:
    first, last, width = vega.merged_bins(np.array(counts), most)
    assert sum(counts[first:last]) == sum(counts)
    assert -(-(last - first) // width) <= most
    assert first % width == 0


@given(st.integers(0, 2**32 - 1))
def test_distribution_and_heat_map_show_every_event(seed: int) -> None:
    counts = np.random.default_rng(seed).poisson(0.02, (300, 64))
    counts[0, 0] += 1
    frame = replace(sample_frame(), counts=counts)
    bars = rows_of("distribution", frame)
    assert bars["n"].sum() == counts.sum()
    assert (bars["q"] == 0).sum() <= distribution.BARS
    cells = rows_of("heatmap", frame)
    assert cells["n"].sum() == counts.sum()
    assert len(np.unique(cells["t"])) <= heatmap.COLUMNS + 2
    assert len(np.unique(cells["y0"])) <= heatmap.ROWS


def test_heat_map_columns_stay_where_they_are_as_the_window_moves() -> None:
    frame = sample_frame()
    later = replace(frame, times_us=frame.times_us + frame.choice.bucket_us)
    assert len(set(rows_of("heatmap", frame)["t"]) & set(rows_of("heatmap", later)["t"])) >= heatmap.COLUMNS - 1


def test_distribution_marks_the_quantiles() -> None:
    rows = rows_of("distribution", sample_frame())
    assert rows["x0"][rows["q"] > 0].tolist() == [104, 170, 205]


def test_key_figures_tell_the_newest_value_and_the_change() -> None:
    frame = sample_frame()
    values = np.full_like(frame.values, np.nan)
    values[3, 0], values[-2, 0] = 80.0, 100.0
    text = html_of("kpi", replace(frame, values=values))
    assert "100<small>ms</small>" in text
    assert "↗ +20 (+25.0%)" in text
    assert text.count("no value") == 2


@given(st.lists(st.floats(allow_infinity=False), min_size=1, max_size=100))
def test_a_sparkline_stays_in_its_box(values: list[float]) -> None:
    points = [point.split() for point in kpi.sparkline(np.array(values)).replace("%", "").split(",")]
    assert len(points) <= 42
    assert all(0 <= float(number) <= 100 for point in points for number in point)


def test_breakdown_tells_how_many_it_leaves_out() -> None:
    totals = {f"series {place}": 100.0 - place for place in range(50)}
    text = html_of("breakdown", replace(sample_frame(), totals=totals, series=200))
    assert text.count('class="pb-bar"') == breakdown.BARS
    assert "top 12 of 200" in text


def test_breakdown_draws_both_signs_from_one_zero() -> None:
    text = html_of("breakdown", replace(sample_frame(), totals={"up": 30.0, "down": -10.0}))
    assert re.findall(r"margin-left:([\d.]+)%;width:([\d.]+)%", text) == [("25.0", "75.0"), ("0.0", "25.0")]


def test_events_show_the_time_first_and_the_transport_last() -> None:
    fields = {f"_t{place}": [place] for place in range(9)} | {f"m{place}": [place] for place in range(9)}
    newest = pa.table(fields | {"_time": pa.array([NOW_US], pa.timestamp("us", "UTC"))})
    payload = PANELS["events"].prepare(replace(sample_frame(), newest=newest))
    assert isinstance(payload, Table)
    assert payload.columns == ("time", *(f"m{place}" for place in range(6)), "_t0", "_t1", "_t2")
    assert payload.muted == 3


def test_events_stand_in_the_viewers_zone() -> None:
    payload = PANELS["events"].prepare(sample_frame())
    assert isinstance(payload, Table)
    zone = dt.timezone(dt.timedelta(hours=2), "Kaliningrad")
    utc, local = payload.html(dt.UTC), payload.html(zone)
    assert "time (UTC)" in utc
    assert "time (Kaliningrad)" in local
    hour = dt.datetime.fromtimestamp(NOW_US / 1e6, zone).strftime("<td>%H:")
    assert hour in local
    assert hour not in utc


def test_health_is_quiet_while_all_is_well_and_marks_what_is_not() -> None:
    frame = sample_frame()
    well = replace(frame, health=replace(frame.health, malformed=0, samples=()))
    ill = replace(frame, health=replace(frame.health, late=7, dropped=9, lag={}))
    assert "warning" not in html_of("health", well)
    text = html_of("health", ill)
    assert text.count(">warning<") == 2
    assert text.count(">error<") == 1
    assert "unknown" in text
    assert r"&lt;script&gt;\xff" in text


def test_a_change_is_of_tenths_not_of_two_noisy_buckets() -> None:
    frame = sample_frame()
    values = np.full_like(frame.values, np.nan)
    buckets = len(values)
    values[:, 0] = 100.0
    values[: buckets // 10 : 2, 0], values[1 : buckets // 10 : 2, 0] = 90.0, 110.0
    values[-1, 0] = 150.0
    text = html_of("kpi", replace(frame, values=values))
    assert "150<small>ms</small>" in text
    assert f"({50 / (buckets // 10) / 100:+.1%})" in text


def test_a_series_that_fell_silent_does_not_look_alive() -> None:
    frame = sample_frame()
    values = np.full_like(frame.values, 1.0)
    values[-20:, 1] = np.nan
    values[::10, 2], values[np.arange(len(values)) % 10 > 0, 2] = 1.0, np.nan  # every ten seconds is no silence
    text = html_of("kpi", replace(frame, values=values))
    assert text.count("silent for 20 s") == text.count("pb-silent") == 1


def test_events_without_a_number_in_the_value_are_not_blamed_on_the_window() -> None:
    frame = replace(empty_frame(Health(state="live", valueless=5)), newest=sample_frame().newest, seen=5)
    for name in ("series", "raw", "distribution", "heatmap", "breakdown"):
        payload = PANELS[name].prepare(frame)
        assert isinstance(payload, Missing)
        assert "holds no numbers" in payload.text


def test_the_series_past_the_slots_are_one_grey_line_and_what_changed_is_marked_in_its_bucket() -> None:
    frame = crowded_frame()
    rows = table_of("series", frame)
    np.testing.assert_allclose(rows["s8"].to_numpy(), frame.other, rtol=1e-6)
    assert NEUTRAL in str(PANELS["series"].prepare(frame).spec)
    marked = [(at, text) for at, text in enumerate(rows["drift"].to_pylist()) if text]
    bucket = (NOW_US - 90_000_000 - frame.start_us) // frame.choice.bucket_us
    assert marked == [(bucket, "load changed type: from numbers to text; changed format: from json to csv")]


def test_the_breakdown_says_of_about_how_many_it_shows_the_top_and_what_is_not_known() -> None:
    text = html_of("breakdown", crowded_frame())
    assert "top 8 of about 1.015 M" in text
    assert "up to 3,456 events of host-2 are among the rest" in text


def test_health_tells_what_was_let_go_so_that_all_feeds_have_room() -> None:
    frame = sample_frame()
    assert "let go early" not in html_of("health", frame)
    thinned = replace(frame, health=replace(frame.health, thinned=12_345))
    assert f"{number(12_345)} let go early" in html_of("health", thinned)


def test_the_newest_changes_stand_in_the_health_panel() -> None:
    text = html_of("health", crowded_frame())
    assert text.index("from json to csv") < text.index("load changed type") < text.index("before appeared")
    assert "1 min 30 s ago" in text


def test_each_measure_is_shown_as_its_kind_is() -> None:
    frame = sample_frame()
    text = html_of("measures", frame)
    total = number(float(frame.overview["quantity"].sum()))
    assert f'<div class="pb-value">{total}<small></small></div><div class="pb-change">sum' in text
    assert '<small>B/s</small></div><div class="pb-change">rate' in text
    assert text.count("pb-chosen") == 1


def test_a_measure_that_is_silent_says_so_in_the_overview_as_a_series_does() -> None:
    frame = sample_frame()
    courses = dict(frame.overview)
    courses["latency_ms"] = np.where(np.arange(len(frame.times_us)) < 60, courses["latency_ms"], np.nan)
    silent_s = (len(frame.times_us) - 60) * frame.choice.bucket_us / 1e6
    assert f"silent for {duration(silent_s)}" in html_of("measures", replace(frame, overview=courses))


def test_a_topic_of_older_messages_alone_says_that_they_are_there() -> None:
    empty = empty_frame(Health(state="live", earlier=141))
    payload = PANELS["series"].prepare(empty)
    assert isinstance(payload, Missing)
    assert "141 older ones are there: set Start at to earliest" in payload.text


@pytest.mark.parametrize(("behind", "silent"), [(20, False), (60, True)])
def test_a_counter_that_has_not_reported_yet_is_not_called_silent_at_once(behind: int, silent: bool) -> None:  # noqa: FBT001
    choice = Choice("sent", "host", "rate", measure=Measure("sent", "sent", kind="counter"))
    frame = sample_frame(names=("a",), choice=choice)
    frame.values[-behind:, 0] = np.nan
    assert ("silent for" in html_of("kpi", frame)) is silent


def test_an_amount_is_told_while_all_of_it_is_in_the_bucket_that_still_fills() -> None:
    frame = sample_frame()
    courses = {name: np.full(len(frame.times_us), np.nan) for name in frame.overview}
    courses["quantity"][-1] = 14.0
    text = html_of("measures", replace(frame, overview=courses))
    assert '<div class="pb-value">14<small></small></div><div class="pb-change">sum &nbsp;' in text
    assert text.count("no value") == 2
