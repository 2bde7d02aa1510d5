"""What the reader of posts promises."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from sources.push import Push
from tests.push.senders import produce
from tests.sources import contract
from tests.sources.contract import Counterpart, Subject


@pytest.mark.parametrize("check", contract.LIVE_CHECKS)
def test_the_reader_of_posts_keeps_the_contract(check: Callable[[Any], None], port: int) -> None:
    def in_order(table: pa.Table) -> bool:
        return bool((np.diff(table["n"].to_numpy()) > 0).all())

    push = Push(name="demo")
    check(Subject(push.open, push.open, lambda count: produce(port, count), in_order))


@pytest.mark.slow
@pytest.mark.parametrize(
    "check",
    [contract.many_events_a_second_are_carried, contract.a_feed_to_which_nothing_comes_costs_next_to_nothing],
)
def test_posts_come_fast_and_waiting_for_them_costs_nothing(check: Callable[[Any], None], port: int) -> None:
    check(Counterpart(Push(name="demo"), lambda count: produce(port, count), lambda: None, lambda: None, keeps=True))
