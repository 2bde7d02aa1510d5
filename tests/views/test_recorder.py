"""The flight recorder's controls, driven as a viewer would: what they write is on disk, and strangers write nothing."""

from typing import ClassVar

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from sources.errors import AuthFailed
from sources.recording import read_header
from sources.recordings import offered, parts
from state.feed import Feed
from state.recorders import Recorders
from tests.state.feeds_by_hand import START, ByHand, events, until
from views import recorder


def page() -> None:
    import streamlit as st  # noqa: PLC0415 - AppTest runs the source text of this function alone

    from state.board import Board  # noqa: PLC0415
    from views.recorder import RecordingLine, show_recorder  # noqa: PLC0415
    from views.session import Memory  # noqa: PLC0415

    feed = st.session_state.feed
    RecordingLine().show(feed)
    memory = st.session_state.setdefault("memory", Memory(Board(feed.source), []))
    selected, tables = st.session_state.get("selection", (None, None))
    show_recorder(feed, memory.board, memory, selected=selected, tables=tables)


class Meter(ByHand):
    """A kind whose name may begin a recording's."""

    kind: ClassVar[str] = "meter"


@pytest.fixture
def feed():
    source = Meter()
    made = Feed(source)
    made.start()
    source.give(events(range(100), at=range(0, 1000, 10)))
    until(lambda: made.seen == 100)
    yield made
    made.close()
    assert made.join(5)


@pytest.fixture
def recorders(tmp_path, monkeypatch):
    made = Recorders(tmp_path)
    monkeypatch.setattr(recorder, "RECORDERS", made)
    yield made
    made.close()


@pytest.fixture
def opened(feed, recorders, monkeypatch):
    """The page, opened by someone who sits at this machine, or by a stranger."""

    def opened(*, stranger=False, **state):
        monkeypatch.setenv("PULSEBOARD_ALLOW_ADHOC", "0" if stranger else "1")
        st.cache_data.clear()
        app = AppTest.from_function(page, default_timeout=20)
        app.session_state["feed"] = feed
        for name, value in state.items():
            app.session_state[name] = value
        app.run()
        assert not app.exception
        return app

    return opened


def said(app):
    return " ".join(each.value for each in (*app.markdown, *app.text))


def click(app, key):
    app.button(key=key).click().run()
    assert not app.exception
    return app


def test_the_last_ten_minutes_are_saved_and_the_link_opens_them(opened, recorders):
    app = opened()
    app.text_input(key="record-name").input("incident")
    click(app, "record-save")
    header = read_header(recorders.folder / "incident.parquet")
    assert (header.events, header.to_us - header.from_us) == (61, 600 * 1_000_000)
    assert "61 events saved: [incident](?source=replay&recording=incident)" in said(app)


def test_another_span_is_chosen_and_a_name_is_found(opened, recorders):
    app = opened()
    app.segmented_control(key="record-span").set_value("1").run()
    click(app, "record-save")
    [name] = offered(recorders.folder)
    assert name.startswith("meter-2")
    assert read_header(parts(recorders.folder / f"{name}.parquet")[0]).events == 7


def test_the_selection_is_saved_from_what_the_viewer_holds(opened, recorders, feed):
    kept = [table.slice(0, 50) for span in feed.pull(0).spans for table in span.tables()]
    second = 1_000_000
    app = opened(selection=((START * second, (START + 1000) * second), lambda: kept))
    assert app.segmented_control(key="record-span").value == "selection"
    app.text_input(key="record-name").input("chosen")
    click(app, "record-save")
    assert read_header(recorders.folder / "chosen.parquet").events == 50
    app.session_state["selection"] = (None, None)
    app.run()
    assert not app.exception
    assert app.segmented_control(key="record-span").value == "10"


def test_a_selection_is_what_is_saved_as_soon_as_there_is_one_or_another(opened):
    def span(app, selected):
        app.session_state["selection"] = (selected, None)
        app.run()
        assert not app.exception
        return app.segmented_control(key="record-span").value

    app = opened()
    assert span(app, None) == "10"
    assert span(app, (0, 1)) == "selection"
    app.segmented_control(key="record-span").set_value("60").run()
    assert span(app, (0, 1)) == "60"
    assert span(app, (0, 2)) == "selection"
    app.segmented_control(key="record-span").set_value("60").run()
    assert span(app, None) == "60"


def test_a_name_that_can_not_be_is_complained_of(opened, recorders):
    app = opened()
    app.text_input(key="record-name").input("../x")
    click(app, "record-save")
    assert "is no recording's name" in said(app)
    assert list(recorders.folder.iterdir()) == []


def test_a_recording_goes_on_until_it_is_stopped_by_whom_ever(opened, recorders, feed):
    app = opened()
    app.text_input(key="record-name").input("night")
    app.number_input(key="record-bound").set_value(20)
    click(app, "record-keep")
    running = recorders.of(feed.source)
    assert running.progress.running
    assert running.most_bytes == 20_000_000
    assert said(app).count("Recording **night**") == 2  # beside the buttons, and where everybody sees it
    feed.source.give(events([1, 2]))
    until(lambda: feed.seen == 102)
    click(opened(), "record-stop")
    assert not running.progress.running
    assert said(app.run()).count("Recorded **night** · 2 events · 0.0 MB in 1 file") == 1
    assert read_header(parts(recorders.folder / "night")[0]).events == 2


def test_everybody_is_told_why_a_recording_has_ended_by_itself(opened, recorders, feed):
    app = opened()
    click(app, "record-keep")
    feed.source.give(AuthFailed("the *broker* refused"))
    assert recorders.of(feed.source).join(10)
    assert said(opened(stranger=True)).count("the feed has failed\\: the \\*broker\\* refused") == 2


def test_a_second_recording_of_a_feed_is_complained_of(opened):
    one, other = opened(), opened()
    click(one, "record-keep")
    click(other, "record-keep")
    assert "this feed is being recorded already" in said(other)


def test_a_stranger_may_take_the_file_away_but_write_nothing(opened, recorders, feed):
    recorders.start(feed, opened().session_state["memory"].board, "night")
    app = opened(stranger=True)
    assert not app.button
    assert not app.text_input
    assert [each.label for each in app.get("download_button")] == ["Download"]
    assert "Recording **night**" in said(app)
    assert "replay" not in said(app)
