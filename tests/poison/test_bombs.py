"""Small inputs that would be large in memory, or take long, cost about what others do."""

import pytest

from tests.poison.bombs import BOMBS
from tests.poison.targets import TARGETS
from tests.poison.watchdog import watched


@pytest.mark.slow
@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_costs_little(name: str) -> None:
    bomb = BOMBS[name]
    data = bomb.make()
    with watched(bomb.cpu_s):
        TARGETS[bomb.target].take(data)
