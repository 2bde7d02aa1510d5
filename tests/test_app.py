"""The script runs from top to bottom, whatever its link says."""

import re
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from sources.protocol import Source
from state.feed import Feed
from state.feeds import Feeds, TooManyFeeds

SCRIPT = Path(__file__).parent.parent / "streamlit_app.py"
RUN_S = 60
"""The first run of a process imports everything."""
PULSE = re.compile(r"newest event \S+Z · events (\d+) · frame 1")

RunApp = Callable[..., AppTest]


@pytest.fixture
def run_app(monkeypatch: pytest.MonkeyPatch) -> Iterator[RunApp]:
    """Runs the script with a link's parameters; a test that can't be told from a loopback viewer may type addresses."""
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
    monkeypatch.setenv("PULSEBOARD_ALLOW_ADHOC", "1")
    monkeypatch.setattr("sources.kafka.list_topics", lambda *_: ["metrics"])  # there is no broker to ask
    started: list[Feeds] = []

    class WatchedFeeds(Feeds):
        def __init__(self) -> None:
            super().__init__()
            started.append(self)

    monkeypatch.setattr("state.feeds.Feeds", WatchedFeeds)

    def run(**link: str | list[str]) -> AppTest:
        app = AppTest.from_file(str(SCRIPT), default_timeout=RUN_S)
        app.query_params.update(link)
        app.run()
        assert not app.exception, app.exception
        return app

    yield run
    for feeds in started:
        feeds.close()
    st.cache_resource.clear()
    st.cache_data.clear()


def pulses(app: AppTest) -> list[str]:
    return [each.value for each in app.caption if PULSE.fullmatch(each.value)]


def texts(app: AppTest) -> str:
    return "\n".join(each.value for each in app.text)


def test_the_simulated_board_draws_its_first_frame(run_app: RunApp) -> None:
    app = run_app()
    [pulse] = pulses(app)
    assert int(PULSE.fullmatch(pulse)[1]) > 1000  # type: ignore[index]
    assert dict(app.query_params) == {}
    assert not any("warning" in each.value for each in app.markdown)


def test_a_second_run_keeps_what_the_session_remembers(run_app: RunApp) -> None:
    app = run_app()
    viewer = app.session_state["viewer"]
    app.run()
    assert app.session_state["viewer"] is viewer
    assert viewer.frames == 2
    app.selectbox(key="board-window").set_value("1m").run()
    assert app.session_state["viewer"] is viewer, "what is held does not depend on what is shown of it"


def test_a_widget_changes_the_link(run_app: RunApp) -> None:
    app = run_app()
    app.selectbox(key="board-agg").set_value("p95").run()
    assert not app.exception
    assert dict(app.query_params) == {"agg": "p95"}


def test_a_broken_link_is_complained_of_and_shows_the_default_board(run_app: RunApp) -> None:
    app = run_app(window="banana", agg="foo", views="nope", refresh="1ms", source="xyz", where="a:b", rate="-1")
    assert pulses(app)
    for word in ("banana", "foo", "nope", "1ms", "xyz", "a:b", "-1"):
        assert word in texts(app), f"no complaint about {word}"
    assert dict(app.query_params) == {}


def test_kafka_without_a_topic_says_so_and_shows_no_board(run_app: RunApp) -> None:
    app = run_app(source="kafka", bootstrap_servers="127.0.0.1:1")
    assert "topic is empty" in texts(app)
    assert not pulses(app)


def test_kafka_without_a_connection_says_how_to_set_one_up(run_app: RunApp) -> None:
    app = run_app(source="kafka", topic="metrics")
    assert "no connection is set up" in texts(app)
    assert not pulses(app)


def test_a_paused_board_shows_one_frame_and_the_instant_it_stands_at(run_app: RunApp) -> None:
    app = run_app(mode="paused")
    assert pulses(app)
    assert any("Paused at" in each.value for each in app.markdown)
    assert app.query_params["mode"] == "paused"
    assert app.query_params["at"]


@pytest.mark.parametrize("views", ["none", "kpi,series,events,health"])
def test_panels_that_were_chosen_stay_chosen_where_nothing_is_known_of_the_feed_yet(
    run_app: RunApp, views: str
) -> None:
    app = run_app(source="kafka", views=views)
    assert app.query_params["views"] == views


def test_a_board_that_opens_paused_shows_all_of_the_history(run_app: RunApp) -> None:
    [pulse] = pulses(run_app(mode="paused"))
    assert int(PULSE.fullmatch(pulse)[1]) >= 29_000  # type: ignore[index] - 5 minutes at 100 events/s, in two reads


def test_events_that_a_feed_lets_go_at_its_bound_are_counted_in_feed_health(
    run_app: RunApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("state.feeds.Feed", partial(Feed, max_bytes=200_000))
    app = run_app(views="health", rate="10000", history="1m")
    deadline = time.monotonic() + RUN_S
    while (let_go := tile(app, "let go")) == "0":
        assert time.monotonic() < deadline, "nothing is said of what was let go"
        app.run()
    assert 0 < int(let_go.replace(",", "")) <= app.session_state["viewer"].feed.retained.let_go


def tile(app: AppTest, label: str) -> str:
    """The figure of one of feed health's tiles."""
    html = next(each.proto.body for each in app.get("html") if "pb-tiles" in each.proto.body)
    figure = re.search(rf">{label}</div><b>(.*?)</b>", html)
    assert figure, html
    return figure[1]


def test_a_recording_is_a_board_like_any_other(run_app: RunApp) -> None:
    app = run_app(source="replay", recording="demo", times="now", loop="true")
    [pulse] = pulses(app)
    events = PULSE.search(pulse)
    assert events is not None
    assert int(events[1]) > 5_000


def test_a_feed_too_many_is_refused_with_what_to_do_and_opens_once_there_is_room(
    run_app: RunApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = [True]

    def feed(feeds: Feeds, source: Source, *, anew: bool = False) -> Feed:
        if full:
            raise TooManyFeeds(50)
        return real(feeds, source, anew=anew)

    real = Feeds.feed
    monkeypatch.setattr(Feeds, "feed", feed)
    app = run_app()
    assert [each.value for each in app.error] == ["No further feed can be opened here now."]
    assert "as may be at once, 50: close a board" in texts(app)
    assert not pulses(app)
    full.clear()
    next(each for each in app.button if each.label == "Try again").click().run()
    assert not app.error
    assert pulses(app)
