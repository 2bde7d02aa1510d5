"""A real Prometheus exporter, from its text to a board."""

from collections.abc import Iterator

import pytest

from sources.http import Http
from state.board import MOST_SIDE_BY_SIDE, Board
from state.feed import Feed
from state.schema import Schema
from tests.servers.exporter import node_exporter

ANSWERS = 17


@pytest.fixture(scope="module")
def metrics() -> Iterator[str]:
    with node_exporter() as url:
        yield url


def test_an_exporter_is_a_board_with_its_first_answer(metrics: str) -> None:
    feed = Feed(Http(url=metrics, every="1s"))
    feed.start()
    feed.watch(0.1)
    try:
        feed.wait_for_first_events(20)
        assert feed.status.state == "live", feed.status
        assert feed.reading is not None
        assert feed.reading.format == "prometheus"
        assert feed.malformed == 0
        kinds = {each.name: each.kind for each in feed.schema.offer.measures}
        assert kinds["node_load1"] == "gauge"
        assert kinds["node_cpu_seconds_total"] == "counter"
        assert "node_memory_MemAvailable_bytes" in kinds
        assert Board(source=None).choice(feed.schema.offer).value == "node_load1"  # type: ignore[arg-type] - no matter here
        assert not [name for name in kinds if name.endswith("_bucket")]
    finally:
        feed.close()
        feed.join(10)


@pytest.mark.slow
def test_what_an_exporter_tells_first_is_what_people_look_at(metrics: str) -> None:
    reader, schema = Http(url=metrics, every="1s").open(), Schema()
    first: list[list[str]] = []
    try:
        while len(first) < ANSWERS:
            batch = reader.poll(1)
            if len(batch):
                schema.update(batch.table)
                first.append([each.name for each in schema.offer.measures])
    finally:
        reader.close()
    assert set(first[0]) == set(first[-1])
    shown = first[-1][:MOST_SIDE_BY_SIDE]
    assert {"node_cpu_seconds_total", "node_memory_MemAvailable_bytes"} <= set(shown)
    assert not [name for name in shown if name.endswith(("_info", "_id", "_flags", "_queue_length", "_type", "_Total"))]
