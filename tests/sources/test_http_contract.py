"""What every source promises, of a URL that is polled and of one that pushes; and of both when their server is killed."""

import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from sources.http import Http
from tests.servers.http import Reply, Request, WebServer, as_json, events
from tests.sources import contract
from tests.sources.contract import Counterpart, Subject

Check = Callable[[Any], None]

WINDOW = 30_000


class Numbered:
    """A server that keeps the last WINDOW events: as a list at /list, as a stream at /stream (with ids) and /bare (without)."""

    def __init__(self) -> None:
        self._events: list[bytes] = []
        self._listening = 0
        self._news = threading.Condition()
        self.server = WebServer(self._answer)

    def produce(self, count: int) -> None:
        """Add events; over /bare, once there is somebody to hear them."""
        with self._news:
            for _ in range(count):
                number = len(self._events)
                self._events.append(json.dumps({"n": number, "time": time.time()}).encode())
            self._news.notify_all()

    def wait_for_listener(self) -> None:
        with self._news:
            assert self._news.wait_for(lambda: self._listening > 0, 15)

    def stop(self) -> None:
        with self._news:
            self.server.stopping.set()
            self._news.notify_all()
        self.server.stop()

    def _answer(self, request: Request) -> Reply:
        if request.path == "/list":
            with self._news:
                rows = self._events[-WINDOW:]
            return Reply(b"[" + b",".join(rows) + b"]", headers={"Content-Type": "application/json"})
        if request.path == "/stream":
            return events(self._stream(int(request.headers.get("last-event-id", len(self._events) - 1)) + 1, ids=True))
        if request.path == "/bare":
            return events(self._stream(len(self._events), ids=False))
        return as_json({"n": 1})

    def _stream(self, at: int, *, ids: bool) -> Iterator[bytes]:
        with self._news:
            self._listening += 1
            self._news.notify_all()
        try:
            yield b": hello\n\n"
            while not self.server.stopping.is_set():
                with self._news:
                    self._news.wait_for(lambda at=at: len(self._events) > at or self.server.stopping.is_set(), 1)
                    fresh = self._events[at : at + 500]
                for number, each in enumerate(fresh, at):
                    yield (b"id: %d\n" % number if ids else b"") + b"data: " + each + b"\n\n"
                at += len(fresh)
        finally:
            with self._news:
                self._listening -= 1


@pytest.fixture
def numbered() -> Iterator[Numbered]:
    running = Numbered()
    yield running
    running.stop()


def in_order(table: pa.Table) -> bool:
    return bool((np.diff(table["n"].to_numpy()) > 0).all())


def polled(numbered: Numbered) -> Subject:
    url = numbered.server.url
    return Subject(
        Http(url=url + "/list", every="1s").open, Http(url=url + "/quiet", every="1h").open, numbered.produce, in_order
    )


def pushed(numbered: Numbered) -> Subject:
    url = numbered.server.url

    def produce(count: int) -> None:
        numbered.wait_for_listener()
        numbered.produce(count)

    return Subject(Http(url=url + "/stream").open, Http(url=url + "/bare").open, produce, in_order)


@pytest.mark.parametrize("check", contract.LIVE_CHECKS)
@pytest.mark.parametrize("way", [pushed, pytest.param(polled, marks=pytest.mark.slow)])
def test_the_reader_keeps_the_contract(check: Check, way: Callable[[Numbered], Subject], numbered: Numbered) -> None:
    check(way(numbered))


@pytest.mark.slow
@pytest.mark.parametrize("check", contract.OUTAGE_CHECKS)
@pytest.mark.parametrize(("path", "keeps"), [("/list", True), ("/stream", True), ("/bare", False)])
def test_it_outlives_its_server(check: Check, path: str, keeps: bool, numbered: Numbered) -> None:  # noqa: FBT001 - a parameter
    source = Http(url=numbered.server.url + path, every="1s" if path == "/list" else "5s")

    def produce(count: int) -> None:
        if path != "/list":
            numbered.wait_for_listener()
        for size in itertools.repeat(1_000, count // 1_000):
            numbered.produce(size)
            if count > 2_000:
                contract.until_retry.wait(2 * size / count)  # over two seconds
        numbered.produce(count % 1_000)

    check(Counterpart(source, produce, numbered.stop, numbered.server.start, keeps))
