"""Charts that stand alone: valid, the same picture, in the viewer's zone."""

import datetime as dt
import html
import json
import os
import subprocess
import sys
import threading
import tomllib
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import altair as alt
import numpy as np
import pyarrow as pa
import pytest
import vl_convert

from tests.state.feeds_by_hand import until
from tests.views.pictures import pixels
from tests.views.sample_frames import FRAMES, HOSTILE, NOW_US, crowded_frame, sample_frame
from views import PANELS
from views.exports import drawing
from views.exports.chart import plain_rows, vega_lite
from views.exports.drawing import DrawingFailed, png
from views.exports.picking import without_picking
from views.exports.theme import BACKGROUND, SEQUENTIAL, TEXT
from views.panel import Chart, Spec, arrow_stream

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

CHARTS = ("series", "raw", "distribution", "heatmap")
DRAWN = [
    (name, kind) for name in CHARTS for kind, make in FRAMES.items() if isinstance(PANELS[name].prepare(make()), Chart)
]
each_drawing = pytest.mark.parametrize(("name", "kind"), DRAWN)
each_look = pytest.mark.parametrize("look", ["light", "dark"])


def spec_of(name, frame, **options):
    payload = PANELS[name].prepare(frame)
    assert isinstance(payload, Chart)
    return vega_lite(PANELS[name], payload, **options)


@each_drawing
def test_a_spec_is_json_that_the_schema_takes(name, kind):
    spec = spec_of(name, FRAMES[kind]())
    read = json.loads(json.dumps(spec, allow_nan=False))
    assert read == spec
    assert read["$schema"] == alt.SCHEMA_URL
    alt.LayerChart.from_dict(read)
    assert read["datasets"]["rows"]


@each_drawing
def test_vega_compiles_a_spec_without_a_warning(name, kind, capfd):
    vl_convert.vegalite_to_vega(spec_of(name, FRAMES[kind]()), show_warnings=True)
    said = capfd.readouterr()
    assert "WARN" not in said.out + said.err


def marks_of(name, frame, **options):
    """The picture as SVG."""
    return vl_convert.vegalite_to_svg(spec_of(name, frame, **options))


@pytest.mark.parametrize(("missing", "pieces"), [([], 1), ([20], 1), (range(100, 200), 2)])
def test_a_line_breaks_at_silence_and_passes_over_what_is_usual(missing, pieces):
    frame = sample_frame(names=("one",))
    values = np.full_like(frame.values, np.nan)
    values[:, 0] = 5.0
    values[list(missing), 0] = np.nan
    svg = vl_convert.vegalite_to_svg(spec_of("series", replace(frame, values=values)))
    [line] = [
        path for path in svg.split("<path")[1:] if 'aria-roledescription="line' in path or 'stroke-width="1.75"' in path
    ]
    assert line.split('d="')[1].split('"')[0].count("M") == pieces


def test_rows_are_those_of_the_payload():
    columns = {
        "a": pa.array([0.1, np.nan, None], pa.float32()),
        "b": pa.array([1, 2, None], pa.uint16()),
        "c": pa.array(["x", None, "x"]).dictionary_encode(),
        "t": pa.DictionaryArray.from_arrays(np.zeros(3, np.int8), pa.array([1.79e12], pa.float64())),
    }
    assert plain_rows(arrow_stream(columns)) == [
        {"a": 0.1, "b": 1, "c": "x", "t": 1_790_000_000_000},
        {"b": 2, "c": None, "t": 1_790_000_000_000},  # a number that is none is left out, and breaks a line
        {"a": None, "b": None, "c": "x", "t": 1_790_000_000_000},
    ]


@pytest.mark.parametrize(
    ("at", "zone", "said"),
    [
        ("2026-01-15T12:00:00+00:00", "America/New_York", "time in UTC-0500"),
        ("2026-07-15T12:00:00+00:00", "America/New_York", "time in UTC-0400"),
        ("2026-07-15T12:00:00+00:00", "Asia/Kolkata", "time in UTC+0530"),
        ("2026-07-15T12:00:00+00:00", "UTC", "time in UTC"),
    ],
)
def test_the_zone_is_named_with_the_offset_of_the_day_that_is_shown(at, zone, said):
    frame = sample_frame()
    moved_us = int(dt.datetime.fromisoformat(at).timestamp() * 1e6) - frame.now_us
    payload = PANELS["series"].prepare(replace(frame, times_us=frame.times_us + moved_us))
    texts = svg_in(vega_lite(PANELS["series"], payload), zone)
    assert [text for text in texts if text.endswith(said)]


def svg_in(spec, zone):
    """The texts of a drawing in a zone: in a process of its own, since Vega reads the zone once."""
    script = "import json, sys, vl_convert; print(vl_convert.vegalite_to_svg(json.load(sys.stdin)))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=json.dumps(spec), env={**os.environ, "TZ": zone}, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return [part.split("<")[0] for part in done.stdout.split(">")]


@each_look
def test_a_picture_is_of_twice_the_size_and_in_the_colours_of_its_look(look):
    spec = spec_of("series", crowded_frame(), look=look)
    picture = pixels(png(spec, ZoneInfo("Europe/Berlin")))
    assert picture.shape[:2] == (2 * 320, 2 * 960)
    background = tuple(int(BACKGROUND[look][at : at + 2], 16) for at in (1, 3, 5))
    same = (picture[:, :, :3] == background).all(axis=2)
    assert 0.5 < same.mean() < 0.98
    assert same[:6].all()  # the title stands below the edge
    assert not same[:40].all()


def test_pictures_of_two_zones_differ():
    spec = spec_of("series", sample_frame())
    assert png(spec, ZoneInfo("Asia/Tokyo")) != png(spec, dt.UTC)


def test_a_drawing_that_fails_says_why():
    with pytest.raises(DrawingFailed, match="could not be drawn"):
        png({"mark": 7}, dt.UTC)


def test_a_drawing_fetches_nothing(tmp_path):
    (tmp_path / "rows.json").write_text('[{"a": 1}, {"a": 2}]')

    def drawn(data):
        return png({"data": data, "mark": "bar", "encoding": {"x": {"field": "a", "type": "quantitative"}}}, dt.UTC)

    nothing = drawn({"values": []})
    assert drawn({"values": [{"a": 1}, {"a": 2}]}) != nothing
    assert drawn({"url": f"file://{tmp_path}/rows.json"}) == nothing


def test_names_are_drawn_as_they_are():
    texts = {html.unescape(text).lstrip("\u200b") for text in svg_in(spec_of("series", FRAMES["hostile"]()), "UTC")}
    assert {name for name in HOSTILE if len(name) < 12 and name.isprintable()} <= texts


def test_what_a_viewer_picks_is_left_out():
    brush = {"name": "brush", "select": {"type": "interval", "encodings": ["x"]}}
    faded = {"condition": {"param": "brush", "value": 1}, "value": 0.2}
    spec = {"layer": [{"mark": "bar", "params": [brush], "encoding": {"opacity": faded}}]}
    assert without_picking(spec) == {"layer": [{"mark": "bar", "encoding": {"opacity": {"value": 1}}}]}
    used = {"layer": [{"mark": "bar", "params": [brush], "transform": [{"filter": "length(data('brush_store'))"}]}]}
    assert without_picking(used) == used
    called = {"layer": [{"mark": "bar", "params": [{**brush, "name": "span"}], "title": {"expr": "span(domain('x'))"}}]}
    assert without_picking(called) == {"layer": [{"mark": "bar", "title": {"expr": "span(domain('x'))"}}]}


@each_look
def test_colours_are_those_of_the_page(look):
    config = tomllib.loads((Path(__file__).parents[2] / ".streamlit/config.toml").read_text())["theme"]
    assert config[look]["backgroundColor"] == BACKGROUND[look]
    assert config[look]["textColor"] == TEXT[look]
    assert config[look]["chartSequentialColors"] == list(SEQUENTIAL[look])
    spec = spec_of("heatmap", sample_frame(), look=look)
    assert spec["config"]["range"]["category"] == config["chartCategoricalColors"]


def test_a_title_says_what_is_shown_on_one_line():
    frame = sample_frame()
    assert frame.now_us == NOW_US
    [title] = [text for text in svg_in(spec_of("distribution", frame), "UTC") if text.startswith("distribution of")]
    assert title == "distribution of latency_ms"


class Annotated(Chart):
    """A chart with a second dataset, of which the spec names a third that is empty."""

    @property
    def datasets(self):
        return {"rows": self.rows, "notes": arrow_stream({"t": [5.0], "note": ["deploy"]})}


def test_every_dataset_that_a_spec_names_is_in_it():
    frame = sample_frame()
    chart = PANELS["series"].prepare(frame)
    more = [{"data": {"name": name}, "layer": [{"mark": "text"}]} for name in ("notes", "none")]
    spec = Spec({**chart.spec, "layer": [*chart.spec["layer"], *more]})
    made = vega_lite(PANELS["series"], Annotated(spec, chart.rows))
    assert made["datasets"]["notes"] == [{"t": 5, "note": "deploy"}]
    assert made["datasets"]["none"] == []
    assert len(made["datasets"]["rows"]) == 300


@pytest.fixture
def drawings(monkeypatch):
    """What was drawn by a process of its own."""
    made = []
    convert = drawing._converted_anew

    def converted(what, given, zone):
        made.append(given)
        return convert(what, given, zone)

    monkeypatch.setattr(drawing, "_converted_anew", converted)
    return made


def dot(at):
    return {
        "data": {"values": [{"at": at}]},
        "mark": "point",
        "encoding": {"x": {"field": "at", "type": "quantitative"}},
    }


def test_what_was_drawn_is_not_drawn_again(drawings):
    assert png(dot(1), dt.UTC) == png(dot(1), dt.UTC)
    assert len(drawings) == 1
    png(dot(2), dt.UTC)
    assert len(drawings) == 2
    assert len(drawing._drawn) <= drawing.KEPT


def test_who_would_wait_behind_many_is_refused(drawings):
    pictures = []
    waiting = [threading.Thread(target=lambda: pictures.append(png(dot(3), dt.UTC))) for _ in range(4)]
    with drawing._turn:
        for each in waiting:
            each.start()
        until(lambda: drawing._room._value == 0)
        with pytest.raises(
            DrawingFailed, match="many charts are being drawn here at the moment: try again in a minute"
        ):
            png(dot(4), dt.UTC)
    for each in waiting:
        each.join(60)
    assert len(set(pictures)) == 1
    assert (len(pictures), len(drawings)) == (4, 1)
    assert png(dot(4), dt.UTC)
