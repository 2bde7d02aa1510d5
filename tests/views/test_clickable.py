"""What can be clicked on a paused board is what is live, and each click means one series."""

import re

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.choice import Choice
from state.filters import apply, parse_filter
from state.series import NAMELESS
from tests.views.sample_frames import FRAMES, HOSTILE, hostile_frame, sample_frame
from tests.views.test_panel_contract import Tags
from views import breakdown, kpi
from views.clicks import picked
from views.panel import Html
from views.picks import Pick
from views.targets import series_picks

PANELS = {"breakdown": breakdown, "kpi": kpi}
each_panel = pytest.mark.parametrize("name", PANELS)
_MARK = re.compile(r' data-pick="(\d+)" role="button" tabindex="0" aria-label="[^"]*"')
_ROW = re.compile(rf'<div class="pb-row"{_MARK.pattern}>(.*?</div><div class="pb-number">[^<]*</div>)</div>')


@each_panel
@pytest.mark.parametrize("kind", FRAMES)
def test_it_is_the_live_panel_with_marks(name, kind):
    live, still = PANELS[name].prepare(FRAMES[kind]()), PANELS[name].clickable(FRAMES[kind]())
    if not isinstance(live, Html):
        assert still.payload == live
        return
    text = still.payload.text
    assert not Tags(text).open
    assert _MARK.sub("", _ROW.sub(r"\2", text)) == live.text
    assert [int(place) for place, *_ in _MARK.findall(text)] == list(range(len(_MARK.findall(text))))
    assert len(_MARK.findall(text)) <= len(still.targets)


@each_panel
def test_a_board_that_is_not_split_has_nothing_to_click(name):
    still = PANELS[name].clickable(sample_frame(choice=Choice("latency_ms", "")))
    assert still.targets == ()
    assert "data-pick" not in still.payload.text


@each_panel
def test_events_without_a_name_cannot_be_singled_out(name):
    still = PANELS[name].clickable(sample_frame(names=("a", NAMELESS, "b")))
    assert {each.where for each in still.targets} == {("service:eq:a",), ("service:eq:b",)}
    assert still.payload.text.count("data-pick") == 2


@each_panel
def test_a_hostile_name_stays_text(name):
    text = PANELS[name].clickable(hostile_frame()).payload.text
    assert HOSTILE[0] not in text
    assert not Tags(text).seen & {"script", "img", "svg", "style", "a"}


@given(st.lists(st.text(), min_size=1, max_size=6, unique=True), st.text(min_size=1))
def test_a_pick_keeps_the_series_and_what_is_told_apart_from_it_only_as_text(names, by):
    picks = series_picks(Choice("load", by), names)
    for name in set(names) - {NAMELESS}:
        [text] = picks[name].where
        kept = apply([parse_filter(text)], pa.table({by: names}))[by].to_pylist()
        assert name in kept
        assert all(other == name or float(other) == float(name) for other in kept)


@given(
    st.one_of(
        st.none(), st.text(), st.lists(st.one_of(st.integers(), st.booleans(), st.just("1f")), max_size=3), st.floats()
    )
)
def test_whatever_a_browser_answers_names_a_target_or_nothing(answer):
    targets = (Pick(at_us=0), Pick(at_us=1))
    found = picked({"pick": answer}, "1f", targets)
    meant = isinstance(answer, list) and len(answer) == 2 and answer[0] == "1f" and type(answer[1]) is int
    assert (found in targets) == (meant and answer[1] in (0, 1))


@pytest.mark.parametrize("state", [None, "pick", {}, {"else": 1}, 5])
def test_an_answer_of_another_shape_is_none(state):
    assert picked(state, "1f", (Pick(),)) is None
