"""A reader lets go: from any thread, at once, more than once, and of everything."""

import threading
import time

import pytest

from sources.errors import SourceError
from sources.kafka import Kafka
from tests.kafka.conftest import OpenTopic
from tests.kafka.traffic import Traffic, no_threads_left


def test_closing_from_another_thread_ends_a_poll_at_once(traffic: Traffic, open_topic: OpenTopic) -> None:
    topic = traffic.topic()
    for _ in range(10):
        reader = open_topic(topic, "latest")
        polling = threading.Event()
        lengths: list[int] = []

        def poll(reader=reader, polling=polling, lengths=lengths) -> None:  # type: ignore[no-untyped-def]
            polling.set()
            lengths.append(len(reader.poll(20)))

        thread = threading.Thread(target=poll)
        thread.start()
        polling.wait()
        began = time.monotonic()
        reader.close()
        reader.close()
        thread.join(5)
        assert not thread.is_alive()
        assert time.monotonic() - began < 2
        assert lengths == [0]
        assert len(reader.poll(20)) == 0
    assert no_threads_left()


def test_a_failed_opening_leaves_no_thread_behind(traffic: Traffic) -> None:
    for topic, servers in (("absent", traffic.bootstrap), ("any", "127.0.0.1:1")):
        with pytest.raises(SourceError):
            Kafka(topic=topic, bootstrap_servers=servers).open()
    assert no_threads_left()


def test_a_poll_keeps_to_its_timeout(traffic: Traffic, open_topic: OpenTopic) -> None:
    reader = open_topic(traffic.topic(), "latest")
    for timeout_s in (0.0, 0.05, 0.3):
        began = time.monotonic()
        assert len(reader.poll(timeout_s)) == 0
        assert time.monotonic() - began < timeout_s + 0.15
