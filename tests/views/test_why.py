"""Each panel says why it shows what it shows, and what else it could show is one press away."""

import pytest
from streamlit.testing.v1 import AppTest

from sources.batch import Reading
from sources.kafka import Kafka
from sources.simulated import Simulated
from state.board import NONE, Board
from state.choice import AGGREGATES
from state.measure import Measure, Parts
from state.schema import Offer
from views import PANELS
from views.reasons import Facts, reason
from views.why import alternatives

SENT = Measure("bytes_total", "bytes_total", kind="counter", unit="B", why="counter with resets")
LOAD = Measure("load", "load", why="holds numbers; a level")
OFFER = Offer(
    (SENT, LOAD),
    ("host", "zone"),
    "host",
    ("host", "zone"),
    roles=(("host", "dimension", "9 values"), ("at", "time", "ISO text")),
)


def facts(board: Board = Board(Simulated()), offer: Offer = OFFER) -> Facts:  # noqa: B008 - frozen
    source = board.source
    assert source is not None
    return Facts(source, board, board.choice(offer), offer, Reading("csv", "40 of 40"), "`at` holds text with a zone")  # type: ignore[arg-type]


def test_a_counter_says_that_it_is_shown_as_a_rate_and_the_split_how_many_values_it_has() -> None:
    assert (
        reason("series", facts())
        == "bytes_total: counter with resets, so shown as a rate; host: 9 values, so split by colour"
    )


def test_what_the_viewer_chose_is_said_to_be_chosen() -> None:
    board = Board(Simulated(), value="load", agg="p95", by=NONE)
    assert reason("kpi", facts(board)) == "p95 load, as chosen; not split, as chosen"


def test_a_feed_without_a_measure_says_that_it_counts() -> None:
    assert (
        reason("series", facts(offer=Offer(fields=("note",))))
        == "nothing to measure was found, so events are counted; nothing to split by was found"
    )


def test_percentiles_of_rows_that_are_aggregates_are_not_passed_off_as_those_of_events() -> None:
    measure = Measure("latency", "", parts=Parts("count", "sum"))
    board = Board(Simulated(), agg="p95")
    assert reason("kpi", facts(board, Offer((measure,), fields=("count", "sum")))).startswith(
        "p95 of the means of latency"
    )


@pytest.mark.parametrize("panel", PANELS)
@pytest.mark.parametrize("offer", [OFFER, Offer(), Offer(fields=("x",))])
def test_every_panel_has_one_line(panel: str, offer: Offer) -> None:
    line = reason(panel, facts(offer=offer))
    assert line
    assert "\n" not in line
    assert "None" not in line


def script() -> None:
    from dataclasses import replace  # noqa: PLC0415 - AppTest runs the source text of this function alone

    import streamlit as st  # noqa: PLC0415

    from tests.views import test_why  # noqa: PLC0415
    from views.why import show_why  # noqa: PLC0415

    st.session_state.setdefault("board-agg", "")
    st.session_state.setdefault("source-kafka-format", "auto")
    board = replace(test_why.KAFKA_BOARD, agg=st.session_state["board-agg"])
    touched = st.session_state.setdefault("touched", [])
    for panel in ("series", "health"):
        show_why(panel, test_why.facts(board), lambda: touched.append(True))


KAFKA_BOARD = Board(Kafka(topic="metrics", bootstrap_servers="localhost:9092"))


def page() -> AppTest:
    app = AppTest.from_function(script, default_timeout=20).run()
    assert not app.exception
    return app


def test_what_is_picked_is_set_in_the_sidebar_and_a_second_press_takes_it_back() -> None:
    app = page()
    pills = app.button_group(key="pick-series-board-agg")
    assert pills.value == "rate"
    pills.set_value("max").run()
    assert app.session_state["board-agg"] == "max"
    assert app.session_state["touched"] == [True]
    app.button_group(key="pick-series-board-agg").set_value(None).run()
    assert app.session_state["board-agg"] == ""
    assert app.button_group(key="pick-series-board-agg").value == "rate"


def test_how_messages_are_read_is_mended_from_the_health_panel() -> None:
    app = page()
    app.button_group(key="pick-health-source-kafka-format").set_value("csv").run()
    assert app.session_state["source-kafka-format"] == "csv"


def test_only_what_could_be_otherwise_is_offered() -> None:
    simulated = {each.label for each in alternatives("health", facts())}
    assert simulated == set()  # it has no messages to be read otherwise
    [time] = [each for each in alternatives("health", facts(KAFKA_BOARD)) if each.widget == "source-kafka-time"]
    assert time.options == ("", "at")
    value, agg, by = alternatives("series", facts())
    assert (value.options, agg.options, by.options) == (("bytes_total", "load"), AGGREGATES, ("host", "zone", NONE))
