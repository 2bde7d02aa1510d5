"""What the board makes of a feed, held against what a careful person reads in it."""

from dataclasses import dataclass
from typing import Any

from sources.batch import Reading
from sources.fields.event_time import with_event_time
from sources.kafka_records import RecordDecoder
from state.board import Board
from state.event_clock import EventClock
from state.measure import Measure
from state.schema import Offer, Schema
from tests.feeds.corpus import FeedSample

BATCHES = 4
"""A feed comes in so many pieces, so that what is read of the first must hold for the last."""


@dataclass(frozen=True)
class Record:
    """A Kafka record, as far as it is decoded."""

    value: bytes
    offset: int
    timestamp: int
    partition: int = 0
    key: bytes | None = None
    headers: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True)
class Read:
    """What came out."""

    reading: Reading | None
    offer: Offer
    time: str
    unit: str
    time_why: str
    rows: int
    malformed: int
    course: tuple[tuple[int, Offer], ...]
    """What was offered after so many rows, whenever that changed."""


def read(sample: FeedSample, batches: int = BATCHES) -> Read:
    """Read the feed as a live topic would be: a few batches, decoded, timed and learnt from one after another."""
    records = [Record(value, index, sample.recorded_ms(index)) for index, value in enumerate(sample.messages)]
    decoder, clock, schema = RecordDecoder(), EventClock(), Schema()
    rows = malformed = 0
    reading: Reading | None = None
    course: list[tuple[int, Offer]] = []
    size = -(-len(records) // batches)
    for start in range(0, len(records), size):
        batch = decoder.batch([records[start : start + size]], {})
        rows, malformed, reading = rows + len(batch), malformed + batch.malformed, batch.reading
        if len(batch):
            instants = clock.read(batch)
            schema.time_field, schema.near_us = clock.field.name, int(instants[-1])
            schema.update(with_event_time(batch.table, instants))
            if not course or course[-1][1] != schema.offer:
                course.append((rows, schema.offer))
    field = clock.field
    return Read(reading, schema.offer, field.name, field.unit, clock.why, rows, malformed, tuple(course))


def differences(sample: FeedSample, got: Read) -> list[str]:
    """Where the reading is not the expected one, in words; empty where it is fully right."""
    want, found = sample.expected, []

    def expect(what: str, value: Any, allowed: Any) -> None:
        if value not in allowed:
            found.append(f"{what} is {value!r}, not {' or '.join(map(repr, allowed))}")

    expect("format", got.reading and got.reading.format, [want["format"]])
    expect("rows", got.rows, [want["rows"]])
    expect("malformed", got.malformed, [want["malformed"]])
    trusted = "" if got.time.startswith("_") else got.time
    expect("time", trusted, [want["time"], *(want.get("time_also", []) if want["time"] else [])])
    if trusted == want["time"]:
        expect("unit", got.unit if trusted else "", [want["unit"]])
    choice = Board(source=None).choice(got.offer)  # type: ignore[arg-type] - what to watch is no matter here
    expect("value", choice.value, want["value"])
    expect("by", choice.by, want["by"])
    return found + _roles(want, got)


def _roles(want: dict[str, Any], got: Read) -> list[str]:
    free = {*want.get("either", []), *want.get("time_also", []), *want.get("naive_also", []), want["time"]}
    free |= {want.get("naive", ""), want.get("latitude"), want.get("longitude")}
    measures = {each.name: each for each in got.offer.measures}
    roles = {field: (role, why) for field, role, why in got.offer.roles}
    naming = {name for name, (role, _) in roles.items() if role == "name"}
    dimensions = {name for name in got.offer.dimensions if not name.startswith("_")} - naming
    missing = set(want["measures"]) - measures.keys() - free
    kinds = {
        name
        for name in set(want["measures"]) & measures.keys() - free
        if _counts(measures[name]) != (name in want["counters"])
    }
    units = {
        name: unit for name, unit in want.get("units", {}).items() if name in measures and measures[name].unit != unit
    }
    places = {want[role]: role for role in ("latitude", "longitude") if role in want}
    return [
        *(f"{name} is no measure, but {roles.get(name)}" for name in sorted(missing)),
        *(
            f"{name} is taken for a measure: {measures[name].why}"
            for name in measures.keys() - {*want["measures"], *free}
        ),
        *(f"{name} is taken for a dimension: {roles.get(name)}" for name in dimensions - {*want["dimensions"], *free}),
        *(f"{name} is no dimension, but {roles.get(name)}" for name in set(want["dimensions"]) - dimensions - free),
        *(f"{name} is wrongly a {measures[name].kind}: {measures[name].why}" for name in sorted(kinds)),
        *(f"the unit of {name} is {measures[name].unit!r}, not {unit!r}" for name, unit in units.items()),
        *(
            f"{name} is not taken for the {role}, but {roles.get(name)}"
            for name, role in places.items()
            if roles.get(name, ("",))[0] != role
        ),
    ]


def _counts(measure: Measure) -> bool:
    return measure.kind == "counter"
