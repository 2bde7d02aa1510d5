"""The first real feed that anyone has: this computer, with nothing to set up."""

from typing import Any

import psutil  # type: ignore[import-untyped]

from tests.browser.conftest import OpenBoard
from tests.browser.watching import FIGURES, set_up, wait_for_age


def figures(board: Any) -> dict[str, float]:
    shown: dict[str, str] = board.page.evaluate(FIGURES)
    return {name: float(text.replace(",", "")) for name, text in shown.items()}


def test_this_computer_is_a_board_with_one_choice(open_board: OpenBoard) -> None:
    board = open_board({"views": "kpi,series"})
    set_up(board, "This computer", {})
    board.wait_for_query(source="machine")
    wait_for_age(board, "polled every 1 s")
    board.wait_for_board(("kpi", "series"))
    board.choose("Value", "memory_pct")
    board.wait_for_query(value="memory_pct")
    board.wait("() => document.querySelector('.st-key-panel-kpi').innerText.includes('mean memory_pct')")
    (shown,) = figures(board).values()
    assert abs(shown - psutil.virtual_memory().percent) < 5
