"""What it costs to find out what a feed's fields are: `python -m benchmarks.inference`.

10,000 events of 20 fields, a feed as nobody has seen: names, codes, counters by host, numbers as text, identifiers, sentences.
Then the same feed at 70,000 events/s in ten reads a second, and what following its fields costs the thread that reads it.
"""

import argparse
import json
import statistics
import time

import numpy as np
import pyarrow as pa

from sources.batch import Batch
from state.drift import Drifts
from state.event_clock import EventClock
from state.inference import infer
from state.schema import Schema

EVENTS = 10_000
RATE = 70_000
READS = 10


def events(rows: int, seed: int = 1) -> pa.Table:
    """So many events of 20 fields."""
    rng = np.random.default_rng(seed)
    host = rng.integers(0, 40, rows)
    at = np.arange(rows)
    columns = {
        "ts": 1_700_000_000_000 + at * 10,
        "host": pa.array([f"web-{n:02}" for n in range(40)]).take(pa.array(host)),
        "region": rng.choice(["eu", "us", "ap"], rows),
        "trace_id": [f"{n:032x}" for n in rng.integers(0, 2**60, rows)],
        "status": rng.choice([200, 404, 500], rows),
        "ok": rng.random(rows) > 0.1,
        "message": [f"request number {n} was served in good time" for n in range(rows)],
        "price": [f"{value:.4f}" for value in rng.uniform(1, 2, rows)],
        "requests_total": host * 1_000_000 + at,
        "bytes_sent": host * 1_000_000_000 + at * 1000,
        "quantity": rng.integers(1, 9, rows),
    }
    gauges = {f"gauge_{n}_ms": rng.lognormal(3, 1, rows) for n in range(20 - len(columns))}
    return pa.table({**columns, **gauges})


def first_look(runs: int) -> float:
    """Milliseconds that judging 10,000 events takes, the median."""
    table = events(EVENTS)
    took = []
    for _ in range(runs):
        began = time.perf_counter()
        infer(table, "ts", 1_700_000_000_000_000)
        took.append(1000 * (time.perf_counter() - began))
    return statistics.median(took)


def following(seconds: int) -> dict[str, float]:
    """CPU that times, fields and changes take of one second of the feed, the mean over so many after the first."""
    schema, clock, drifts = Schema(), EventClock(), Drifts()
    batch = Batch(events(RATE // READS), 1_700_000_100.0)
    used = {"times": 0.0, "fields": 0.0, "changes": 0.0}
    for read in range(READS * (seconds + 1)):
        counts = read >= READS
        marks = [time.thread_time()]
        instants = clock.read(batch)
        schema.time_field, schema.near_us = clock.field.name, int(instants[-1])
        marks.append(time.thread_time())
        schema.update(batch.table)
        marks.append(time.thread_time())
        drifts.update(batch, instants, batch.table.column_names)
        marks.append(time.thread_time())
        for part, began, ended in zip(used, marks, marks[1:], strict=False):
            used[part] += counts * (ended - began)
    return {f"{part}_ms_per_second_of_feed": round(1000 * spent / seconds, 2) for part, spent in used.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--seconds", type=int, default=60, help="of a feed at 70,000 events/s")
    options = parser.parse_args()
    figures = {
        "benchmark": "inference",
        "events": EVENTS,
        "fields": 20,
        "infer_ms": round(first_look(options.runs), 1),
        "events_per_second": RATE,
        **following(options.seconds),
    }
    print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
