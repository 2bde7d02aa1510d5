"""A board that stands still, of a feed whose names are what a hostile one would have in them; `?live=1` draws it as live."""

import datetime as dt
import math
from functools import cache

import numpy as np
import pyarrow as pa
import streamlit as st

from sources.batch import TIME, TIME_TYPE
from state.choice import Choice
from state.frame import Frame, Health
from state.lens import Lens
from state.segment import Segment, Span
from state.statistics import statistics
from views import breakdown, events, kpi
from views import statistics as statistics_view
from views.chips import show_chips
from views.clicks import show_clickable
from views.inspector import show_events
from views.panel import Html, Panel
from views.picks import Pick
from views.slot import element
from views.style import STYLE
from views.targets import Clickable

START_US = 1_790_000_000_000_000
LENGTH_US = 300_000_000
NAMES = (
    "web-1", '<img src=x onerror="document.title=1">', "**b** :smile: [a](http://x)", "🎉 été", "x" * 200,
    "a:b", "it's \"quoted\" & <b>", "__proto__",
)  # fmt: skip
BIG = 2**62 + 1
WHERE = ("region:eq:north", "load:ge:0.9", "<b>*x*</b>:eq:$y$ :smile:", f"long:contains:{'y' * 300}")
CHOICE = Choice("load_ms", "host", window_s=300)

HOSTILE_HTML = (
    '<b onclick="document.title=3" style="color: red" data-pick="7">b<img src=x onerror="document.title=4"></b>'
)


@cache
def table(count: int = 12_000) -> pa.Table:
    rng = np.random.default_rng(7)
    at = START_US - LENGTH_US + np.sort(rng.integers(0, 2 * LENGTH_US, count))
    which = (rng.random(count) ** 2 * len(NAMES)).astype(int)
    ids = [BIG + number for number in range(count)]
    return pa.table(
        {
            TIME: pa.array(at, TIME_TYPE),
            "id": ids,
            "load_ms": np.where(rng.random(count) < 0.01, np.nan, rng.gamma(9, 12, count) * (1 + which / 4)),
            "host": [NAMES[number] for number in which],
            "order.lines": ['[{"sku": 9007199254740993}]'] * count,
            "order.ok": [number % 3 > 0 for number in range(count)],
            "constructor": ["<script>document.title=2</script>"] * count,
            "odd": [(math.nan, math.inf, None, 1e-12)[number % 4] for number in range(count)],
            "text": ["word " * 400] * count,
            "tiny": rng.random(count) * 1e-9,
            **{f"f{number}": [number] * count for number in range(int(st.query_params.get("fields", "0")))},
            "_key": ["<b>key</b>"] * count,
            "_partition": [3] * count,
            "_offset": ids,
            "_timestamp": pa.array(at + 1000, TIME_TYPE),
            "_header.trace": ["**t**"] * count,
        }
    )


def frame() -> Frame:
    lens = Lens(CHOICE)
    lens.advance(START_US + LENGTH_US)
    segment = Segment(0)
    segment.append(table())
    lens.update([Span(segment, 0, len(segment))], history=True)
    return lens.frame(seen=0, newest_us=None, health=Health(state="live"))


def act(pick: Pick) -> None:
    st.session_state["picked"] = pick.where


def remove(text: str) -> None:
    st.session_state["removed"] = text


def panel(each: Panel, shown: Clickable) -> None:
    card = st.container(key=f"panel-{each.name}", border=True)
    card.markdown(f":material/{each.icon}: **{each.title}**")
    if "live" in st.query_params:
        made = element(each.prepare(frame()), dt.UTC)
        card._enqueue(made.kind, made.proto, layout_config=made.layout)
    else:
        assert isinstance(shown.payload, Html)
        show_clickable(card, f"clicks-{each.name}", shown.payload.text, shown.targets, act)


def main() -> None:
    st.set_page_config(layout="wide")
    st.html(STYLE)
    show_chips(st, WHERE, remove)
    panel(kpi.PANEL, kpi.clickable(frame()))
    left, right = st.columns(2)
    with left:
        panel(breakdown.PANEL, breakdown.clickable(frame()))
    with right.container(key="panel-statistics", border=True):
        found = statistics(CHOICE, [table()], (START_US, START_US + LENGTH_US), held_us=START_US - LENGTH_US, most=5)
        st.html(statistics_view.payload(found, CHOICE, frame().slots).text)
    with st.container(key="panel-events", border=True):
        st.markdown(f":material/{events.PANEL.icon}: **{events.PANEL.title}**")
        show_events(st.container(), [table()], CHOICE, dt.UTC)
    show_clickable(st.container(key="hostile"), "clicks-hostile", HOSTILE_HTML, (), act)
    with st.container(key="outcome"):
        st.text(repr((st.session_state.get("picked"), st.session_state.get("removed"))))


if __name__ == "__main__":
    main()
