"""What is fed with poison: everything that reads what somebody else has written. For what comes over a network, see wires.py.

A target takes one input and raises nothing, whatever it is: what its subject documents is caught here, and no more.
"""

import contextlib
import io
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from sources.batch import Batch
from sources.errors import BadSettings, EndOfStream, SourceError
from sources.fields.event_time import event_times, find_time_field
from sources.fields.numbers import numbers
from sources.fields.quantities import quantities, unit_behind
from sources.fields.units import unit, written_unit
from sources.fields.words import last_word
from sources.formats.names import AUTO, NAMES
from sources.http_events import EventStream
from sources.http_histograms import Histograms
from sources.http_news import News
from sources.http_rows import around, rows_at
from sources.kafka_records import RecordDecoder
from sources.messages import Message, MessageDecoder
from sources.mqtt_payload import named
from sources.mqtt_topics import Topic
from sources.nats_subjects import Levels
from sources.push.bodies import gunzipped, messages_of
from sources.recording import read_header, read_tables
from sources.recording_header import read_json
from sources.redis_entries import EntryDecoder, entry_of, heard
from sources.registry import Schema
from sources.replay import Replay
from tests.poison import batches, seeds, settings
from tests.poison.board import NOW, on_a_board
from tests.poison.poison import APART
from tests.poison.wires import WIRES

SOME = 40
"""Copies of a message make a batch of the size at which fields are judged."""


@dataclass(frozen=True)
class Target:
    """What takes an input, and genuine inputs of it."""

    take: Callable[[bytes], object]
    seeds: tuple[bytes, ...]


def messages(name: str, data: bytes) -> None:
    """As messages of any transport, alone and many at once, and on to the board."""
    decoder = MessageDecoder(name)
    given = data.split(APART)
    made = [decoder.batch([Message(each, int(NOW * 1e6))]) for each in given]
    many = (given * SOME)[: SOME if len(data) < 4_000 else 2]
    made.append(decoder.batch([Message(each, int(NOW * 1e6) + at) for at, each in enumerate(many)]))
    for batch in made:
        assert batch.malformed <= max(len(given), len(many))
        assert all(each.reason for each in batch.samples)
    if name == AUTO:
        on_a_board(made)


def kafka(data: bytes) -> None:
    """What a broker answers to a fetch."""
    records = batches.read(data)
    on_a_board([RecordDecoder().batch([records], {})])


def answer(data: bytes) -> None:
    """The body of an answer over HTTP, thrice: the rows that are new."""
    items, _, body = data.partition(b"\n")
    with contextlib.suppress(ValueError):
        body = rows_at(body, items.decode("utf-8", "replace"))
    decoder, news, histograms = MessageDecoder(), News(), Histograms()
    for second in range(3):
        batch = decoder.batch([Message(body, int((NOW + second) * 1e6))])
        news.take(batch.table, NOW + second, around(body))
        histograms.quantiles(batch.table)


def sent_events(data: bytes) -> None:
    """A stream of server-sent events, however it is cut."""
    stream = EventStream()
    for part in data.split(APART):
        for event in stream.feed(part):
            MessageDecoder().batch([Message(event.data, 0, {"event": event.name, "_id": event.id})])


def mqtt(data: bytes) -> None:
    """A topic and a payload."""
    topic, _, payload = data.partition(b"\n")
    text = topic.decode("utf-8", "replace")
    value = named(payload, Topic(text).field) or payload
    on_a_board([MessageDecoder().batch([Message(value or None, int(NOW * 1e6), {"topic": text})])])


def redis(data: bytes) -> None:
    """Entries of a stream, their names and values apart, and messages of a channel."""
    flat = data.split(APART)
    entries = [entry_of("7-1", (7, 1), flat, "plant", several=True), heard(flat[0], flat[-1], several=True)]
    entries.append(entry_of("7-2", (7, 2), flat[:2], "plant", asked=True))
    on_a_board([EntryDecoder().batch(entries, (), {})])


def nats(data: bytes) -> None:
    """A subject and a payload."""
    subject, _, payload = data.partition(b"\n")
    fields_of = Levels("a.*.>").of(subject.decode("utf-8", "backslashreplace"))
    on_a_board([MessageDecoder().batch([Message(payload or None, int(NOW * 1e6), fields_of)])])


def posted(data: bytes) -> None:
    """The body of a post and its content type, plain or packed."""
    kind, _, body = data.partition(b"\n")
    with contextlib.suppress(ValueError):
        body = gunzipped(body, 4_000_000) or b""
    decoder = MessageDecoder()
    on_a_board([decoder.batch([Message(each, 0) for each in messages_of(body, kind.decode("latin-1"))])])


def replayed(ending: str, data: bytes) -> None:
    """A file, whatever it is called, played to its end."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a{ending}"
        path.write_bytes(data)
        made = []
        with contextlib.suppress(SourceError, EndOfStream):
            reader = Replay(path=str(path), speed="max").open(now=lambda: NOW)
            try:
                while len(made) < 200:
                    made.append(reader.poll(0))
            finally:
                reader.close()
                on_a_board(made)


def recording(data: bytes) -> None:
    """A Parquet file as a recording of ours."""
    with contextlib.suppress(SourceError):
        read_header(io.BytesIO(data))
    with contextlib.suppress(SourceError):
        for table in read_tables(io.BytesIO(data)):
            assert table.num_columns


def header(data: bytes) -> None:
    """What a recording says of itself."""
    with contextlib.suppress(BadSettings):
        read_json(data, "a.parquet")


def cells(data: bytes) -> None:
    """Texts of one column: times, numbers, quantities; and names of fields."""
    texts = [each.decode("utf-8", "replace") for each in data.split(APART)]
    for copies in (1, SOME):
        column = pa.table({"time": pa.array(texts * copies, pa.string())})
        numbers(column, "time")
        quantities(column["time"])
        unit_behind(column["time"])
        for zone in ("", "Europe/Berlin"):
            found = find_time_field(column, NOW, zone, days=True)
            instants, timed = event_times(Batch(column, NOW), found.field)
            assert instants.dtype == np.int64
            assert len(timed) == len(column)
    for text in texts:
        unit(text), written_unit(text), last_word(text)


def avro(data: bytes) -> None:
    """A schema and a payload of it."""
    from sources.formats import avro as subject  # noqa: PLC0415 - where fastavro is at home

    _framed(lambda schema: subject.reader_of(Schema("AVRO", schema.decode("utf-8", "replace"))), data)


def protobuf(data: bytes) -> None:
    """A schema, serialized in base64, and a payload of it."""
    from sources.formats import protobuf as subject  # noqa: PLC0415 - as above

    _framed(lambda schema: subject.reader_of(Schema("PROTOBUF", schema.decode("utf-8", "replace"))), data)


def _framed(make: Callable[[bytes], Callable[[bytes], Any]], data: bytes) -> None:
    """As `sources.formats.framed` does it."""
    from sources.formats.framed import _document, _try  # noqa: PLC0415 - as above

    schema, _, payload = data.partition(b"\n")
    with contextlib.suppress(ValueError):
        document = _document(_try(_try(make, schema, "no schema"), payload, "not of it"))
        orjson.dumps(document, default=str)


TARGETS: dict[str, Target] = {
    **{f"format-{name}": Target(partial(messages, name), seeds.messages(name)) for name in (AUTO, *NAMES)},
    "avro": Target(avro, seeds.AVRO),
    "protobuf": Target(protobuf, seeds.protobuf()),
    "kafka": Target(kafka, seeds.kafka()),
    "http-answer": Target(answer, seeds.ANSWERS),
    "http-events": Target(sent_events, seeds.EVENTS),
    "mqtt-payload": Target(mqtt, seeds.MQTT),
    "redis-entry": Target(redis, seeds.REDIS),
    "nats-payload": Target(nats, seeds.MQTT),
    "push-body": Target(posted, seeds.posts()),
    **{
        f"file{each}": Target(partial(replayed, each), seeds.files(each))
        for each in (".csv", ".json", ".log", ".gz", ".parquet")
    },
    "recording": Target(recording, seeds.files(".parquet")),
    "recording-header": Target(header, seeds.headers()),
    "link": Target(settings.link, seeds.LINKS),
    "board-file": Target(settings.board_file, seeds.BOARDS),
    "secrets": Target(settings.secrets, seeds.SECRETS),
    "settings": Target(settings.settings, seeds.SETTINGS),
    "cells": Target(cells, seeds.CELLS),
    **{name: Target(wire.take, wire.seeds) for name, wire in WIRES.items()},
}
