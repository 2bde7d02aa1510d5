"""The sidebar, driven as a viewer would: the link sets the widgets, the widgets set the link, and nothing typed breaks the board."""

from collections.abc import Iterator

import pytest
import streamlit as st
from streamlit.runtime.context import StreamlitHeaders
from streamlit.testing.v1 import AppTest

from sources.errors import Unreachable
from sources.protocol import Package
from state.board import Board
from state.settings import Unfinished
from views.session import may_type_addresses

TIMEOUT_S = 20


def page() -> None:
    import streamlit as st  # noqa: PLC0415 - AppTest runs the source text of this function alone

    from sources.kafka import Kafka  # noqa: PLC0415
    from sources.simulated import Simulated  # noqa: PLC0415
    from state.measure import Measure  # noqa: PLC0415
    from state.schema import Offer  # noqa: PLC0415
    from views.controls import choose_source, choose_view  # noqa: PLC0415

    views = {"kpi": "Key figures", "series": "Over time", "health": "Feed health"}
    st.session_state.source = choose_source({"simulated": Simulated, "kafka": Kafka}, views)
    fields = st.session_state.get("fields", (["latency_ms", "load"], ["service", "region"]))
    measures = tuple(Measure(name, name) for name in fields[0])
    st.session_state.shown = choose_view(
        Offer(measures, fields[1], fields=(*fields[0], *fields[1])), views, tuple(views)
    )


@pytest.fixture(autouse=True)
def _a_laptop(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Neither connections nor the right to type an address, and no topics from another test."""
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
    monkeypatch.delenv("PULSEBOARD_ALLOW_ADHOC", raising=False)
    st.cache_data.clear()
    yield
    st.cache_data.clear()


def opened(**link: str | list[str]) -> AppTest:
    app = AppTest.from_function(page, default_timeout=TIMEOUT_S)
    for name, text in link.items():
        app.query_params[name] = text
    return app.run()


def ran(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception
    return app


def type_into(app: AppTest, key: str, text: str) -> None:
    """Type what is no option yet, which AppTest's own selectbox can't."""
    box = app.selectbox(key=key)
    box.options.append(text)
    box.set_value(text)
    ran(app)


def board(app: AppTest) -> Board:
    assert not app.exception
    shown: Board = app.session_state["shown"]
    return shown


def said(app: AppTest) -> str:
    return "\n".join(each.value for each in app.sidebar.text)


def link(app: AppTest) -> dict[str, list[str]]:
    return {name: [text] if isinstance(text, str) else list(text) for name, text in app.query_params.items()}


def test_a_page_without_a_link_has_none_after_its_first_run() -> None:
    app = opened()
    assert link(app) == {}
    assert said(app) == ""
    assert board(app).views == ("kpi", "series", "health")


def test_a_link_sets_the_widgets_and_stays_as_it_was() -> None:
    given: dict[str, str | list[str]] = {
        "rate": "500",
        "history": "1h",
        "value": "load",
        "by": "none",
        "agg": "p95",
        "where": ["region:eq:north", "load:ge:0.5"],
        "window": "90s",
        "refresh": "0.1s",
        "views": "kpi,health",
        "mode": "paused",
        "at": "2024-05-01T12:00:00Z",
    }
    app = opened(**given)
    assert said(app) == ""
    assert app.number_input(key="source-simulated-rate").value == 500
    assert app.selectbox(key="board-value").value == "load"
    assert app.selectbox(key="board-window").value == "90s"
    assert app.multiselect(key="board-where").value == ["region:eq:north", "load:ge:0.5"]
    assert link(app) == {name: [text] if isinstance(text, str) else text for name, text in given.items()}
    assert link(ran(app)) == link(app)


def test_widgets_set_the_link_and_the_link_opens_the_same_board() -> None:
    app = opened()
    app.selectbox(key="board-agg").set_value("max")
    app.selectbox(key="board-refresh").set_value("0.1s")
    app.number_input(key="source-simulated-series").set_value(12)
    app.multiselect(key="board-where").set_value(["service:eq:a"])
    ran(app)
    assert link(app) == {"agg": ["max"], "refresh": ["0.1s"], "series": ["12"], "where": ["service:eq:a"]}
    assert board(opened(**link(app))) == board(app)


def test_a_bad_link_is_said_beside_the_controls_until_one_is_touched() -> None:
    app = opened(window="soon", rate="many", nonsense="x", source="telepathy")
    for text in (
        "'soon' is no length of time",
        "'many' is not a whole number",
        "left out: 'nonsense'",
        "'telepathy'",
    ):
        assert text in said(app)
    assert board(app).window == "5m"
    assert link(app) == {}
    app.selectbox(key="board-agg").set_value("sum")
    assert said(ran(app)) == ""


def test_a_bad_window_is_refused_and_the_last_good_one_kept() -> None:
    app = opened(window="1h")
    type_into(app, "board-window", "soon")
    assert "'soon' is no length of time" in said(app)
    assert "1h is kept" in said(app)
    assert board(app).window == "1h"
    assert link(app) == {"window": ["1h"]}
    type_into(app, "board-window", "90s")
    assert board(app).window == "90s"
    assert said(app) == ""


def test_a_bad_filter_is_said_and_left_out_while_the_others_work() -> None:
    app = opened()
    app.multiselect(key="board-where").set_value(["region", "region:eq:north"])
    ran(app)
    assert "'region' is no filter" in said(app)
    assert board(app).where == ("region:eq:north",)


def test_a_setting_that_the_source_refuses_keeps_its_last_good_value() -> None:
    app = opened(history="1h")
    type_into(app, "source-simulated-history", "yesterday")
    assert "'yesterday' is no length of time" in said(app)
    assert app.session_state["source"].history == "1h"
    assert link(app) == {"history": ["1h"]}


def test_a_field_that_the_feed_does_not_have_is_kept_and_said() -> None:
    app = AppTest.from_function(page, default_timeout=TIMEOUT_S)
    app.query_params["value"] = "pressure"
    app.session_state["fields"] = ([], [])
    ran(app)
    assert said(app) == ""
    app.session_state["fields"] = (["load"], [])
    ran(app)
    assert "'pressure'" in said(app)
    assert board(app).value == "pressure"
    app.session_state["fields"] = (["load", "pressure"], [])
    assert said(ran(app)) == ""
    assert app.selectbox(key="board-value").value == "pressure"


def test_a_link_that_is_paused_stands_somewhere_and_never_in_the_future() -> None:
    app = opened(mode="paused")
    assert link(app).keys() == {"mode", "at"}
    assert board(app).at_us is not None
    app = opened(mode="paused", at="2150-01-01T00:00:00Z")
    assert "still to come" in "\n".join(each.message for each in app.session_state["pulseboard-board"].complaints)
    assert board(app).at < "2150"


def test_no_view_at_all_is_a_board_too() -> None:
    app = opened()
    app.button_group(key="board-views").set_value([])
    assert link(ran(app)) == {"views": ["none"]}
    assert board(app).views == ()


def test_panels_that_a_run_before_drew_over_are_no_choice() -> None:
    """Runs overlap: one that has been replaced may still write what the panels hold, and the browser then seems to change them."""
    app = opened(source="kafka", topic="pumps")
    app.session_state["fields"] = ([], [])
    ran(app)
    app.session_state["board-views"] = ["kpi"]
    app.button_group(key="board-views").set_value(["kpi", "series", "health"])
    assert "views" not in link(ran(app))


def test_an_address_that_was_refused_is_what_is_to_be_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULSEBOARD_ALLOW_ADHOC", "1")
    app = opened(source="kafka", topic="pumps")
    assert "type an address, or add [connections.NAME]" in app.session_state["source"].problem.message
    app.text_input(key="source-kafka-bootstrap_servers").set_value("localhost:nonsense")
    source = ran(app).session_state["source"]
    assert source.problem.setting == "bootstrap_servers"
    assert said(app) == source.problem.message


def test_kafka_without_a_connection_says_what_to_do() -> None:
    app = opened(source="kafka", topic="pumps")
    assert "no connection is set up: add [connections.NAME]" in said(app)
    assert link(app) == {"source": ["kafka"], "topic": ["pumps"]}


def test_an_address_in_the_link_is_refused_where_strangers_can_come() -> None:
    app = opened(source="kafka", topic="pumps", bootstrap_servers="10.0.0.1:9092")
    assert "takes no addresses from a link" in said(app)
    assert link(app) == {"source": ["kafka"], "topic": ["pumps"]}
    assert "source-kafka-bootstrap_servers" not in [each.key for each in app.text_input]


def test_where_the_operator_allows_it_an_address_may_be_typed_or_linked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULSEBOARD_ALLOW_ADHOC", "1")
    monkeypatch.setattr("sources.kafka.list_topics", lambda *_: ["pumps"])
    app = opened(source="kafka", topic="pumps", bootstrap_servers="localhost:9092")
    assert said(app) == ""
    assert app.text_input(key="source-kafka-bootstrap_servers").value == "localhost:9092"
    app.text_input(key="source-kafka-bootstrap_servers").set_value("no address")
    assert "'no address' is no broker address" in said(ran(app))
    assert app.session_state["source"].bootstrap_servers == "localhost:9092"


@pytest.mark.parametrize("name", ["x-forwarded-for", "Forwarded", "x-real-ip"])
def test_a_loopback_address_behind_a_proxy_is_open_to_strangers(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(st, "get_option", {"server.address": "127.0.0.1"}.__getitem__)
    monkeypatch.setattr(type(st.context), "headers", StreamlitHeaders([("Host", "localhost")]))
    assert may_type_addresses()
    monkeypatch.setattr(type(st.context), "headers", StreamlitHeaders([("Host", "localhost"), (name, "203.0.113.9")]))
    assert not may_type_addresses()


def test_topics_that_cannot_be_listed_are_said_beside_the_topic(monkeypatch: pytest.MonkeyPatch) -> None:
    def list_topics(*_: object) -> list[str]:
        raise Unreachable("nothing listens at broker:9092")

    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "broker:9092")
    monkeypatch.setattr("sources.kafka.list_topics", list_topics)
    app = opened(source="kafka", topic="pumps")
    assert said(app) == "what there is can't be listed: nothing listens at broker:9092"
    assert app.session_state["source"].topic == "pumps"


def test_the_only_connection_is_taken_and_its_topics_are_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "broker:9092")
    monkeypatch.setattr(
        "sources.kafka.list_topics", lambda properties, _: ["pumps", dict(properties)["bootstrap_servers"]]
    )
    app = opened(source="kafka")
    assert app.selectbox(key="source-kafka-topic").options == ["pumps", "broker:9092"]
    assert said(app) == ""
    app.selectbox(key="source-kafka-topic").set_value("pumps")
    ran(app)
    assert said(app) == ""
    assert dict(app.session_state["source"].properties) == {"bootstrap_servers": "broker:9092"}
    assert link(app) == {"source": ["kafka"], "topic": ["pumps"], "connection": ["environment"]}
    assert board(opened(**link(app))) == board(app)


def test_changing_the_source_and_back_loses_no_setting() -> None:
    app = opened(rate="500")
    app.selectbox(key="board-source").set_value("kafka")
    ran(app)
    assert link(app) == {"source": ["kafka"]}
    app.selectbox(key="board-source").set_value("simulated")
    assert link(ran(app)) == {"rate": ["500"]}


@pytest.mark.parametrize(
    ("where", "doubt"),
    [
        ("regoin:eq:north", "the feed has no field 'regoin' so far"),
        ("load:gt:abc", "'abc' is no number to compare 'load' with"),
        ("region:eq:north", ""),
        ("load:gt:1", ""),
    ],
)
def test_a_filter_that_nothing_can_pass_has_its_message(where: str, doubt: str) -> None:
    app = opened(where=where)
    assert doubt in said(app)
    assert bool(doubt) == bool(said(app))
    assert link(app) == {"where": [where]}


def test_a_filter_typed_as_people_do_is_kept_in_the_link_as_any_other() -> None:
    assert link(opened(where="region = north")) == {"where": ["region:eq:north"]}


def test_another_source_is_live() -> None:
    app = opened(mode="paused", at="2024-05-01T12:00:00Z", range="2024-05-01T11:59:00Z/2024-05-01T12:00:00Z")
    assert board(ran(app)).mode == "paused"
    app.number_input(key="source-simulated-seed").set_value(8)
    assert link(ran(app)) == {"seed": ["8"]}


def test_a_source_whose_package_is_missing_stays_in_the_list_with_what_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sources.kafka.Kafka.packages", (Package("no_such.module", "no-such-package>=1"),))
    app = opened(source="kafka", topic="pumps")
    assert app.selectbox(key="board-source").options == ["Simulated feed", "Kafka (not installed)"]
    source = app.session_state["source"]
    assert isinstance(source, Unfinished)
    assert 'pip install "no-such-package>=1"' in source.problem.message
    assert link(app) == {"source": ["kafka"], "topic": ["pumps"]}
