"""The scripts for pandas: run as they are, on a Parquet file of the same events, they say what the board says."""

import datetime as dt
import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from state.choice import AGGREGATES, Choice
from state.measure import Measure, Parts
from state.series import OTHER
from tests.state.lens_by_hand import at_second, give, lens_at, look, table_of
from tests.views.sample_frames import HOSTILE, hostile_frame, sample_frame
from views import PANELS
from views.exports.rows import common_schema, parquet
from views.exports.script import pandas_script

EVENTS = 400
END = 99.5
CHARTS = ("series", "raw", "distribution", "heatmap", "breakdown")

RUNNER = """
import json, sys, numpy as np
said = []
for script in json.load(open(sys.argv[1])):
    names = {}
    exec(compile(script, "script", "exec"), names)
    chart = names["chart"].to_dict()
    table, totals = names.get("table"), names.get("totals")
    said.append({
        "columns": [] if table is None or table.ndim == 1 else list(map(str, table.columns)),
        "values": None if table is None else table.to_numpy(dtype=float, na_value=np.nan).tolist(),
        "totals": None if totals is None else totals.to_dict(),
        "points": sum(map(len, chart.get("datasets", {}).values())),
    })
json.dump(said, open(sys.argv[2], "w"))
"""


def events(seed=7):
    """A feed that has something of every type, of which some is missing, out of order."""
    rng = np.random.default_rng(seed)
    at = rng.permutation(np.linspace(0, 100, EVENTS)) // 0.25 * 0.25
    whole = rng.integers(0, 9, EVENTS)
    seen = [None if n % 11 == 0 else dt.datetime(2024, 5, 1, 12, n % 60, tzinfo=dt.UTC) for n in range(EVENTS)]
    return table_of(
        at,
        load=[None if n % 13 == 0 else value for n, value in enumerate(rng.gamma(2, 10, EVENTS).tolist())],
        status=pa.array([None if n == 8 else int(n) for n in whole], pa.int64()),
        site=[None if n == 7 else f"site-{n % 4}" for n in whole],
        reading=[None if n == 6 else "n/a" if n == 5 else f"{n}.50" for n in whole],
        ok=[None if n == 4 else bool(n % 2) for n in whole],
        seen=pa.array(seen, pa.timestamp("us", "UTC")),
        **{name: [f"{name}{n % 2}" for n in whole] for name in HOSTILE if name != "title"},
    )


def board(choice, *tables):
    """A frame of these events, as a board that stands still makes it."""
    lens = lens_at(choice, END)
    for table in tables:
        inside = np.asarray(table["_time"].cast(pa.int64())) <= at_second(END)
        give(lens, table.filter(pa.array(inside)), history=True)
    return look(lens)


FILTERS = (
    "load:gt:10", "load:le:25.5", "load:eq:nothing", "load:contains:1", "status:eq:3", "status:ne:3", "status:lt:4",
    "status:ge:2.5", "status:in:1,2,x", "status:gt:a", "site:eq:site-1", "site:ne:site-1", "site:in:site-0,site-3",
    "site:contains:e-2", "site:lt:site-2", "site:gt:1", "reading:eq:3.5", "reading:ne:3.5", "reading:gt:2",
    "reading:in:1.5,n/a", "reading:lt:n", "ok:eq:TRUE", "ok:ne:false", "ok:contains:al",
    "seen:lt:2024-05-01T12:30:00Z", "seen:ge:2024-05-01T14:10:00+02:00", "seen:contains:T12:0", "seen:gt:2024-05-01 a",
    "nowhere:eq:1", "nowhere:ne:1", "load:ge:1e999", "site:eq:'); raise SystemExit(1) #", 'site:ne:"""\n\\',
)  # fmt: skip

BASE = Choice("load", "site", window_s=60, points=60)
CASES = (
    {f"{agg} split": replace(BASE, agg=agg) for agg in AGGREGATES}
    | {f"{agg} whole": replace(BASE, agg=agg, by="") for agg in AGGREGATES}
    | {f"where {each}": replace(BASE, agg="sum", where=(each,)) for each in FILTERS}
    | {f"by {field}": replace(BASE, by=field) for field in ("status", "ok", "seen", "nowhere", HOSTILE[0], HOSTILE[7])}
    | {f"value {field}": replace(BASE, value=field) for field in ("reading", "ok", "seen", "nowhere", "status")}
    | {
        "long feed": replace(BASE, value="disk", measure=Measure("disk", "load", where=("site:eq:site-1", "ok:ne:true"))),
        "nothing to measure": Choice("", "site", "count", window_s=60, points=60),
        "coarse buckets": replace(BASE, points=7),
        "fine buckets": replace(BASE, points=600, agg="rate"),
        "many series": replace(BASE, by="load", value="status"),
    }
)  # fmt: skip


def parts_table():
    rng = np.random.default_rng(3)
    count = rng.integers(0, 5, 80)
    low = rng.gamma(2, 4, 80)
    return table_of(
        np.linspace(30, 99, 80),
        n=count.tolist(),
        total=(count * (low + 1)).tolist(),
        low=low.tolist(),
        high=(low + 2).tolist(),
        site=[f"site-{n % 2}" for n in range(80)],
    )


ROWS = Measure("took", "", parts=Parts(count="n", sum="total", min="low", max="high"))


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """What all scripts say, each run once, in one process of its own that takes a warning for an error."""
    folder = tmp_path_factory.mktemp("scripts")
    wide, parts = events(), parts_table()
    (folder / "wide it's.parquet").write_bytes(parquet([wide.slice(0, 100), wide.slice(100)]))
    (folder / "parts.parquet").write_bytes(parquet([parts]))
    frames = {name: board(choice, wide) for name, choice in CASES.items()}
    work = {("series", name): (frame, wide, "wide it's") for name, frame in frames.items()}
    work |= {
        (panel, name): (frame, wide, "wide it's")
        for panel in CHARTS[1:]
        for name, frame in frames.items()
        if " split" in name or name == "long feed"
    }
    for agg in AGGREGATES:
        choice = Choice("took", "site", agg, measure=ROWS, window_s=60, points=60)
        work["series", f"parts {agg}"] = work["breakdown", f"parts {agg}"] = (board(choice, parts), parts, "parts")
    scripts = [
        pandas_script(panel, frame, common_schema([table]), str(folder / f"{file}.parquet"))
        for (panel, _), (frame, table, file) in work.items()
    ]
    run(scripts, folder)
    answers = json.loads((folder / "answers.json").read_text())
    return {key: (frame, answer) for (key, (frame, _, _)), answer in zip(work.items(), answers, strict=True)}


def run(scripts, folder):
    (folder / "scripts.json").write_text(json.dumps(scripts))
    (folder / "run.py").write_text(RUNNER)
    done = subprocess.run(
        [sys.executable, "-W", "error", "run.py", "scripts.json", "answers.json"],
        cwd=folder, capture_output=True, text=True, check=False, timeout=110,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]


def shown(frame):
    """The values of a frame, series by series."""
    made = {name: frame.values[:, slot] for slot, name in enumerate(frame.slots) if name is not None}
    return made | ({OTHER: frame.other} if frame.others else {})


def tolerance(agg):
    return 0.003 if agg in {"p50", "p95", "p99"} else 1e-9


@pytest.mark.parametrize("case", [*CASES, *(f"parts {agg}" for agg in AGGREGATES)])
def test_a_script_finds_the_numbers_of_the_board(case, said):
    frame, answer = said["series", case]
    expected = shown(frame)
    assert set(answer["columns"]) == set(expected)
    found = np.array(answer["values"], float).reshape(len(frame.times_us), len(expected))
    for n, name in enumerate(answer["columns"]):
        np.testing.assert_allclose(found[:, n], expected[name], rtol=tolerance(frame.choice.agg), err_msg=name)


def test_the_filters_of_these_tests_keep_some_events_and_not_others(said):
    kept = [said["series", f"where {each}"][0].window_events for each in FILTERS]
    assert len(set(kept)) > 15


@pytest.mark.parametrize("agg", AGGREGATES)
@pytest.mark.parametrize("kind", ["{} split", "parts {}"])
def test_the_bars_of_a_script_are_those_of_the_breakdown(agg, kind, said):
    frame, answer = said["breakdown", kind.format(agg)]
    assert answer["totals"] == pytest.approx(dict(frame.totals), rel=tolerance(agg))


@pytest.mark.parametrize("panel", CHARTS)
def test_each_chart_has_its_points(panel, said):
    assert said[panel, "mean split"][1]["points"] > 2


def test_a_counter_is_told_to_be_approximate_and_nearly_is_right(tmp_path):
    seconds = np.arange(0, 100, 2.0)
    each = [
        {"host": host, "disk": disk, "grows": rate}
        for host, disk, rate in (("a", "1", 3), ("a", "2", 5), ("b", "1", 7))
    ]
    rows = [(at, one["host"], one["disk"], one["grows"] * at % 400) for at in seconds for one in each]
    at, host, disk, sent = zip(*rows, strict=True)
    table = table_of(at, host=host, disk=disk, sent=sent)
    measure = Measure("sent", "sent", kind="counter")
    choice = Choice("sent", "host", "rate", measure=measure, identity=("disk",), window_s=60, points=12)
    frame = board(choice, table)
    (tmp_path / "r.parquet").write_bytes(parquet([table]))
    script = pandas_script("series", frame, common_schema([table]), "r.parquet")
    assert "Approximate" in script
    run([script, *(pandas_script(panel, frame, common_schema([table]), "r.parquet") for panel in CHARTS[1:])], tmp_path)
    [answer, *_] = json.loads((tmp_path / "answers.json").read_text())
    found = np.array(answer["values"])
    for n, name in enumerate(answer["columns"]):
        known = np.isfinite(found[:, n]) & np.isfinite(shown(frame)[name])
        assert known.sum() > 8
        np.testing.assert_allclose(found[known, n], shown(frame)[name][known], rtol=0.2)


def test_hostile_names_are_literals_and_comments_of_one_line():
    frame = hostile_frame()
    choice = replace(
        frame.choice, value="a\n'''\nraise SystemExit(1)", measure=None, where=("x\ny:eq:\nraise SystemExit(3)",)
    )
    schema = common_schema([frame.newest])
    script = pandas_script("series", replace(frame, choice=choice), schema, "'\nraise SystemExit(2)\n#.parquet")
    assert not [line for line in script.splitlines() if line.startswith("raise")]
    compile(script, "script", "exec")


@pytest.mark.parametrize("panel", [name for name in PANELS if name not in CHARTS])
def test_a_panel_that_is_no_chart_has_no_script(panel):
    frame = sample_frame()
    assert pandas_script(panel, frame, frame.newest.schema, "r.parquet") is None
