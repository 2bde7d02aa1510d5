"""The MQTT source against a real broker."""

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pyarrow as pa
import pytest

from sources import mqtt_listing
from sources.batch import Batch
from sources.errors import AuthFailed, BadSettings, Mendable, SourceError, Unreachable
from sources.mqtt import Mqtt
from sources.mqtt_listing import offered
from sources.mqtt_reader import MqttReader
from sources.protocol import Reader
from state.board import Board
from state.feed import Feed
from tests.servers.free_port import free_port
from tests.servers.mosquitto import BLIND, PASSWORD, USER, Mosquitto, mosquitto_or_skip
from tests.servers.mqtt_publisher import Numbers, Publisher
from tests.sources import contract
from tests.sources.contract import Subject, read

Check = Callable[[Any], None]


@pytest.fixture(scope="module")
def broker() -> Iterator[Mosquitto]:
    with mosquitto_or_skip() as running:
        yield running


@pytest.fixture
def publisher(broker: Mosquitto) -> Iterator[Publisher]:
    with Publisher.at(broker.port) as connected:
        yield connected


@pytest.fixture
def opened() -> Iterator[Callable[[Mqtt], Reader]]:
    with ExitStack() as stack:

        def open_reader(source: Mqtt) -> Reader:
            reader = source.open()
            stack.callback(reader.close)
            return reader

        yield open_reader


def rows(batches: list[Batch]) -> list[dict[str, Any]]:
    return [row for batch in batches if len(batch) for row in batch.table.to_pylist()]


# The contract


@pytest.mark.parametrize("check", contract.LIVE_CHECKS)
def test_the_mqtt_reader_keeps_the_contract(check: Check, broker: Mosquitto, publisher: Publisher) -> None:
    numbers = Numbers()

    def in_order(table: pa.Table) -> bool:
        return table["n"].to_pylist() == sorted(table["n"].to_pylist())

    source = Mqtt(topic="contract/+", url=broker.url)
    check(
        Subject(
            source.open,
            Mqtt(topic="silence/#", url=broker.url).open,
            lambda count: publisher.publish_many("contract/a", numbers.take(count), 0),
            in_order,
        )
    )


# What a message becomes


def test_a_bare_number_is_a_field_named_after_its_topic(
    broker: Mosquitto, publisher: Publisher, opened: Callable[[Mqtt], Reader]
) -> None:
    reader = opened(Mqtt(topic="house/#", url=broker.url))
    publisher.publish("house/kitchen/temperature", "21.5")
    publisher.publish("house/kitchen/humidity", "48 %")
    publisher.publish("house/hall/motion", "true")
    publisher.publish("house/hall/light/state", "ON")
    publisher.publish("house/cellar", b'{"temperature": 12.5, "battery": 80}')
    publisher.publish("house/attic/temperature", b'{"time": 1, "value": 30}')
    found = read(reader, 6)
    fields = ("topic", "level_2", "level_3", "temperature", "humidity", "motion", "light", "battery")
    assert [{name: row[name] for name in fields if row.get(name) is not None} for row in rows(found)] == [
        {"topic": "house/kitchen/temperature", "level_2": "kitchen", "temperature": 21.5},
        {"topic": "house/kitchen/humidity", "level_2": "kitchen", "humidity": 48.0},
        {"topic": "house/hall/motion", "level_2": "hall", "motion": True},
        {"topic": "house/hall/light/state", "level_2": "hall", "light": "ON"},
        {"topic": "house/cellar", "level_2": "cellar", "temperature": 12.5, "battery": 80},
        {"topic": "house/attic/temperature", "level_2": "attic", "temperature": 30},
    ]
    assert not sum(batch.malformed for batch in found)
    assert found[-1].reading is not None
    assert "named after their topic" in found[-1].reading.why


def test_a_format_that_is_asked_for_reads_the_payload_as_it_came(
    broker: Mosquitto, publisher: Publisher, opened: Callable[[Mqtt], Reader]
) -> None:
    reader = opened(Mqtt(topic="plain/+", url=broker.url, format="number"))
    publisher.publish("plain/a", "21.5")
    publisher.publish("plain/a", "ON")
    publisher.publish("plain/a", "22")
    found = read(reader, 2)
    assert [row["value"] for row in rows(found)] == [21.5, 22.0]
    assert sum(batch.malformed for batch in found) == 1
    assert [each.where for batch in found for each in batch.samples] == ["plain/a"]


def test_lines_of_another_format_are_left_to_it(
    broker: Mosquitto, publisher: Publisher, opened: Callable[[Mqtt], Reader]
) -> None:
    reader = opened(Mqtt(topic="telegraf/#", url=broker.url))
    for usage in range(5):
        publisher.publish("telegraf/cpu", f"cpu,host=a usage_idle={usage}.5 1700000000000000000")
    found = read(reader, 5)
    assert found[-1].reading is not None
    assert found[-1].reading.format == "influx"


def test_an_emptied_topic_is_a_row_without_values(
    broker: Mosquitto, publisher: Publisher, opened: Callable[[Mqtt], Reader]
) -> None:
    reader = opened(Mqtt(topic="emptied", url=broker.url))
    publisher.publish("emptied", b"")
    publisher.publish("emptied", b'{"a": 1}')
    assert [row.get("a") for row in rows(read(reader, 2))] == [None, 1]


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_retained_messages_are_left_out_unless_asked_for(
    broker: Mosquitto, publisher: Publisher, opened: Callable[[Mqtt], Reader], protocol: str
) -> None:
    properties = (("url", broker.url), ("protocol", protocol))
    publisher.publish("held/a", "1", retain=True)
    without = opened(Mqtt(topic="held/+", properties=properties))
    asked = opened(Mqtt(topic="held/+", properties=properties, retained=True))
    publisher.publish("held/a", "2", retain=True)
    assert [row["held"] if "held" in row else row["a"] for row in rows(read(without, 1))] == [2]
    found = rows(read(asked, 2))
    assert [(row["a"], row["_retained"]) for row in found] == [(1, True), (2, False)]


def test_several_filters_are_read_together_each_message_once(
    broker: Mosquitto, publisher: Publisher, opened: Callable[[Mqtt], Reader]
) -> None:
    reader = opened(Mqtt(topic="one/#, two/x, one/y", url=broker.url, qos=1))
    publisher.publish("one/y", "1")
    publisher.publish("two/z", "2")
    publisher.publish("two/x", "3")
    found = rows(read(reader, 2))
    assert [(row["topic"], row["level_1"]) for row in found] == [("one/y", "one"), ("two/x", "two")]


def test_the_brokers_own_figures_are_read_where_they_are_asked_for(
    broker: Mosquitto, opened: Callable[[Mqtt], Reader]
) -> None:
    reader = opened(Mqtt(topic="$SYS/broker/#", url=broker.url, retained=True))
    names = {name for batch in read(reader, 10) for name in batch.table.column_names}
    assert {"version", "uptime"} <= names


def test_what_is_published_is_offered(broker: Mosquitto, publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mqtt_listing, "LISTEN_S", 0.2)
    publisher.publish("offered/kitchen/temperature", "21", retain=True)
    publisher.publish("offered/hall/temperature", "22", retain=True)
    found = Mqtt.subjects({"url": broker.url})
    assert {"#", "offered/#", "offered/+/temperature", "offered/hall/temperature"} <= set(found)
    assert found == sorted(found)


def test_few_filters_are_offered_of_many_topics() -> None:
    assert len(offered(f"plant/line{line}/press{press}/temp" for line in range(20) for press in range(20))) <= 200


# An inbox that is full


def full(reader: Reader, most: int) -> MqttReader:
    """The reader, with room for so many messages."""
    assert isinstance(reader, MqttReader)
    reader._receiver._most_items = most
    return reader


def test_a_full_inbox_makes_the_broker_wait_where_it_waits_for_an_answer(
    broker: Mosquitto, publisher: Publisher, opened: Callable[[Mqtt], Reader]
) -> None:
    reader = full(opened(Mqtt(topic="full/a", url=broker.url, qos=1)), 10)
    publisher.publish_many("full/a", Numbers().take(300), 1)
    batches = read(reader, 300)
    assert contract.numbers_in(batches) == list(range(300))
    assert not [gap for batch in batches for gap in batch.gaps]


def test_what_a_full_inbox_could_not_take_is_counted_where_the_broker_waits_for_nothing(
    broker: Mosquitto, publisher: Publisher, opened: Callable[[Mqtt], Reader]
) -> None:
    reader = full(opened(Mqtt(topic="full/b", url=broker.url)), 10)
    publisher.publish_many("full/b", Numbers().take(300), 0)
    batches: list[Batch] = []

    def all_told(batches: list[Batch]) -> bool:
        return len(contract.numbers_in(batches)) + sum(gap.lost or 0 for each in batches for gap in each.gaps) == 300

    contract.poll_through(reader, all_told, batches)
    assert sum(gap.lost or 0 for each in batches for gap in each.gaps) > 0


def test_a_reader_whose_inbox_is_full_can_be_closed(broker: Mosquitto, publisher: Publisher) -> None:
    reader = full(Mqtt(topic="full/c", url=broker.url, qos=2).open(), 1)
    publisher.publish_many("full/c", Numbers().take(30), 2)
    began = time.monotonic()
    reader.close()
    assert time.monotonic() - began < contract.SLACK_S
    thread = reader._receiver._thread
    assert thread is not None
    assert not thread.is_alive()


# The board that comes of it


def settled(source: Mqtt, publish: Callable[[int], None], events: int) -> Feed:
    """A feed that has read what was published in 20 rounds, so many events."""
    feed = Feed(source)
    feed.start()
    feed.watch(0.1)
    assert feed.wait_for_history(10), feed.status
    for round_ in range(20):
        publish(round_)
    cursor = 0
    deadline = time.monotonic() + 10
    while cursor < events and time.monotonic() < deadline:
        feed.watch(0.1)
        feed.wait_for_read(time.time(), 0.2)
        cursor = feed.pull(cursor).cursor
    assert cursor == events
    return feed


def test_temperature_and_humidity_are_measures_of_their_own_split_by_room(
    broker: Mosquitto, publisher: Publisher
) -> None:
    def publish(round_: int) -> None:
        for at, room in enumerate(("kitchen", "hall", "bath")):
            publisher.publish(f"home/{room}/temperature", f"{19 + at + round_ % 7 / 10:.1f}", 0)
            publisher.publish(f"home/{room}/humidity", f"{45 + at + round_ % 5}", 0)
        publisher.publish("home/hall/light", "ON" if round_ % 2 else "OFF")

    feed = settled(Mqtt(topic="home/#", url=broker.url), publish, 140)
    try:
        choice = Board(source=feed.source).choice(feed.schema.offer)
        assert [each.name for each in feed.schema.offer.measures] == ["temperature", "humidity"]
        assert (choice.measure.name, choice.by) == ("temperature", "level_2")
        assert {"topic", "level_2", "light"} <= set(feed.schema.offer.dimensions)
    finally:
        feed.close()
        feed.join(5)


def test_devices_that_send_objects_are_split_by_device(broker: Mosquitto, publisher: Publisher) -> None:
    def publish(round_: int) -> None:
        for at, device in enumerate(("Kitchen sensor", "Hall sensor")):
            text = f'{{"temperature": {19 + at + round_ % 7 / 10:.1f}, "humidity": {40.5 + round_ % 3}, "linkquality": {90 - round_ % 9}}}'
            publisher.publish(f"zigbee2mqtt/{device}", text, 0)
        publisher.publish("zigbee2mqtt/bridge/state", "online", 0)

    feed = settled(Mqtt(topic="zigbee2mqtt/#", url=broker.url), publish, 60)
    try:
        choice = Board(source=feed.source).choice(feed.schema.offer)
        assert (choice.measure.name, choice.by) == ("temperature", "level_2")
        assert {"temperature", "humidity", "linkquality"} == {each.name for each in feed.schema.offer.measures}
        assert not feed.malformed
    finally:
        feed.close()
        feed.join(5)


# Refusals


def refusal(source: Mqtt) -> SourceError:
    with pytest.raises(SourceError) as refused:
        source.open()
    assert ": " in str(refused.value)
    assert PASSWORD not in str(refused.value)
    return refused.value


def at(url: str, **properties: object) -> Mqtt:
    return Mqtt(topic="#", properties=(("url", url), *((name, str(text)) for name, text in properties.items())))


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_a_wrong_login_is_refused(broker: Mosquitto, protocol: str) -> None:
    error = refusal(at(broker.guarded, username=USER, password="wrong-" + PASSWORD, protocol=protocol))
    assert isinstance(error, AuthFailed)
    assert "username and password" in str(error)


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_a_subscription_that_is_not_allowed_is_refused(broker: Mosquitto, protocol: str) -> None:
    error = refusal(at(broker.guarded, username=BLIND, password=PASSWORD, protocol=protocol))
    assert isinstance(error, AuthFailed)
    assert "'#'" in str(error)


def test_a_login_may_stand_in_the_url_of_a_connection(broker: Mosquitto) -> None:
    Mqtt(topic="open/#", properties=(("url", broker.guarded.replace("//", f"//{BLIND}:{PASSWORD}@")),)).open().close()


def test_tls_with_and_without_a_certificate_of_our_own(broker: Mosquitto) -> None:
    files = broker.certificates
    at(broker.tls, ca_certs=files.authority).open().close()
    at(broker.mutual, ca_certs=files.authority, certfile=files.client, keyfile=files.client_key).open().close()
    assert "certfile" in str(refusal(at(broker.mutual, ca_certs=files.authority)))


def test_tls_that_fails_says_why(broker: Mosquitto) -> None:
    assert isinstance(refusal(at(broker.tls, ca_certs=broker.certificates.stranger)), AuthFailed)
    assert isinstance(refusal(Mqtt(topic="#", url=broker.tls)), AuthFailed)
    assert "speaks TLS" in str(refusal(Mqtt(topic="#", url=broker.url.replace("mqtt:", "mqtts:"))))
    assert "mqtts://" in str(refusal(Mqtt(topic="#", url=broker.tls.replace("mqtts:", "mqtt:"))))
    error = refusal(at(broker.tls, ca_certs="/no/such/file"))
    assert isinstance(error, BadSettings)
    assert error.setting == "connection"


@pytest.mark.parametrize("host", ["169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]"])
def test_a_typed_address_of_the_networks_own_services_is_refused(host: str) -> None:
    error = refusal(Mqtt(topic="#", url=f"mqtt://{host}"))
    assert isinstance(error, BadSettings)
    assert error.setting == "url"


def test_nothing_that_listens_is_unreachable() -> None:
    assert isinstance(refusal(Mqtt(topic="#", url=f"mqtt://127.0.0.1:{free_port()}")), Unreachable)


def answers(listener: socket.socket, spoken: int) -> None:
    """What a broker sends that speaks one version of MQTT alone, to two connections."""
    for _ in range(2):
        connection, _ = listener.accept()
        with connection:
            connect = connection.recv(1000)
            if connect[8] != spoken:
                connection.sendall(b"\x20\x02\x00\x01")  # unacceptable protocol version
                continue
            connection.sendall(b"\x20\x02\x00\x00")
            subscribe = connection.recv(1000)
            connection.sendall(b"\x90\x03" + subscribe[2:4] + b"\x00")
            while connection.recv(1000):
                pass


def test_a_broker_of_an_older_version_is_spoken_to_in_that() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        old = threading.Thread(target=answers, args=(listener, 4), daemon=True)
        old.start()
        reader = Mqtt(topic="a", url=f"mqtt://127.0.0.1:{listener.getsockname()[1]}").open()
        assert isinstance(reader, MqttReader)
        assert reader._client is not None
        assert reader._client.protocol == "3.1.1"
        reader.close()
        old.join(5)
        assert not old.is_alive()


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", b"\x20\x7f" + b"\xff" * 127, b"\xff" * 50]
)
def test_what_answers_otherwise_is_no_broker(answer: bytes) -> None:
    def answered() -> None:
        for _ in range(2):
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=answered, daemon=True).start()
        error = refusal(Mqtt(topic="a", url=f"mqtt://127.0.0.1:{listener.getsockname()[1]}"))
    assert isinstance(error, Unreachable)
    assert "MQTT broker" in str(error)


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ((("host", "a"), ("url", "mqtt://a")), "either a url or a host"),
        ((("username", "a"),), "either a url or a host"),
        ((("host", "a"), ("passwort", "hunter2")), "no known MQTT property"),
        ((("host", "a"), ("port", "many")), "port is 'many'"),
        ((("host", "a"), ("keepalive", "0")), "keepalive is '0'"),
        ((("host", "a"), ("protocol", "6")), "3.1.1 or 5"),
        ((("host", "a"), ("password", "hunter2")), "without username"),
        ((("host", "a"), ("tls", "perhaps")), "true or false"),
        ((("url", "mqtt://a"), ("ca_certs", "a.pem")), "without TLS"),
        ((("host", "a"), ("transport", "websockets")), "transport is not tcp"),
        ((("url", "http://user:hunter2@a"),), "the connection's url is no address"),
    ],
)
def test_a_connection_that_makes_no_sense_is_refused(properties: tuple[tuple[str, str], ...], said: str) -> None:
    with pytest.raises(BadSettings, match=re.escape(said)) as refused:
        Mqtt(topic="#", properties=properties)
    assert refused.value.setting == "connection"
    assert "hunter2" not in str(refused.value)


def test_secrets_do_not_show() -> None:
    source = Mqtt(topic="#", properties=(("url", "mqtt://a"), ("username", "alice"), ("password", "hunter2")))
    assert "hunter2" not in repr(source)
    assert "hunter2" not in repr(source._broker())
    assert issubclass(AuthFailed, Mendable)
