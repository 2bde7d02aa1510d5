"""The link is the board."""

import pytest

from tests.browser.board_page import BoardPage
from tests.browser.conftest import OpenBoard
from views import PANELS

SETTINGS = ("Rate", "Series", "Value", "Group by", "Aggregate", "Window", "Refresh")


def settings(board: BoardPage) -> dict[str, str]:
    return {label: board.setting(label) for label in SETTINGS}


@pytest.mark.slow
def test_a_board_set_up_by_hand_opens_the_same_from_its_link(open_board: OpenBoard) -> None:
    board = open_board({"views": "kpi,series,raw"})
    board.wait_for_board(("kpi", "series", "raw"))
    board.type("Series", "3")
    board.wait_for_query(series="3")
    board.choose("Value", "cpu_pct")
    board.choose("Aggregate", "p95")
    board.add_filter("region:eq:eu-west")
    board.choose("Window", "1m")
    board.choose("Refresh", "trader · 0.1s")
    board.press("Newest raw points")
    board.press("Feed health")
    shown = ("kpi", "series", "health")
    board.wait_for_query(views=",".join(shown))
    board.wait_for_board(shown)
    expected = {
        "series": ["3"],
        "value": ["cpu_pct"],
        "agg": ["p95"],
        "where": ["region:eq:eu-west"],
        "window": ["1m"],
        "refresh": ["0.1s"],
        "views": [",".join(shown)],
    }
    assert board.query() == expected

    colleague = open_board(board.page.url.split("?", 1)[1])
    colleague.wait_for_board(shown)
    assert settings(colleague) == settings(board)
    assert colleague.sidebar().get_by_text("region:eq:eu-west").is_visible()
    names = [each.panel("kpi").locator(".pb-name").all_inner_texts() for each in (board, colleague)]
    assert names[0] == names[1]
    assert len(names[0]) == 3
    colleague.wait("() => document.querySelector('.st-key-panel-series').textContent.includes('p95 cpu_pct')")
    assert colleague.query() == expected


@pytest.mark.slow
def test_a_setting_put_back_to_its_default_leaves_the_link(open_board: OpenBoard) -> None:
    board = open_board({"agg": "max", "window": "1m", "views": "kpi"})
    board.wait_for_board(("kpi",))
    board.choose("Aggregate", "Automatic")
    board.wait_for_query(agg=None)
    board.choose("Window", "Automatic")
    board.wait_for_query(window=None)
    for title in (panel.title for name, panel in PANELS.items() if name != "kpi"):
        board.press(title)
    board.wait_for_query(views=None)
    assert board.query() == {}


@pytest.mark.slow
def test_a_malformed_link_is_complained_of_beside_its_controls_and_opens_on_defaults(open_board: OpenBoard) -> None:
    board = open_board({"window": "banana", "agg": "foo", "views": "nope", "refresh": "1ms", "source": "xyz"})
    board.wait_for_board()
    board.wait_for_frames(2)
    text = board.sidebar().inner_text()
    # In the order of the page: each complaint follows its control and comes before the next.
    places = [
        text.index(each) for each in ("'xyz'", "Aggregate", "'foo'", "Window", "'banana'", "Refresh", "1ms", "nope")
    ]
    assert places == sorted(places), text
    assert (board.setting("Source"), board.setting("Aggregate"), board.setting("Window")) == (
        "Simulated feed",
        "Automatic",
        "Automatic",
    )
    assert board.query() == {}
