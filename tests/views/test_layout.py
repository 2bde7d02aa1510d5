"""The grid, and every payload drawn in it by Streamlit itself."""

import pytest
from streamlit.testing.v1 import AppTest

from views import PANELS
from views.layout import rows
from views.panel import Html, Slot


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
    from tests.views.sample_frames import FRAMES  # noqa: PLC0415 - the script stands alone
    from views import PANELS  # noqa: PLC0415
    from views.layout import layout  # noqa: PLC0415

    slots = layout(list(PANELS))
    for _ in range(2):
        for slot in slots:
            slot.show(slot.panel.prepare(FRAMES[kind]()))


@pytest.mark.parametrize("kind", ["full", "empty", "hostile"])
def test_every_panel_draws_one_element_however_often(kind: str) -> None:
    page = AppTest.from_function(board, kwargs={"kind": kind}, default_timeout=30).run()
    assert not page.exception
    titles = [each.value for each in page.markdown]
    assert titles == [f":material/{panel.icon}: **{panel.title}**" for panel in PANELS.values()]
    drawn = len(page.get("vega_lite_chart")) + len(page.get("html"))
    assert drawn == len(PANELS) + 1  # the style


class Place:
    """A container that notes what is drawn into it."""

    def __init__(self) -> None:
        self.drawn: list[str] = []

    def html(self, text: str) -> "Place":
        self.drawn.append(text)
        return self


def test_what_is_on_the_page_already_is_not_sent_again() -> None:
    place = Place()
    slot = Slot(PANELS["kpi"], place)
    for text in ("a", "a", "b"):
        slot.show(Html(text))
    assert place.drawn == ["a", "b"]


def test_a_panel_that_may_rest_skips_the_frames_between() -> None:
    slot = Slot(PANELS["events"], Place())
    drawn = []
    for tenth in range(11):
        now = 1_795_000_000 + tenth / 10
        if slot.due(now):
            slot.show(Html(str(tenth)), now)
            drawn.append(tenth)
    assert drawn == [0, 5, 10]
