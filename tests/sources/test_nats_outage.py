"""What a source with a counterpart promises, against a NATS server that is killed and started again."""

import contextlib
import os
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pyarrow as pa
import pytest

from sources.nats import Nats
from sources.protocol import Reader
from tests.servers.nats import NatsServer, Unavailable
from tests.sources import contract
from tests.sources.contract import Counterpart, Subject


@pytest.fixture(scope="module")
def server() -> Iterator[NatsServer]:
    with contextlib.ExitStack() as stack:
        try:
            running = stack.enter_context(NatsServer.start())
        except Unavailable as reason:
            if os.environ.get("REQUIRE_ALL") == "1":
                pytest.fail(str(reason))
            pytest.skip(str(reason))
        running.stream("kept", "kept.>")
        yield running


@pytest.mark.slow
@pytest.mark.parametrize("topic", ["kept.numbers", "live.numbers"])
@pytest.mark.parametrize("check", contract.OUTAGE_CHECKS)
def test_nats_keeps_the_contract_through_outages(
    check: Callable[[Counterpart], None], topic: str, server: NatsServer
) -> None:
    keeps = topic.startswith("kept")
    produce = partial(server.produce, topic, stored=keeps)
    source = Nats(topic=topic, url=server.url, start="latest")
    check(Counterpart(source, produce, server.kill, server.run, keeps=keeps))


@pytest.mark.parametrize("topic", ["kept.few", "live.few"])
@pytest.mark.parametrize("check", contract.LIVE_CHECKS)
def test_the_reader_of_nats_keeps_the_contract(
    check: Callable[[Subject], None], topic: str, server: NatsServer
) -> None:
    def in_order(table: pa.Table) -> bool:
        return bool((np.diff(table["n"].to_numpy()) > 0).all())

    def opened() -> Reader:
        return Nats(topic=topic, url=server.url, start="latest").open()

    check(Subject(opened, opened, partial(server.produce, topic, stored=topic.startswith("kept")), in_order))
