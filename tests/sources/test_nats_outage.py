"""What a source with a counterpart promises, against a NATS server that is killed and started again."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pyarrow as pa
import pytest

from sources.nats import Nats
from sources.protocol import Reader
from tests.servers.nats import NatsServer
from tests.servers.or_skip import or_skip
from tests.sources import contract
from tests.sources.contract import Counterpart, Subject


@pytest.fixture(scope="module")
def server() -> Iterator[NatsServer]:
    with or_skip(NatsServer.start()) as running:
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
