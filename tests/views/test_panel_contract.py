"""What every panel must do with every frame."""

import datetime as dt
import json
from dataclasses import replace
from html.parser import HTMLParser

import altair as alt
import numpy as np
import pyarrow as pa
import pytest
import vl_convert

from state.choice import AGGREGATES, Choice
from state.frame import Health
from tests.views.sample_frames import FRAMES, HOSTILE, empty_frame, hostile_frame, sample_frame
from views import PANELS
from views.panel import Chart, Html, Missing, Payload, Table

CHARTS = ("series", "raw", "distribution", "heatmap")
each_panel = pytest.mark.parametrize("name", PANELS)
each_frame = pytest.mark.parametrize("kind", FRAMES)


def text_of(payload: Payload) -> str:
    match payload:
        case Chart(spec, rows, _):
            return json.dumps(spec) + rows.hex()
        case Html(text) | Missing(text):
            return text
        case Table():
            return payload.html(dt.UTC)


class Tags(HTMLParser):
    """The tags of an HTML text, and whether they are closed in order where they must be."""

    NEED_NO_END = frozenset({"thead", "tbody", "tr", "th", "td"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - the base class names it
        self.seen.add(tag)
        if tag not in self.NEED_NO_END:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@each_panel
@each_frame
def test_every_frame_gives_a_valid_payload(name: str, kind: str) -> None:
    payload = PANELS[name].prepare(FRAMES[kind]())
    match payload:
        case Chart(spec, rows, height):
            alt.LayerChart.from_dict(spec)
            assert spec["data"] == {"name": "rows"}
            assert spec["height"] == height
            table = pa.ipc.open_stream(rows).read_all()
            assert table.num_rows
            for column in table.drop_columns([each for each in ("drift",) if each in table.column_names]).columns:
                values = column.cast(column.type.value_type if pa.types.is_dictionary(column.type) else column.type)
                assert not np.isinf(values.to_numpy().astype(float)).any()
        case Html() | Table():
            tags = Tags(text_of(payload))
            assert not tags.open
            assert not tags.seen & {"script", "img", "svg", "style", "a"}
        case Missing():
            assert payload.text.endswith((".", "…"))


@each_panel
@each_frame
def test_a_frame_is_left_as_it_was(name: str, kind: str) -> None:
    frame, untouched = FRAMES[kind](), FRAMES[kind]()
    for array in (frame.values, frame.counts, frame.edges, frame.times_us, frame.raw_us, frame.raw_values):
        array.flags.writeable = False
    PANELS[name].prepare(frame)
    for field in ("values", "counts", "edges", "times_us", "raw_us", "raw_values"):
        np.testing.assert_array_equal(getattr(frame, field), getattr(untouched, field))
    assert frame.newest == untouched.newest


@each_panel
@each_frame
def test_equal_frames_give_equal_payloads(name: str, kind: str) -> None:
    assert PANELS[name].prepare(FRAMES[kind]()) == PANELS[name].prepare(FRAMES[kind]())


@pytest.mark.parametrize("agg", AGGREGATES)
@pytest.mark.parametrize("name", CHARTS)
def test_new_data_change_the_rows_and_nothing_in_the_spec(name: str, agg: str) -> None:
    choice = Choice("latency_ms", "service", agg)
    one, other = (PANELS[name].prepare(sample_frame(seed, choice=choice)) for seed in (1, 2))
    assert isinstance(one, Chart)
    assert isinstance(other, Chart)
    assert one.rows != other.rows
    assert one.spec is other.spec


@pytest.mark.parametrize("agg", AGGREGATES)
@pytest.mark.parametrize("name", CHARTS)
def test_no_data_are_changed_before_they_are_made_anew(name: str, agg: str) -> None:
    """Where they are, Vega works on copies and keeps an entry for each row that ever was (`Relay` in vega-parser)."""
    payload = PANELS[name].prepare(sample_frame(choice=Choice("latency_ms", "service", agg)))
    assert isinstance(payload, Chart)
    compiled = vl_convert.vegalite_to_vega(payload.spec)
    for data in compiled["data"]:
        kinds = [transform["type"] for transform in data.get("transform", [])]
        made = min((kinds.index(kind) for kind in ("fold", "aggregate") if kind in kinds), default=len(kinds))
        changes = {"formula", "window", "timeunit", "bin", "stack", "joinaggregate", "impute"} & set(kinds[:made])
        assert "source" not in data or not changes, data
        assert not data.get("format", {}).get("parse"), data


@pytest.mark.parametrize("name", CHARTS)
def test_no_number_takes_64_bits_per_row(name: str) -> None:
    payload = PANELS[name].prepare(sample_frame())
    assert isinstance(payload, Chart)
    for field in pa.ipc.open_stream(payload.rows).schema:
        width = field.type.index_type.bit_width if pa.types.is_dictionary(field.type) else field.type.bit_width
        assert width <= 32


@each_panel
def test_a_board_before_its_first_event_says_what_it_waits_for(name: str) -> None:
    payload = PANELS[name].prepare(empty_frame())
    assert isinstance(payload, Missing) or name == "health"
    assert "connecting" in text_of(payload).lower()


@each_panel
@pytest.mark.parametrize(("state", "said"), [("waiting", "tried again"), ("failed", "has stopped")])
def test_a_broken_feed_is_said_in_each_panel_and_what_to_do_in_one(name: str, state: str, said: str) -> None:
    text = text_of(PANELS[name].prepare(empty_frame(Health(state=state, message="Check the address."))))
    assert ("Check the address." in text) == (name == "health")
    assert said in text or name == "health"


@pytest.mark.parametrize("name", [name for name in PANELS if name != "health"])
def test_where_nothing_passes_the_filters_they_are_named(name: str) -> None:
    frame = empty_frame(Health(state="live"), Choice("latency_ms", where=("service:=:web",)))
    assert "filter" in text_of(PANELS[name].prepare(replace(frame, seen=5)))


@each_panel
def test_no_text_of_the_feed_becomes_markup(name: str) -> None:
    payload = PANELS[name].prepare(hostile_frame())
    if isinstance(payload, Html | Table):
        assert HOSTILE[0] not in text_of(payload)
        assert "&lt;script&gt;" in text_of(payload)


def test_names_stand_in_expressions_as_string_literals() -> None:
    payload = PANELS["series"].prepare(hostile_frame())
    assert isinstance(payload, Chart)
    expression = payload.spec["layer"][0]["encoding"]["color"]["legend"]["labelExpr"]
    table, _ = json.JSONDecoder().raw_decode(expression)
    assert [name.lstrip("\u200b") for name in table.values()] == list(HOSTILE)
