"""What is picked on the charts of a board that stands still."""

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import altair as alt
import numpy as np
import pytest
import vl_convert
from hypothesis import given
from hypothesis import strategies as st

from state.choice import Choice
from state.filters import parse_filter
from state.frame import Frame
from state.measure import Measure, Parts
from state.series import NAMELESS
from tests.views.sample_frames import FRAMES, HOSTILE, NOW_US, crowded_frame, hostile_frame, sample_frame
from views import PANELS, vega
from views.panel import Chart
from views.picks import Pick

TOUCHED = [name for name, panel in PANELS.items() if panel.touch]
SECOND = 1_000_000
each_touched = pytest.mark.parametrize("name", TOUCHED)


def picked(name: str, selected: Mapping[str, Any], frame: Frame | None = None) -> Pick | None:
    touch = PANELS[name].touch
    assert touch
    return touch.pick(frame or sample_frame(), selected)


def ms(*ago_s: float) -> list[float]:
    return [(NOW_US - ago * SECOND) / 1000 for ago in ago_s]


def test_every_chart_with_a_time_axis_is_touched() -> None:
    assert TOUCHED == ["series", "raw", "heatmap"]


@each_touched
@pytest.mark.parametrize("kind", FRAMES)
def test_a_still_chart_is_the_live_one_that_hears_the_pointer(name: str, kind: str) -> None:
    frame, panel = FRAMES[kind](), PANELS[name]
    live = panel.prepare(frame)
    if not isinstance(live, Chart):
        return
    before = json.dumps(live.spec)
    assert panel.touch
    still = panel.touch.spec(frame, live.spec)
    assert json.dumps(live.spec) == before
    alt.LayerChart.from_dict(still)
    vl_convert.vegalite_to_vega(still)
    heard = [param["name"] for layer in still["layer"] for param in layer.get("params", ())]
    assert sorted(heard) == (["entry", "span", "spot"] if name == "series" else ["span", "spot"])
    for layer, drawn in zip(live.spec["layer"], still["layer"][-len(live.spec["layer"]) :], strict=True):
        if drawn != layer:
            assert drawn == {**layer, "mark": {**layer["mark"], "cursor": "crosshair"}, "params": drawn["params"]}
    for part in live.spec.keys() - {"layer", "config"}:
        assert still[part] == live.spec[part]
    assert still["config"] == {**live.spec["config"], "mark": {"aria": False, "cursor": "crosshair"}}


@each_touched
@pytest.mark.parametrize("ends", [(90, 30), (30, 90)])
def test_a_drag_either_way_is_a_range(name: str, ends: tuple[int, int]) -> None:
    pick = picked(name, {"span": {"t": ms(*ends)}, "spot": [{"t": ms(50)[0], "y0": 100.0}]})
    assert pick == Pick(range_us=(NOW_US - 90 * SECOND, NOW_US - 30 * SECOND))


@each_touched
def test_a_drag_past_the_ends_is_a_range_within_them(name: str) -> None:
    frame = sample_frame()
    pick = picked(name, {"span": {"t": [-1e12, 1e15]}})
    start, end = (frame.raw_us[0], frame.raw_us[-1]) if name == "raw" else (frame.start_us, frame.end_us)
    assert pick == Pick(range_us=(start, end))


@each_touched
def test_a_drag_of_a_pixel_is_the_click_it_ends_in_if_there_is_one(name: str) -> None:
    drag = {"t": ms(50.1, 50)}
    assert picked(name, {"span": drag, "spot": {}}) is None
    assert picked(name, {"span": drag, "spot": [{"t": ms(50)[0]}]}) == Pick(at_us=NOW_US - 50 * SECOND)


def test_a_click_on_the_series_is_the_middle_of_its_bucket() -> None:
    assert picked("series", {"spot": [{"m": ms(50)[0], "t": ms(51)[0]}]}) == Pick(at_us=NOW_US - 50 * SECOND)


def test_an_entry_of_the_legend_is_a_filter() -> None:
    assert picked("series", {"entry": [{"s": "s1"}]}) == Pick(where=("service:eq:search",))


@pytest.mark.parametrize("slot", range(8))
def test_a_hostile_name_is_a_filter_that_reads_back(slot: int) -> None:
    pick = picked("series", {"entry": [{"s": f"s{slot}"}]}, hostile_frame())
    assert pick
    (text,) = pick.where
    assert parse_filter(text).field == HOSTILE[1]
    assert parse_filter(text).value == HOSTILE[slot]


@pytest.mark.parametrize(
    ("entry", "frame"),
    [
        ("s8", crowded_frame()),
        ("s0", sample_frame(names=(NAMELESS, "other"))),
        ("s0", sample_frame(choice=Choice("latency_ms"))),
        ("s5", sample_frame()),
        ("s999", sample_frame()),
    ],
)
def test_what_no_filter_finds_is_no_pick(entry: str, frame: Frame) -> None:
    assert picked("series", {"entry": [{"s": entry}]}, frame) is None


def test_a_series_that_is_called_other_is_one() -> None:
    frame = sample_frame(names=(NAMELESS, "other"))
    assert picked("series", {"entry": [{"s": "s1"}]}, frame) == Pick(where=("service:eq:other",))


def counted(choice: Choice | None = None) -> Frame:
    """A frame whose bins are [0, 0.1), [0.1, 0.2) … up to 0.8, with an event in each."""
    frame = sample_frame(choice=choice)
    return replace(frame, counts=np.ones((len(frame.times_us), 8), np.int64), edges=np.arange(9) / 10)


def cell(low: float) -> dict[str, Any]:
    return {"spot": [{"t": ms(50.5)[0], "y0": float(np.float32(low))}], "span": {}}


@pytest.mark.parametrize(
    ("low", "where"),
    [
        (0.0, ("latency_ms:ge:0", "latency_ms:lt:0.1")),
        (0.1, ("latency_ms:ge:0.1", "latency_ms:lt:0.2")),
        (0.7, ("latency_ms:ge:0.7", "latency_ms:le:0.8")),
    ],
)
def test_a_cell_is_its_time_and_its_values_as_exact_as_the_bins(low: float, where: tuple[str, ...]) -> None:
    start = (NOW_US - 50_500_000) // 5_000_000 * 5_000_000
    assert picked("heatmap", cell(low), counted()) == Pick(range_us=(start, start + 5_000_000), where=where)


@pytest.mark.parametrize(
    "choice",
    [
        Choice("sent", "service", "rate", measure=Measure("sent", "sent", kind="counter")),
        Choice("rtt", "service", measure=Measure("rtt", "", parts=Parts("n", "sum"))),
    ],
)
def test_a_cell_of_what_is_no_fields_value_is_its_time_alone(choice: Choice) -> None:
    pick = picked("heatmap", cell(0.1), counted(choice))
    assert pick
    assert pick.range_us
    assert pick.where == ()


def test_the_first_cell_ends_where_the_board_begins() -> None:
    frame = counted()
    width = 5_000_000
    column = frame.start_us // width * width
    pick = picked("heatmap", {"spot": [{"t": column / 1000, "y0": 0.0}]}, frame)
    assert pick
    assert pick.range_us == (max(column, frame.start_us), column + width)


@pytest.mark.parametrize(
    "selected",
    [
        {"spot": [{"t": ms(50)[0], "y0": 0.15}]},
        {"spot": [{"t": "now", "y0": 0.1}]},
        {"spot": [{"t": 1e300, "y0": 0.1}]},
        {"spot": [{"t": ms(50)[0], "y0": 10**400}], "span": [math.nan]},
    ],
)
def test_a_cell_that_is_none_gives_no_values(selected: dict[str, Any]) -> None:
    pick = picked("heatmap", selected, counted())
    assert pick is None or not pick.where


JUNK = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5) | st.sampled_from(ms(400, 100, 50, 0, -5)),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["t", "m", "s", "y0", "from", "s0"]) | st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip


@each_touched
@given(selected=st.dictionaries(st.sampled_from(["span", "spot", "entry", "x"]), JUNK))
def test_whatever_a_browser_sends_is_a_pick_within_the_board_or_none(name: str, selected: dict[str, Any]) -> None:
    frame = sample_frame()
    pick = picked(name, selected, frame)
    if pick is None:
        return
    assert pick != Pick()
    if pick.range_us is not None:
        start, end = pick.range_us
        assert isinstance(start, int)
        assert isinstance(end, int)
        assert frame.start_us <= start < end <= frame.end_us
    if pick.at_us is not None:
        assert frame.start_us <= pick.at_us <= frame.end_us
    for text in pick.where:
        parse_filter(text)


@pytest.mark.parametrize(
    ("window_s", "axis", "bucket"),
    [
        (0.05, "%H:%M:%S.%L", "%S.%L"),
        (1, "%H:%M:%S.%L", "%S.%L"),
        (10, "%H:%M:%S", "%S.%L"),
        (60, "%H:%M:%S", "%S.%L"),
        (86_400, "%H:%M", "%S"),
    ],
)
def test_milliseconds_are_written_where_there_are_some(window_s: float, axis: str, bucket: str) -> None:
    choice = Choice("latency_ms", window_s=window_s)
    assert vega.time_format(choice) == axis
    assert vega.seconds_format(choice.bucket_us) == bucket
    payload = PANELS["series"].prepare(sample_frame(choice=choice))
    assert isinstance(payload, Chart)
    assert f"{bucket}'" in payload.spec["layer"][3]["mark"]["tooltip"]["expr"]


@each_touched
@pytest.mark.parametrize("window_s", [0.05, 0.3, 1, 7])
def test_a_short_axis_has_ticks_at_round_milliseconds(name: str, window_s: float) -> None:
    frame = sample_frame(choice=Choice("latency_ms", "service", window_s=window_s))
    payload = PANELS[name].prepare(frame)
    assert isinstance(payload, Chart)
    rows = vega_rows(payload)
    svg = vl_convert.vegalite_to_svg({**payload.spec, "width": 800, "datasets": {"rows": rows}})
    labels = {
        text for text in svg.replace("<", ">").split(">") if text.count(":") == 2 and "." in text and "UTC" not in text
    }
    assert 3 <= len(labels) <= 9
    assert len({text[-2:] for text in labels}) <= 9


def vega_rows(payload: Chart) -> list[dict[str, Any]]:
    import pyarrow as pa  # noqa: PLC0415

    table = pa.ipc.open_stream(payload.rows).read_all()
    plain = [c.cast(c.type.value_type) if pa.types.is_dictionary(c.type) else c for c in table.columns]
    rows: list[dict[str, Any]] = pa.table(plain, table.column_names).to_pylist()
    return [{key: None if value != value else value for key, value in row.items()} for row in rows]  # noqa: PLR0124 - NaN
