"""What can't be read is said, and the page stays of use."""

import pytest

from tests.browser.conftest import OpenBoard

NOBODY = "127.0.0.1:1"
"""A port that nothing listens on, and nothing can."""


@pytest.mark.slow
def test_a_broker_that_nobody_answers_for_is_named_and_the_sidebar_stays_usable(open_board: OpenBoard) -> None:
    board = open_board({"source": "kafka", "topic": "metrics", "bootstrap_servers": NOBODY, "views": "kpi"})
    board.page.get_by_test_id("stMain").get_by_text(NOBODY).first.wait_for()
    board.choose("Aggregate", "max")
    board.wait_for_query(agg="max")
    board.choose("Source", "Simulated feed")
    board.wait_for_board(("kpi",))
    board.wait_for_frames(1)


def test_kafka_without_a_topic_says_what_is_missing(open_board: OpenBoard) -> None:
    board = open_board({"source": "kafka", "bootstrap_servers": NOBODY})
    board.page.get_by_test_id("stMain").get_by_text("topic is empty: name the topic to watch").wait_for()
    assert board.panels() == []


def test_kafka_without_an_address_says_how_to_give_one(open_board: OpenBoard) -> None:
    board = open_board({"source": "kafka", "topic": "metrics"})
    board.page.get_by_test_id("stMain").get_by_text("no connection is set up").wait_for()
    board.sidebar().get_by_label("Broker address", exact=True).wait_for()
