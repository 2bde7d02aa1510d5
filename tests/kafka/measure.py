"""What reading Kafka costs: `python -m tests.kafka.measure` prints one JSON object a line.

catching up   events a second through `poll`, decoding included, 120-byte JSON on 4 partitions, one thread
pacing        share of one core at 1,000 events/s, polled every 50 ms as a feed does, and how old events are then
"""

import json
import random
import threading
import time

import numpy as np
import psutil

from sources.kafka import Kafka
from tests.kafka.broker import KafkaBroker
from tests.kafka.traffic import Traffic

EVENTS = 500_000
PACED_S = 20
BEAT_S = 0.05


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
    """CPU and age of events at 1,000 events/s, the producer in the same process left out."""
    topic = traffic.topic(4)
    reader = Kafka(topic=topic, start="latest", bootstrap_servers=traffic.bootstrap).open()
    done = threading.Event()
    spent = [0.0]

    def produce() -> None:
        producer = traffic.producer({"linger.ms": 1})
        number, began = 0, time.monotonic()
        while not done.wait(0.01):
            while number < 1000 * (time.monotonic() - began):
                producer.produce(topic, message(number))
                number += 1
            producer.poll(0)
            spent[0] = time.thread_time()
        producer.flush()

    writer = threading.Thread(target=produce)
    writer.start()
    process = psutil.Process()
    ages: list[np.ndarray] = []
    read, beat = 0, threading.Event()
    python_threads = {each.id for each in process.threads()}
    began = time.monotonic()
    before = _cpu(process) - spent[0]
    while time.monotonic() < began + PACED_S:
        batch = reader.poll(0.5)
        read += len(batch)
        if len(batch):
            ages.append(time.time() - batch.table["sent"].to_numpy())
        beat.wait(BEAT_S)
    used = _cpu(process) - spent[0] - before
    done.set()
    writer.join()
    reader.close()
    age = np.concatenate(ages) * 1000
    return {
        "figure": "pacing",
        "events_per_s": round(read / PACED_S),
        "core_percent": round(100 * used / PACED_S, 1),
        "age_ms_p50": round(float(np.percentile(age, 50))),
        "age_ms_p95": round(float(np.percentile(age, 95))),
        "threads": len(python_threads),
    }


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


if __name__ == "__main__":
    with KafkaBroker.start() as broker:
        for measure in (catching_up, pacing):
            print(json.dumps(measure(Traffic(broker.bootstrap))), flush=True)  # noqa: T201 - the point of running it
