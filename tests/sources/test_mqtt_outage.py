"""A broker that is killed, or ended, and comes back; and what it costs to read one."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sources.batch import Batch
from sources.errors import Unreachable
from sources.mqtt import Mqtt
from sources.protocol import Reader
from tests.servers.mosquitto import Mosquitto, mosquitto_or_skip
from tests.servers.mqtt_publisher import Numbers, Publisher
from tests.sources import contract
from tests.sources.contract import Counterpart, numbers_in, poll_through, poll_until_back, read

pytestmark = pytest.mark.slow

Check = Callable[[Any], None]

RATES = {0: 10_000, 1: 2_000, 2: 1_000}
"""Events a second that a broker and one client carry, which confirm each message above 0: Mosquitto has 20 of them on their way."""


@pytest.fixture
def broker() -> Iterator[Mosquitto]:
    with mosquitto_or_skip() as running:
        yield running


class Plant:
    """A broker, and numbers that are published to it with a quality of service."""

    def __init__(self, broker: Mosquitto, qos: int) -> None:
        self.broker = broker
        self.qos = qos
        self._numbers = Numbers()

    def produce(self, count: int) -> None:
        with Publisher.at(self.broker.port) as publisher:
            publisher.publish_many("plant/press", self._numbers.take(count), self.qos)


def counterpart(broker: Mosquitto, qos: int, protocol: str = "5") -> Counterpart:
    source = Mqtt(topic="plant/#", qos=qos, properties=(("url", broker.url), ("protocol", protocol)))
    # Mosquitto saves its sessions when it is ended; of a power cut it remembers what it saved last.
    stop = broker.stop if qos else broker.kill
    return Counterpart(source, Plant(broker, qos).produce, stop, broker.run, keeps=qos > 0, rate=RATES[qos])


ONCE_EACH = contract.a_counterpart_that_is_killed_and_comes_back_is_read_on
"""Where messages come at least once, what was on its way comes again; see the test of what is published while we are away."""


@pytest.mark.parametrize(
    ("check", "qos"),
    [(check, qos) for check in contract.OUTAGE_CHECKS for qos in (0, 1, 2) if qos != 1 or check is not ONCE_EACH],
)
def test_mqtt_comes_through_an_outage(check: Check, broker: Mosquitto, qos: int) -> None:
    check(counterpart(broker, qos))


def test_mqtt_of_version_3_comes_through_an_outage(broker: Mosquitto) -> None:
    contract.a_counterpart_that_is_killed_and_comes_back_is_read_on(counterpart(broker, 2, "3.1.1"))


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
@pytest.mark.parametrize("qos", [1, 2])
def test_what_is_published_while_we_are_away_comes_when_we_are_back(broker: Mosquitto, qos: int, protocol: str) -> None:
    plant = counterpart(broker, qos, protocol)
    with contextlib.closing(plant.source.open()) as reader:
        plant.produce(5)
        before = read(reader, 5)
        plant.stop()
        while not _until_away(reader, before):
            pass
        plant.start()
        plant.produce(500)  # nobody polls, so nobody connects
        batches: list[Batch] = []
        poll_through(reader, lambda batches: len(numbers_in(batches)) >= 500, batches)
        got = [
            (row["n"], bool(row.get("_dup")))
            for each in (*before, *batches)
            if len(each)
            for row in each.table.to_pylist()
        ]
        assert sorted({number for number, _ in got}) == list(range(505))
        again = [number for number, marked in got if marked]
        assert len(got) == 505 + len(again)
        assert not (again and qos == 2), "events came twice"
        assert not [gap for batch in batches for gap in batch.gaps]


def through_an_outage(broker: Mosquitto, qos: int, stop: Callable[[], None]) -> list[Batch]:
    plant = Plant(broker, qos)
    reader = Mqtt(topic="plant/#", qos=1, url=broker.url).open()
    with contextlib.closing(reader):
        plant.produce(5)
        read(reader, 5)
        stop()
        batches: list[Batch] = []
        while not _until_away(reader, batches):
            pass
        broker.run()
        poll_until_back(reader, batches)
        plant.produce(5)
        poll_through(reader, lambda batches: len(numbers_in(batches)) >= 5, batches)
    return batches


def _until_away(reader: Reader, batches: list[Batch]) -> bool:
    """Poll once; whether the reader says that the broker is away."""
    try:
        batches.append(reader.poll(0.25))
    except Unreachable:
        return True
    return False


def test_a_session_that_the_broker_has_lost_is_a_gap(broker: Mosquitto) -> None:
    gaps = [gap for batch in through_an_outage(broker, 1, broker.kill) for gap in batch.gaps]
    assert len(gaps) == 1
    assert "had not kept" in gaps[0].why
    assert gaps[0].from_us < gaps[0].until_us


def test_messages_that_were_published_so_that_no_broker_keeps_them_are_a_gap(broker: Mosquitto) -> None:
    gaps = [gap for batch in through_an_outage(broker, 0, broker.stop) for gap in batch.gaps]
    assert len(gaps) == 1
    assert "QoS of 0" in gaps[0].why


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_a_closed_reader_leaves_no_session_at_the_broker(broker: Mosquitto, protocol: str) -> None:
    source = Mqtt(topic="plant/#", qos=1, properties=(("url", broker.url), ("protocol", protocol)))
    source.open().close()
    system = Mqtt(topic="$SYS/broker/clients/total", url=broker.url, retained=True).open()
    batches: list[Batch] = []

    def alone(batches: list[Batch]) -> bool:
        totals = [
            row["total"] if "total" in row else row["clients.total"] for b in batches for row in b.table.to_pylist()
        ]
        return bool(totals) and totals[-1] == 1

    with contextlib.closing(system):
        poll_through(system, alone, batches)
