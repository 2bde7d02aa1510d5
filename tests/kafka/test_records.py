"""What becomes of a record: its columns, its codec, its oddities."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.kafka.conftest import OpenTopic
from tests.kafka.traffic import Traffic, read, rows


def test_what_came_with_a_message_is_there_as_columns(traffic: Traffic, open_topic: OpenTopic) -> None:
    topic = traffic.topic(partitions=2)
    messages: list[dict[str, Any]] = [
        {"value": b'{"ms": 1}', "key": "pump", "headers": {"site": b"north"}, "timestamp": 1_700_000_000_123},
        {"value": b'{"ms": 2}', "key": b"\xff\xfe", "timestamp": 1_700_000_001_000},
        {"value": None, "key": "pump", "timestamp": 1_700_000_002_000},
    ]
    traffic.produce(topic, [each | {"partition": 1} for each in messages])
    transport = {"_partition": 1}
    assert rows(read(open_topic(topic), 3)) == [
        transport
        | {
            "ms": 1,
            "_key": "pump",
            "_offset": 0,
            "_timestamp": datetime(2023, 11, 14, 22, 13, 20, 123_000, tzinfo=UTC),
            "_header.site": "north",
            "_tombstone": False,
        },
        transport
        | {
            "ms": 2,
            "_key": "\\xff\\xfe",
            "_offset": 1,
            "_timestamp": datetime(2023, 11, 14, 22, 13, 21, tzinfo=UTC),
            "_tombstone": False,
        },
        transport
        | {
            "_key": "pump",
            "_offset": 2,
            "_timestamp": datetime(2023, 11, 14, 22, 13, 22, tzinfo=UTC),
            "_tombstone": True,
        },
    ]


@pytest.mark.parametrize("codec", ["none", "gzip", "snappy", "lz4", "zstd"])
def test_every_codec_is_read(traffic: Traffic, open_topic: OpenTopic, codec: str) -> None:
    topic = traffic.topic()
    values = [{"n": number, "pad": "x" * 100} for number in range(500)]
    traffic.produce(topic, [{"value": json.dumps(each)} for each in values], {"compression.type": codec})
    assert [row["n"] for row in rows(read(open_topic(topic), 500))] == list(range(500))


def test_a_timestamp_of_any_year_is_kept_or_null(traffic: Traffic, open_topic: OpenTopic) -> None:
    topic = traffic.topic()
    years = {253_402_300_799_999: datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC), 253_402_300_800_000: None}
    traffic.produce(topic, [{"value": b"1", "timestamp": each} for each in [*years, 2**62]])
    found = [row.get("_timestamp") for row in rows(read(open_topic(topic), 3))]
    assert found == [*years.values(), None]


def test_header_names_without_end_make_no_columns_without_end(traffic: Traffic, open_topic: OpenTopic) -> None:
    topic = traffic.topic()
    traffic.produce(topic, [{"value": b"1", "headers": {f"h{number}": b"x"}} for number in range(100)])
    names = {name for row in rows(read(open_topic(topic), 100)) for name in row if name.startswith("_header.")}
    assert len(names) == 20


def test_events_of_an_aborted_transaction_never_happened(traffic: Traffic, open_topic: OpenTopic) -> None:
    topic = traffic.topic()
    producer = traffic.producer({"transactional.id": topic})
    producer.init_transactions(20)
    for value, end in ((b"1", producer.commit_transaction), (b"2", producer.abort_transaction)):
        producer.begin_transaction()
        producer.produce(topic, value)
        producer.flush(20)
        end(20)
    traffic.produce(topic, [{"value": b"3"}])
    batches = read(open_topic(topic), 2)
    assert [row["value"] for row in rows(batches)] == [1, 3]
    assert batches[-1].lag == {"0": 0}
