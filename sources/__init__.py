"""Where events come from. Each source ends in the small protocol of `sources.protocol`."""

from sources.kafka import Kafka
from sources.nats import Nats
from sources.protocol import Source
from sources.replay import Replay
from sources.simulated import Simulated
from sources.websocket import WebSocket

SOURCES: dict[str, type[Source]] = {source.kind: source for source in (Simulated, Kafka, Replay, WebSocket, Nats)}
"""Every source by its name in the link."""
