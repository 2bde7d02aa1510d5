"""Notes as flags on the time charts."""

import json
import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pytest
import vl_convert
from hypothesis import given
from hypothesis import strategies as st

from sources.batch import Note
from tests.views.sample_frames import HOSTILE, NOW_US, noted_frame, sample_frame
from views import PANELS
from views.exports.chart import vega_lite
from views.flags import MOST, flag_rows
from views.panel import NOTES, Chart

TIME_CHARTS = ("series", "raw", "heatmap")
each_chart = pytest.mark.parametrize("name", TIME_CHARTS)


def chart_of(name: str, notes: tuple[Note, ...], *, noted: bool = True) -> Chart:
    payload = PANELS[name].prepare(replace(sample_frame(), notes=notes, noted=noted))
    assert isinstance(payload, Chart)
    return payload


def flags(rows: bytes) -> list[dict[str, Any]]:
    return pa.ipc.open_stream(rows).read_all().to_pylist() if rows else []


@each_chart
def test_every_note_is_a_flag_at_its_instant(name: str) -> None:
    frame = noted_frame()
    shown = flags(chart_of(name, frame.notes).notes)
    assert [flag["t"] for flag in shown] == sorted({note.at_us / 1000 for note in frame.notes})
    assert "; ".join(flag["note"] for flag in shown) == "; ".join(note.text for note in frame.notes)


@each_chart
def test_a_feed_without_notes_has_lighter_specs_and_the_same_rows(name: str) -> None:
    never, once = chart_of(name, (), noted=False), chart_of(name, ())
    assert never.spec is chart_of(name, (), noted=False).spec
    assert len(never.spec["layer"]) == len(once.spec["layer"]) - 1
    assert never.rows == once.rows


@each_chart
def test_a_note_that_comes_or_goes_changes_neither_the_spec_nor_the_rows(name: str) -> None:
    without, beside = chart_of(name, ()), chart_of(name, noted_frame().notes)
    assert without.spec is beside.spec
    assert without.rows == beside.rows
    assert list(without.datasets) == ["rows"]
    assert list(beside.datasets) == ["rows", NOTES]


@each_chart
def test_what_a_note_says_is_in_no_expression(name: str) -> None:
    payload = chart_of(name, (Note(NOW_US - 10_000_000, HOSTILE[1]),))
    assert "alert" not in json.dumps(payload.spec)
    assert flags(payload.notes)[0]["note"] == HOSTILE[1]


def test_the_distribution_has_no_flags() -> None:
    payload = PANELS["distribution"].prepare(noted_frame())
    assert isinstance(payload, Chart)
    assert not payload.notes
    assert NOTES not in json.dumps(payload.spec)


def test_raw_points_leave_out_what_lies_beside_their_own_axis() -> None:
    frame = noted_frame()
    late = frame.raw_us > NOW_US - 110_000_000
    payload = PANELS["raw"].prepare(replace(frame, raw_us=frame.raw_us[late], raw_values=frame.raw_values[late]))
    assert isinstance(payload, Chart)
    assert [flag["t"] for flag in flags(payload.notes)] == [
        (NOW_US - ago * 1_000_000) / 1000 for ago in (100, 95, 2) if NOW_US - ago * 1_000_000 <= frame.raw_us[-1]
    ]


@given(st.lists(st.integers(0, 1000), max_size=80))
def test_flags_are_few_and_know_how_far_the_next_ones_are(instants: list[int]) -> None:
    notes = tuple(sorted(Note(at, f"note {number}") for number, at in enumerate(instants)))
    shown = flags(flag_rows(replace(sample_frame(), notes=notes), 0, 1000))
    assert len(shown) <= MOST
    for before, after in pairwise(shown):
        assert before["t"] < after["t"]
        assert before["right"] == after["left"] == pytest.approx(after["t"] - before["t"], abs=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("places", "labelled"),
    [
        ((0.2,), (0.2,)),
        ((0.72,), (0.72,)),
        ((0.9,), (0.9,)),
        ((0.999,), (0.999,)),
        ((0.3, 0.95), (0.3, 0.95)),
        ((0.3, 0.9, 0.93), (0.3, 0.9)),  # the last two would be one over the other
    ],
)
@pytest.mark.parametrize("width", [700, 1400])
def test_a_label_near_the_right_edge_stands_left_of_its_flag(
    places: tuple[float, ...], labelled: tuple[float, ...], width: int
) -> None:
    frame = sample_frame()
    whole = frame.end_us - frame.start_us
    notes = tuple(Note(int(frame.start_us + place * whole), f"n {place}") for place in places)
    spec = vega_lite(PANELS["series"], chart_of("series", notes)) | {"width": width}
    svg = vl_convert.vegalite_to_svg(spec)
    texts = [
        (float(x), text) for x, text in re.findall(r'translate\(([-\d.]+),[-\d.]+\)"[^>]*>(n [\d.…]+)</text>', svg)
    ]
    assert [text for _, text in texts] == [f"n {place}" for place in labelled]
    assert max(x for x, _ in texts) <= width - 176
