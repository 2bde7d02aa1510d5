"""What reading Kafka costs: `python -m tests.kafka.measure` prints one JSON object a line.

catching up   events a second through `poll`, decoding included, 120-byte JSON on 4 partitions, one thread
pacing        share of one core at 1,000 events/s, polled every 100 ms as a feed does, and how old events are then
"""

import json
import multiprocessing
import random
import threading
import time

import numpy as np
import numpy.typing as npt

from sources.kafka import Kafka
from tests.kafka.broker import KafkaBroker
from tests.kafka.traffic import Traffic

Floats = npt.NDArray[np.float64]

EVENTS = 500_000
PACED_S = 20
BEAT_S = 0.1


def message(number: int) -> bytes:
    """120 bytes or so."""
    fields = {"n": number, "series": f"pump-{number % 5}", "value": random.random() * 100, "sent": time.time()}  # noqa: S311
    return json.dumps(fields | {"status": "ok", "site": "north-east-1"}).encode()


def catching_up(traffic: Traffic) -> dict[str, float | str]:
    """Events a second while the reader is behind."""
    topic = traffic.topic(4)
    producer = traffic.producer({"linger.ms": 50, "queue.buffering.max.messages": 2 * EVENTS})
    size = 0
    for number in range(EVENTS):
        value = message(number)
        size += len(value)
        producer.produce(topic, value)
        producer.poll(0)
    producer.flush()
    reader = Kafka(topic=topic, start="earliest", bootstrap_servers=traffic.bootstrap).open()
    began, cpu, read = time.monotonic(), time.process_time(), 0
    while read < EVENTS:
        read += len(reader.poll(1.0))
    took, used = time.monotonic() - began, time.process_time() - cpu
    reader.close()
    return {
        "figure": "catching up",
        "events_per_s": round(read / took),
        "bytes_per_event": round(size / EVENTS),
        "cpu_us_per_event": round(used / read * 1e6, 1),
    }


def pacing(traffic: Traffic) -> dict[str, float | str]:
    """CPU and age of events at 1,000 events/s, produced by another process."""
    topic = traffic.topic(4)
    reader = Kafka(topic=topic, start="latest", bootstrap_servers=traffic.bootstrap).open()
    writer = multiprocessing.get_context("spawn").Process(target=produce_steadily, args=(traffic.bootstrap, topic))
    writer.start()
    while not len(reader.poll(1.0)):
        pass
    ages: list[Floats] = []
    began, cpu, read, beat = time.monotonic(), time.process_time(), 0, threading.Event()
    while time.monotonic() < began + PACED_S:
        batch = reader.poll(0.5)
        read += len(batch)
        if len(batch):
            ages.append(time.time() - batch.table["sent"].to_numpy())
        beat.wait(BEAT_S)
    took, used = time.monotonic() - began, time.process_time() - cpu
    writer.terminate()
    writer.join()
    reader.close()
    age_ms = np.concatenate(ages) * 1000
    return {
        "figure": "pacing",
        "events_per_s": round(read / took),
        "core_percent": round(100 * used / took, 1),
        "age_ms_p50": round(float(np.percentile(age_ms, 50))),
        "age_ms_p95": round(float(np.percentile(age_ms, 95))),
    }


def produce_steadily(bootstrap: str, topic: str) -> None:
    """1,000 events/s until ended."""
    producer = Traffic(bootstrap).producer({"linger.ms": 1})
    number, began, beat = 0, time.monotonic(), threading.Event()
    while not beat.wait(0.002):
        while number < 1000 * (time.monotonic() - began):
            producer.produce(topic, message(number))
            number += 1
        producer.poll(0)


if __name__ == "__main__":
    with KafkaBroker.start() as broker:
        for measure in (catching_up, pacing):
            print(json.dumps(measure(Traffic(broker.bootstrap))), flush=True)  # noqa: T201 - the point of running it
