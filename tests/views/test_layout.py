"""The grid, and every payload drawn in it by Streamlit itself."""

import datetime as dt
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from streamlit.proto.Html_pb2 import Html as HtmlProto
from streamlit.testing.v1 import AppTest

from state.live import Tick
from tests.views.sample_frames import sample_frame
from views import PANELS
from views.grid import rows
from views.panel import Html, Panel, Stand
from views.slot import Slot


@pytest.mark.parametrize(
    ("views", "grid"),
    [
        ([], []),
        (["kpi", "series"], [["kpi"], ["series"]]),
        (["raw", "distribution", "heatmap"], [["raw", "distribution"], ["heatmap"]]),
        (["raw", "series", "heatmap"], [["raw"], ["series"], ["heatmap"]]),
    ],
)
def test_halves_stand_in_pairs(views: list[str], grid: list[list[str]]) -> None:
    assert [[panel.name for panel in row] for row in rows([PANELS[name] for name in views])] == grid


def board(kind: str) -> None:
    from state.live import Tick  # noqa: PLC0415 - the script stands alone
    from tests.views.sample_frames import FRAMES, facts  # noqa: PLC0415
    from views.layout import layout  # noqa: PLC0415

    slots = layout(facts(FRAMES[kind]()), lambda: None)
    for _ in range(2):
        for slot in slots:
            slot.show(slot.prepare(Tick(FRAMES[kind](), 0.0)))


@pytest.mark.parametrize("kind", ["full", "empty", "hostile"])
def test_every_panel_draws_one_element_however_often(kind: str) -> None:
    page = AppTest.from_function(board, kwargs={"kind": kind}, default_timeout=30).run()
    assert not page.exception
    titles = [each.value for each in page.markdown]
    assert titles == [f":material/{panel.icon}: **{panel.title}**" for panel in PANELS.values()]
    drawn = len(page.get("vega_lite_chart")) + len(page.get("html"))
    assert drawn == len(PANELS) + 1  # the style


def still_board(kind: str) -> None:
    import datetime as dt  # noqa: PLC0415 - the script stands alone

    from state.live import Tick  # noqa: PLC0415
    from tests.views.sample_frames import FRAMES, facts  # noqa: PLC0415
    from views.layout import layout  # noqa: PLC0415
    from views.panel import Stand  # noqa: PLC0415

    for slot in layout(facts(FRAMES[kind]()), lambda: None):
        slot.show_still(Tick(frame := FRAMES[kind](), 0.0), Stand(frame, (), dt.UTC, lambda _: None))


@pytest.mark.parametrize("kind", ["full", "empty", "hostile", "noted"])
def test_every_panel_draws_one_element_while_the_board_stands_still(kind: str) -> None:
    page = AppTest.from_function(still_board, kwargs={"kind": kind}, default_timeout=30).run()
    assert not page.exception
    kinds = ("vega_lite_chart", "html", "bidi_component", "caption")  # of the events there is none: a caption says so
    drawn = [each for kind in kinds for each in page.get(kind)]
    assert len(drawn) == len(PANELS) + 1  # the style
    for chart in page.get("vega_lite_chart"):
        assert [each.name for each in chart.proto.datasets][:1] == ["rows"]
        assert not chart.proto.data.data


def test_a_panel_may_draw_itself_while_the_board_stands_still() -> None:
    place, drawn = Place(), []
    own = replace(counting(["a"]), still=lambda card, stand: drawn.append((card, stand)))
    slot = Slot(own, place, dt.UTC)
    stand = Stand(sample_frame(), (), dt.UTC, lambda _: None)
    slot.show_still(Tick(stand.frame, 0.0), stand)
    assert drawn == [(place, stand)]
    assert place.drawn == []


class Place:
    """A container that notes what is drawn into it."""

    def __init__(self) -> None:
        self.drawn: list[str] = []

    def _enqueue(self, kind: str, proto: HtmlProto, **_: Any) -> "Place":
        assert kind == "html"
        self.drawn.append(proto.body)
        return self


def counting(texts: list[str]) -> Panel:
    """A panel that shows the texts one after another."""
    left = iter(texts)
    return Panel("counting", "Counting", "speed", "full", lambda _: Html(next(left)), rest_s=0.5)


def test_what_is_on_the_page_already_is_not_sent_again() -> None:
    place = Place()
    slot = Slot(counting(["a", "a", "b"]), place, dt.UTC)
    for _ in range(3):
        slot.show(slot.prepare(Tick(sample_frame(), 0.0)))
    assert place.drawn == ["a", "b"]


def test_a_frame_is_prepared_once_for_all_who_show_it() -> None:
    places = [Place() for _ in range(3)]
    tick = Tick(sample_frame(), 0.0)
    panel = counting(["a"])
    for place in places:
        slot = Slot(panel, place, dt.UTC)
        slot.show(slot.prepare(tick))
    assert [place.drawn for place in places] == [["a"]] * 3


def test_a_table_is_drawn_in_the_zone_of_its_viewer() -> None:
    tick = Tick(sample_frame(), 0.0)
    drawn = {}
    for name in ("UTC", "Asia/Kolkata"):
        place = Place()
        slot = Slot(PANELS["events"], place, ZoneInfo(name))
        slot.show(slot.prepare(tick))
        drawn[name] = place.drawn
    assert "time (UTC)" in drawn["UTC"][0]
    assert "time (Asia/Kolkata)" in drawn["Asia/Kolkata"][0]


def test_a_panel_that_may_rest_skips_the_frames_between() -> None:
    slot = Slot(counting([str(number) for number in range(11)]), Place(), dt.UTC)
    drawn = []
    for tenth in range(11):
        now = 1_795_000_000 + tenth / 10
        if slot.due(now):
            slot.show(slot.prepare(Tick(sample_frame(), now)), now)
            drawn.append(tenth)
    assert drawn == [0, 5, 10]
