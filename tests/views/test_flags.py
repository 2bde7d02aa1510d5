"""Notes as flags on the time charts."""

import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.batch import Note
from tests.views.sample_frames import HOSTILE, NOW_US, noted_frame, sample_frame
from views import PANELS
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
def test_labels_have_room_beside_each_other_and_flags_are_few(instants: list[int]) -> None:
    notes = tuple(sorted(Note(at, f"note {number}") for number, at in enumerate(instants)))
    shown = flags(flag_rows(replace(sample_frame(), notes=notes), 0, 1000))
    assert len(shown) <= MOST
    assert all(-1 <= flag["room"] <= 1 for flag in shown)
    taken = [sorted((flag["t"] * 1000, flag["t"] * 1000 + flag["room"] * 1000)) for flag in shown if flag["room"]]
    for before, after in pairwise(taken):
        assert before[1] <= after[0] + 0.01
