"""Messages framed for a schema registry, from a real broker: each once, through the registry's death and return."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sources.batch import Batch
from sources.errors import AuthFailed, BadSettings, Unreachable
from sources.kafka import Kafka
from sources.protocol import Reader
from tests.kafka import messages
from tests.kafka.registry import SchemaRegistry
from tests.kafka.traffic import Traffic, read, rows

COUNT = 300
PASSWORD = "s3cret-pass"  # noqa: S105 - a throw-away registry's

Open = Callable[..., Reader]


@pytest.fixture
def served() -> Iterator[SchemaRegistry]:
    with SchemaRegistry.start() as running:
        yield running


@pytest.fixture
def open_with(bootstrap: str) -> Iterator[Open]:
    """Opens a topic with further properties of the connection."""
    readers: list[Reader] = []

    def open_reader(topic: str, **properties: str) -> Reader:
        named = {"bootstrap_servers": bootstrap, **properties}
        readers.append(Kafka(topic=topic, start="earliest", properties=tuple(named.items())).open())
        return readers[-1]

    yield open_reader
    for each in readers:
        each.close()


def reading(number: int) -> dict[str, Any]:
    return {"n": number, "ms": number / 4, "site": f"site-{number % 3}"}


def own(batches: list[Batch]) -> list[dict[str, Any]]:
    return [
        {name: value for name, value in row.items() if name[0] != "_"} for row in rows(b for b in batches if len(b))
    ]


@pytest.mark.parametrize("kind", ["avro", "protobuf", "jsonschema"])
def test_every_framed_message_is_the_row_that_was_produced(
    traffic: Traffic, open_with: Open, served: SchemaRegistry, kind: str
) -> None:
    topic = traffic.topic()
    write = messages.writers(served.url)[kind]
    traffic.produce(topic, [{"value": write(reading(number))} for number in range(COUNT)])
    served.asked.clear()
    batches = read(open_with(topic, schema_registry_url=served.url), COUNT)
    assert own(batches) == [reading(number) for number in range(COUNT)]
    assert sum(each.malformed for each in batches) == 0
    assert set(served.asked.values()) <= {1}
    assert sum(served.asked.values()) == {"avro": 1, "protobuf": 2, "jsonschema": 0}[kind]


def test_a_registry_killed_and_restarted_mid_stream_loses_and_repeats_nothing(
    traffic: Traffic, open_with: Open, served: SchemaRegistry
) -> None:
    topic = traffic.topic()
    first, second = messages.avro(served.url), messages.avro(served.url, messages.AVRO.replace("double", "float"), "b")
    before = [{"value": first(reading(number))} for number in range(COUNT)]
    after = [{"value": (second, first)[number % 2](reading(number))} for number in range(COUNT, 2 * COUNT)]
    traffic.produce(topic, before)
    reader = open_with(topic, schema_registry_url=served.url)
    batches = read(reader, COUNT)
    served.stop()
    traffic.produce(topic, after[: COUNT // 2])
    away: list[str] = []
    deadline = time.monotonic() + 20
    while len(away) < 3 and time.monotonic() < deadline:
        try:
            batches.append(reader.poll(0.1))
        except Unreachable as error:
            away.append(str(error))
    assert len(away) == 3
    assert all(each.startswith(f"Nothing listens at schema registry {served.url}") for each in away)
    assert sum(map(len, batches)) == COUNT
    served.status = 500
    served.run()
    with pytest.raises(Unreachable, match="HTTP 500"):
        reader.poll(0.1)
    served.status = 200
    traffic.produce(topic, after[COUNT // 2 :])
    batches += read(reader, COUNT)
    batches.append(reader.poll(0.5))  # what was repeated would come now
    assert own(batches) == [reading(number) for number in range(2 * COUNT)]
    offsets = [offset for each in batches if len(each) for offset in each.table["_offset"].to_pylist()]
    assert offsets == list(range(2 * COUNT))


def test_a_wrong_password_ends_in_an_authentication_failure_without_it(traffic: Traffic, open_with: Open) -> None:
    with SchemaRegistry.start(f"alice:{PASSWORD}") as served:
        topic = traffic.topic()
        write = messages.avro(served.url, **{"basic.auth.user.info": f"alice:{PASSWORD}"})
        traffic.produce(topic, [{"value": write(reading(0))}])
        right = open_with(topic, schema_registry_url=served.url, basic_auth_user_info=f"alice:{PASSWORD}")
        assert own(read(right, 1)) == [reading(0)]
        wrong = open_with(topic, schema_registry_url=served.url, basic_auth_user_info=f"alice:{PASSWORD[:-1]}")
        with pytest.raises(AuthFailed) as caught:
            read(wrong, 1)
    assert PASSWORD[:-1] not in str(caught.value)


def test_without_a_registry_in_the_connection_it_is_said_what_to_add(
    traffic: Traffic, open_with: Open, served: SchemaRegistry
) -> None:
    topic = traffic.topic()
    traffic.produce(topic, [{"value": messages.avro(served.url)(reading(0))}])
    with pytest.raises(BadSettings, match="add schema_registry_url"):
        read(open_with(topic), 1)


def test_a_message_of_an_unknown_schema_is_counted_and_keeps_its_neighbours(
    traffic: Traffic, open_with: Open, served: SchemaRegistry
) -> None:
    topic = traffic.topic()
    write = messages.avro(served.url)
    values = [write(reading(0)), b"\0\0\0\3\xe7\2", write(reading(2))]
    traffic.produce(topic, [{"value": value} for value in values])
    batches = read(open_with(topic, schema_registry_url=served.url), 3)
    assert own(batches) == [reading(0), reading(2)]
    assert sum(each.malformed for each in batches) == 1


def test_a_closed_reader_asks_the_registry_no_more(traffic: Traffic, open_with: Open, served: SchemaRegistry) -> None:
    topic = traffic.topic()
    traffic.produce(topic, [{"value": messages.avro(served.url)(reading(0))}])
    reader = open_with(topic, schema_registry_url=served.url)
    served.stop()
    deadline = time.monotonic() + 20
    with pytest.raises(Unreachable):
        while time.monotonic() < deadline:
            reader.poll(0.1)
    closing = threading.Thread(target=reader.close)
    closing.start()
    closing.join()
    assert len(reader.poll(0.1)) == 0
