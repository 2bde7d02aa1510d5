"""A real Prometheus exporter, from its text to a board."""

from collections.abc import Iterator

import pytest

from sources.http import Http
from state.feed import Feed
from tests.servers.exporter import node_exporter


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
        assert not [name for name in kinds if name.endswith("_bucket")]
    finally:
        feed.close()
        feed.join(10)
