"""Replays with a clock of the test's own, in which waiting takes no time."""

from dataclasses import dataclass

import pyarrow as pa

from sources.batch import TIME, TIME_TYPE
from sources.errors import EndOfStream
from sources.recording import Header, write_recording
from sources.replay import Replay

NOW = 1_800_000_000.0
START = 1_700_000_000
"""The second at which recorded time begins."""
US = 1_000_000


@dataclass
class Clock:
    """Moves on only while somebody waits."""

    at: float = NOW

    def now(self):
        return self.at

    def wait(self, seconds):
        self.at += seconds


def instants(seconds, start=START):
    return pa.array([round((start + second) * US) for second in seconds]).cast(TIME_TYPE)


def record(path, seconds, notes=(), **columns):
    """Write a recording of events at these seconds after START; `n` counts them."""
    table = pa.table({TIME: instants(seconds), "n": range(len(seconds)), **columns})
    write_recording(
        path, [table], Header(0, "kafka", "Kafka", time_field="ts", time_why="`ts` says so", notes=tuple(notes))
    )
    return path


@dataclass(frozen=True)
class Played:
    """One event: its number, when it came (seconds after opening), and the time it shows (seconds after that)."""

    n: int
    came: float
    shown: float


def play(path, until=1e9, poll_s=10.0, zero=NOW, **settings):
    """What comes of a replay until it ends, or so many seconds are over; and all its batches."""
    clock = Clock()
    reader = Replay(path=str(path), **settings).open(clock.now, clock.wait)
    played, batches = [], []
    try:
        while clock.at - NOW < until:
            batch = reader.poll(min(poll_s, NOW + until - clock.at))
            if len(batch) or batch.malformed or batch.notes:
                batches.append(batch)
            if len(batch):
                shown = batch.table[TIME].cast(pa.int64()).to_pylist()
                numbers = batch.table["n"].to_pylist() if "n" in batch.table.column_names else [None] * len(batch)
                played += [
                    Played(n, round(clock.at - NOW, 3), round(at / US - zero, 3))
                    for n, at in zip(numbers, shown, strict=True)
                ]
    except EndOfStream:
        pass
    finally:
        reader.close()
    return played, batches
