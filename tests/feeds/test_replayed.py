"""The corpus as files: what a topic tells, a file of the same messages tells as well."""

import pytest

from sources.errors import EndOfStream
from sources.replay import Replay
from state.event_clock import EventClock
from state.schema import Schema
from tests.feeds.corpus import FOLDER, FeedSample, corpus
from tests.feeds.reading import Read, differences

SAMPLES = [each for each in corpus() if each.expected["messages"] == "lines"]


def replayed(sample: FeedSample, **settings: str) -> Read:
    """The file read as a feed would be: played at once, timed and learnt from."""
    [path] = [path for path in FOLDER.glob(f"{sample.name}.*") if path.suffix != ".toml"]
    newest_s = sample.recorded_ms(len(sample.messages)) / 1000
    reader = Replay(path=str(path), speed="max", **settings).open(now=lambda: newest_s)
    clock, schema = EventClock(), Schema()
    rows = malformed = 0
    reading = None
    try:
        while True:
            batch = reader.poll(0)
            rows, malformed, reading = rows + len(batch), malformed + batch.malformed, batch.reading
            if len(batch):
                instants = clock.read(batch)
                schema.time_field, schema.near_us = clock.field.name, int(instants[-1])
                schema.update(batch.table)
    except EndOfStream:
        reader.close()
    return Read(reading, schema.offer, clock.field.name, "", clock.why, rows, malformed, ())


@pytest.mark.parametrize("sample", [pytest.param(each, id=each.name) for each in SAMPLES])
def test_a_file_is_read_as_the_topic_is(sample: FeedSample) -> None:
    got = replayed(sample)
    want = dict(sample.expected)
    if (
        not want["time"] and "naive" in want
    ):  # a file has no records that tell its zone: it is read as UTC, with a warning
        want |= {"time": want["naive"], "time_also": want.get("naive_also", [])}
    want["unit"] = ""
    assert differences(FeedSample(sample.name, sample.messages, want), got) == []


def test_there_are_enough_of_them_to_tell_anything() -> None:
    assert len(SAMPLES) >= 20
