"""A panel that crashes is alone, says so, and tells nothing of the events or of what is secret."""

import datetime as dt
from dataclasses import replace

import pytest

from sources.kafka import Kafka
from state.choice import Choice
from state.live import Tick
from tests.views.sample_frames import sample_frame
from views import PANELS
from views.broken import Broken, about
from views.panel import Html
from views.slot import Slot

VALUE = "a-value-of-an-event"
LOGIN = (
    ("security_protocol", "SASL_SSL"),
    ("sasl_mechanism", "PLAIN"),
    ("sasl_plain_username", "me"),
    ("sasl_plain_password", "s3cret"),
)


class Place:
    """Where elements are drawn, as Streamlit has it; keeps what was drawn."""

    def __init__(self):
        self.drawn = []

    def _enqueue(self, _, proto, **__):
        self.drawn.append(proto)
        return self


def crashing_slot(place):
    calls = []

    def crash(frame):
        calls.append(frame)
        raise KeyError(VALUE)

    return Slot(replace(PANELS["kpi"], prepare=crash), place, dt.UTC, about="of this board"), calls


def test_a_crash_is_drawn_in_its_own_place_with_its_details_and_made_once_for_all_who_watch(caplog):
    place, tick = Place(), Tick(sample_frame(), 0.0)
    slot, calls = crashing_slot(place)
    slot.show(slot.prepare(tick))
    slot.show(slot.prepare(tick))
    [html] = place.drawn
    assert "Key figures could not be drawn (KeyError)" in html.body
    assert "of this board" in html.body
    assert "test_broken.py" in html.body
    assert VALUE not in html.body
    assert len(calls) == 1
    assert [record.name for record in caplog.records] == ["pulseboard.panel"]


def test_a_crash_that_stays_sends_nothing_and_one_that_is_over_leaves_nothing(caplog):
    place = Place()
    slot, _ = crashing_slot(place)
    for _ in range(3):
        slot.show(slot.prepare(Tick(sample_frame(), 0.0)))
    assert len(place.drawn) == 1
    slot.panel = PANELS["kpi"]
    slot.show(slot.prepare(Tick(sample_frame(), 0.0)))
    assert "could not be drawn" not in place.drawn[-1].body
    assert not place.drawn[-1].unsafe_allow_javascript


def test_a_payload_that_makes_no_element_is_a_crash_of_its_panel_alone(caplog, monkeypatch):
    place = Place()
    slot = Slot(replace(PANELS["kpi"], prepare=lambda _: Html(None)), place, dt.UTC)
    payload, _ = slot.prepare(Tick(sample_frame(), 0.0))
    assert isinstance(payload, Broken) is False  # an empty element is one
    monkeypatch.setattr("views.slot._html", lambda text, *, script=False: 1 / 0 if not script else text)
    payload, shown = slot.prepare(Tick(sample_frame(), 0.0))
    assert isinstance(payload, Broken)
    assert "ZeroDivisionError" in shown


@pytest.mark.parametrize("choice", [None, Choice(value="load", by="host", where=("host:eq:pump-7", "load:ge:0.9"))])
def test_what_is_told_of_a_board_holds_no_secret_and_no_value(choice):
    source = Kafka(topic="metrics", connection="main", properties=(("bootstrap_servers", "b:9092"), *LOGIN))
    text = about(source, choice)
    assert "source: kafka (topic=metrics, connection=main)" in text
    assert "streamlit 1." in text
    assert "s3cret" not in text
    if choice:
        assert "2 filters" in text
        assert "pump-7" not in text
