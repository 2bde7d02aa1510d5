"""Every message a topic can hold: counted, sampled, never fatal."""

import json

import pytest

from sources.batch import SAMPLE_BYTES
from tests.kafka.conftest import OpenTopic
from tests.kafka.traffic import Traffic, read

DEEP = 1000
NO_EVENTS = {
    "empty": b"",
    "text": b"hello",
    "not UTF-8": b'{"ms": "\xff\xfe"}',
    "cut short": b'{"ms": 1',
    "NaN": b'{"ms": NaN}',
    "Infinity": b'{"ms": -Infinity}',
    "list": b"[1, 2]",
    "null": b"null",
    "string": b'"1"',
    "bool": b"true",
    "5 MB of text": b"x" * 5_000_000,
}
EVENTS = {
    "5 MB": b'{"ms": 1, "text": "%s"}' % (b"x" * 5_000_000),
    "10,000 fields": json.dumps({f"f{number}": number for number in range(10_000)}).encode(),
    "deep": b'{"a":' * 100 + b"1" + b"}" * 100,
    "number as string": b'{"ms": "12"}',
    "list inside": b'{"ms": [1, 2]}',
    "null inside": b'{"ms": null}',
    "duplicate key": b'{"ms": 1, "ms": 2}',
    "year 1": b'{"time": "0001-01-01T00:00:00Z"}',
    "reserved name": b'{"_offset": -1}',
    "bare number": b"12.5",
}
EITHER = {"1e400": b'{"ms": 1e400}', "depth 1,000": b'{"a":' * DEEP + b"1" + b"}" * DEEP}


@pytest.mark.parametrize("value", NO_EVENTS.values(), ids=NO_EVENTS)
def test_a_message_that_is_no_event_is_counted_sampled_and_keeps_its_neighbours(
    traffic: Traffic, open_topic: OpenTopic, value: bytes
) -> None:
    topic = traffic.topic()
    traffic.produce(topic, [{"value": each} for each in (b'{"n": 1}', value, b'{"n": 3}')])
    batches = read(open_topic(topic), 3)
    assert [number for each in batches for number in each.table["n"].to_pylist()] == [1, 3]
    assert [offset for each in batches for offset in each.table["_offset"].to_pylist()] == [0, 2]
    (sample,) = (sample for each in batches for sample in each.samples)
    assert sum(each.malformed for each in batches) == 1
    assert sample.where == "partition 0, offset 1"
    assert sample.reason
    assert sample.sample == value[:SAMPLE_BYTES]


@pytest.mark.parametrize("value", EVENTS.values(), ids=EVENTS)
def test_an_odd_event_is_an_event(traffic: Traffic, open_topic: OpenTopic, value: bytes) -> None:
    topic = traffic.topic()
    traffic.produce(topic, [{"value": each} for each in (b'{"n": 1}', value, b'{"n": 3}')])
    batches = read(open_topic(topic), 3)
    assert [offset for each in batches for offset in each.table["_offset"].to_pylist()] == [0, 1, 2]
    assert sum(each.malformed for each in batches) == 0


@pytest.mark.parametrize("value", EITHER.values(), ids=EITHER)
def test_a_message_at_the_edge_of_json_is_an_event_or_counted(
    traffic: Traffic, open_topic: OpenTopic, value: bytes
) -> None:
    topic = traffic.topic()
    traffic.produce(topic, [{"value": each} for each in (b'{"n": 1}', value, b'{"n": 3}')])
    batches = read(open_topic(topic), 3)
    assert sum(len(each) + each.malformed for each in batches) == 3


def test_many_large_messages_come_in_batches_that_fit_in_memory(traffic: Traffic, open_topic: OpenTopic) -> None:
    topic = traffic.topic()
    traffic.produce(topic, [{"value": b'{"text": "%s"}' % (b"x" * 2_000_000)} for _ in range(30)])
    batches = read(open_topic(topic), 30)
    assert max(each.table.nbytes for each in batches) < 20_000_000
