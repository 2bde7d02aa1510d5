"""What a source with a counterpart promises, against a WebSocket server in a process that is killed and started again."""

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
import pytest

from sources.protocol import Reader
from sources.websocket import WebSocket
from tests.servers.websocket import Broadcast
from tests.sources import contract
from tests.sources.contract import Counterpart, Subject


@pytest.fixture(scope="module")
def server() -> Iterator[Broadcast]:
    with Broadcast.start() as running:
        yield running


@pytest.mark.slow
@pytest.mark.parametrize("check", contract.OUTAGE_CHECKS)
def test_a_websocket_keeps_the_contract_through_outages(
    check: Callable[[Counterpart], None], server: Broadcast
) -> None:
    check(Counterpart(WebSocket(url=server.url), server.produce, server.kill, server.run, keeps=False))


@pytest.mark.parametrize("check", contract.LIVE_CHECKS)
def test_the_reader_of_a_websocket_keeps_the_contract(check: Callable[[Subject], None], server: Broadcast) -> None:
    def in_order(table: pa.Table) -> bool:
        return bool((np.diff(table["n"].to_numpy()) > 0).all())

    def opened() -> Reader:
        return WebSocket(url=server.url).open()

    check(Subject(opened, opened, server.produce, in_order))
