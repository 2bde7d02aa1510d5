"""A phone's screen, and both colour schemes."""

from itertools import pairwise

import pytest

from tests.browser.conftest import OpenBoard
from views import PANELS


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
def test_a_phone_shows_the_cards_one_below_the_other_within_its_width(scheme: str, open_board: OpenBoard) -> None:
    board = open_board(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    board.wait_for_board()
    board.wait_for_frames(2)
    boxes = board.boxes()
    assert list(boxes) == list(PANELS)
    assert len({(x, width) for x, _, width, _ in boxes.values()}) == 1
    for (_, y, _, height), (_, next_y, _, _) in pairwise(boxes.values()):
        assert next_y >= y + height
    assert board.too_wide() == []
    assert board.page.evaluate("() => document.documentElement.scrollWidth") <= 390
    background = board.page.evaluate("() => getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    channels = [int(each) for each in background.strip("rgba()").split(",")[:3]]
    assert (max(channels) < 80) == (scheme == "dark")
