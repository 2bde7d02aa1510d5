"""Where events come from. Each source ends in the small protocol of `sources.protocol`."""

from sources.http import Http
from sources.kafka import Kafka
from sources.machine import Machine
from sources.mqtt import Mqtt
from sources.nats import Nats
from sources.protocol import Source
from sources.push import Push
from sources.redis import Redis
from sources.replay import Replay
from sources.simulated import Simulated
from sources.sql import Sql
from sources.websocket import WebSocket

SOURCES: dict[str, type[Source]] = {
    source.kind: source for source in (Simulated, Kafka, Http, WebSocket, Sql, Mqtt, Redis, Nats, Machine, Push, Replay)
}
"""Every source by its name in the link, in the order of the list."""
