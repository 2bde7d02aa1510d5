"""The form of a recording: what is offered, what a link may say, and a file of the viewer's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from sources.replay import Replay
from sources.replay_uploads import is_upload, uploads_folder
from state.settings import Unfinished

CSV = b"time,ms\n2023-11-14T22:13:20Z,1\n2023-11-14T22:13:21Z,2\n"


def page() -> None:
    import streamlit as st  # noqa: PLC0415 - AppTest runs the source text of this function alone

    from sources.replay import Replay  # noqa: PLC0415
    from sources.simulated import Simulated  # noqa: PLC0415
    from state.schema import Offer  # noqa: PLC0415
    from views.controls import choose_source, choose_view  # noqa: PLC0415

    st.session_state.source = choose_source({"simulated": Simulated, "replay": Replay}, {"kpi": "Key figures"})
    choose_view(Offer(), {"kpi": "Key figures"}, ())


@pytest.fixture(autouse=True)
def _a_stranger(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody who may type addresses; and no uploads are left for the next test."""
    monkeypatch.setenv("PULSEBOARD_ALLOW_ADHOC", "0")
    yield
    for path in uploads_folder().iterdir():
        path.unlink()


def opened(**link: str) -> AppTest:
    app = AppTest.from_function(page, default_timeout=20)
    app.query_params.update({"source": "replay", **link})
    app.run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    return "\n".join(each.value for each in app.sidebar.text)


def test_who_has_chosen_no_recording_sees_the_demo() -> None:
    app = opened()
    assert app.session_state.source == Replay()
    assert "demo" in app.selectbox(key="source-replay-recording").options
    assert said(app) == ""


def test_what_the_link_says_is_what_is_played() -> None:
    app = opened(recording="demo", times="now", loop="true", speed="10")
    assert app.session_state.source == Replay(recording="demo", times="now", loop=True, speed="10")


def test_a_stranger_can_neither_type_a_path_nor_link_to_one() -> None:
    app = opened(path="/etc/passwd")
    assert app.session_state.source == Replay()
    assert not [each for each in app.text_input if each.key == "source-replay-path"]
    assert "takes no addresses from a link: choose one of its recordings" in said(app)


def test_whoever_may_type_addresses_may_type_a_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PULSEBOARD_ALLOW_ADHOC", "1")
    (tmp_path / "a.csv").write_bytes(CSV)
    app = opened(path=str(tmp_path / "a.csv"))
    assert app.session_state.source == Replay(path=str(tmp_path / "a.csv"))
    app.selectbox(key="source-replay-recording").set_value("demo").run()
    assert "path and recording are both given: choose one of them" in said(app)


def test_a_name_that_leads_elsewhere_is_refused_beside_the_control() -> None:
    app = opened(recording="../../etc/passwd")
    assert app.session_state.source == Replay()
    assert "is no recording's name" in said(app)


def test_an_upload_becomes_the_recording_and_its_link_opens_it_elsewhere() -> None:
    app = opened(recording="demo")
    app.file_uploader(key="recording-upload").upload("my file.csv", CSV, "text/csv").run()
    assert not app.exception
    source = app.session_state.source
    assert is_upload(source.recording)
    assert source.recording.endswith(".csv")
    link = app.query_params["recording"]
    assert link == source.recording
    elsewhere = opened(recording=link)
    assert elsewhere.session_state.source == source
    assert link not in opened(recording="demo").selectbox(key="source-replay-recording").options
    reader = elsewhere.session_state.source.open()
    assert len(reader.poll(0)) == 2
    reader.close()


def test_an_upload_of_nothing_is_refused_and_the_recording_stays() -> None:
    app = opened(recording="demo")
    app.file_uploader(key="recording-upload").upload("my file.csv", b"", "text/csv").run()
    assert app.session_state.source == Replay(recording="demo")
    assert "the file is empty: choose another. This file is not played" in said(app)
    app.selectbox(key="source-replay-speed").set_value("2").run()
    assert "This file is not played" in said(app), "for as long as it is listed"
    app.file_uploader(key="recording-upload").upload("my file.csv", CSV, "text/csv").run()
    assert "not played" not in said(app)
    assert app.session_state.source.recording.endswith("-my-file.csv")


def test_without_a_demo_a_recording_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sources.replay.has_demo", lambda: False)
    app = opened()
    source = app.session_state.source
    assert isinstance(source, Unfinished)
    assert "choose one, upload a file, or record a feed first" in source.problem.message
    assert said(app) == ""
